import asyncio
import logging

import pytest

from media_service.adapters.google_stt_models import (
    ModelChoice,
    ModelInUse,
    Probe,
    ProbeOutcome,
    choose_model,
    model_choices,
)

PHONE_ENHANCED = ModelChoice("phone_call", enhanced=True)
PHONE = ModelChoice("phone_call", enhanced=False)
DEFAULT_ENHANCED = ModelChoice("default", enhanced=True)
DEFAULT = ModelChoice("default", enhanced=False)
CHIRP = ModelChoice("chirp_3", enhanced=False)


def scripted(outcomes: dict[ModelChoice, ProbeOutcome], asked: list[ModelChoice]) -> Probe:
    async def probe(choice: ModelChoice) -> ProbeOutcome:
        asked.append(choice)
        return outcomes.get(choice, ProbeOutcome.REFUSED)

    return probe


def test_the_configured_model_comes_first_and_each_enhanced_first() -> None:
    assert model_choices("phone_call") == (PHONE_ENHANCED, PHONE, DEFAULT_ENHANCED, DEFAULT)
    assert model_choices("default") == (DEFAULT_ENHANCED, DEFAULT, PHONE_ENHANCED, PHONE)
    assert [str(each) for each in model_choices("latest_long")][:2] == [
        "latest_long (enhanced=True)",
        "latest_long (enhanced=False)",
    ]


def test_the_chirp_family_is_of_v2_and_has_no_enhanced_variant() -> None:
    assert model_choices("chirp_3") == (CHIRP, PHONE_ENHANCED, PHONE, DEFAULT_ENHANCED, DEFAULT)
    assert model_choices("chirp_3", v2=False) == (PHONE_ENHANCED, PHONE, DEFAULT_ENHANCED, DEFAULT)
    assert [each.is_v2 for each in (CHIRP, DEFAULT)] == [True, False]


async def test_the_first_accepted_model_is_chosen_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    asked: list[ModelChoice] = []
    probe = scripted({DEFAULT_ENHANCED: ProbeOutcome.ACCEPTED}, asked)

    chosen = await choose_model(model_choices("phone_call"), probe, "iw-IL", budget_s=1)

    assert chosen == (DEFAULT_ENHANCED, ProbeOutcome.ACCEPTED)
    assert asked == [PHONE_ENHANCED, PHONE, DEFAULT_ENHANCED]
    assert [record.getMessage() for record in caplog.records] == [
        "⚠️ [STT] Model 'phone_call' not available for iw-IL, trying next…",
        "✅ [STT] Selected model: default (enhanced=True)",
    ]


async def test_an_endpoint_that_cannot_be_reached_is_not_asked_again() -> None:
    asked: list[ModelChoice] = []
    probe = scripted({PHONE_ENHANCED: ProbeOutcome.UNREACHABLE}, asked)
    assert await choose_model(model_choices("phone_call"), probe, "iw-IL", 1) == (None, ProbeOutcome.UNREACHABLE)
    assert asked == [PHONE_ENHANCED]


async def test_a_probe_without_an_answer_does_not_end_the_search() -> None:
    asked: list[ModelChoice] = []
    probe = scripted({PHONE_ENHANCED: ProbeOutcome.UNPROVEN}, asked)
    assert await choose_model(model_choices("phone_call"), probe, "iw-IL", 1) == (None, ProbeOutcome.UNPROVEN)
    assert asked == [PHONE_ENHANCED, PHONE, DEFAULT_ENHANCED, DEFAULT]


async def test_the_search_ends_with_its_budget() -> None:
    """A start that waits for a model is a service that does not answer the phone."""

    async def probe(_: ModelChoice) -> ProbeOutcome:
        await asyncio.Event().wait()
        raise AssertionError

    async with asyncio.timeout(2):
        assert await choose_model(model_choices("default"), probe, "iw-IL", 0.05) == (None, ProbeOutcome.UNPROVEN)


def test_a_refused_model_is_not_offered_to_the_next_call() -> None:
    """Nor is its other variant, as long as there is another model: the caller has no time for that."""
    in_use = ModelInUse(model_choices("phone_call"), PHONE_ENHANCED, "iw-IL")
    assert in_use.current == PHONE_ENHANCED
    assert in_use.refused(PHONE_ENHANCED)
    assert in_use.current == DEFAULT_ENHANCED
    assert in_use.refused(DEFAULT_ENHANCED)
    assert in_use.current == DEFAULT


def test_many_calls_refused_at_once_move_on_by_one_model() -> None:
    in_use = ModelInUse(model_choices("phone_call"), PHONE_ENHANCED, "iw-IL")
    assert all(in_use.refused(PHONE_ENHANCED) for _ in range(5))
    assert in_use.current == DEFAULT_ENHANCED


def test_the_last_model_is_kept_for_want_of_another() -> None:
    in_use = ModelInUse(model_choices("phone_call"), DEFAULT, "iw-IL")
    assert not in_use.refused(DEFAULT)
    assert in_use.current == DEFAULT
