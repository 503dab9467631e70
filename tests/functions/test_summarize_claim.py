from datetime import timedelta

import pytest

from functions.summarize.claim import Standing, claimed, released, standing
from functions.summarize.outcome import Outcome, outcome_of
from tests.functions.summarize_calls import BEGAN_AT, demo_call


def _outcome(events: int = 10) -> Outcome:
    outcome = outcome_of(demo_call()[10 - events :])
    assert outcome
    return outcome


def test_the_first_to_come_may_ask_the_model() -> None:
    assert standing({}, _outcome(), "me", BEGAN_AT, 70) is Standing.FREE
    assert standing(released(), _outcome(), "me", BEGAN_AT, 70) is Standing.FREE


@pytest.mark.parametrize(("age_s", "expected"), [(0, Standing.TAKEN), (69, Standing.TAKEN), (70, Standing.FREE)])
def test_a_claim_ends_with_its_age(age_s: int, expected: Standing) -> None:
    """Whoever made it must have died: its summary is not waited for any longer."""
    call = claimed(_outcome(), "another", BEGAN_AT)
    assert standing(call, _outcome(), "me", BEGAN_AT + timedelta(seconds=age_s), 70) is expected


def test_who_knows_more_does_not_wait_for_who_knows_less() -> None:
    assert standing(claimed(_outcome(8), "another", BEGAN_AT), _outcome(9), "me", BEGAN_AT, 70) is Standing.FREE


def test_who_knows_less_waits_for_who_knows_more() -> None:
    assert standing(claimed(_outcome(9), "another", BEGAN_AT), _outcome(8), "me", BEGAN_AT, 70) is Standing.TAKEN


@pytest.mark.parametrize("based_on", [10, 11])
def test_a_summary_of_as_many_events_is_not_made_again(based_on: int) -> None:
    assert standing({"summary_based_on": based_on}, _outcome(), "me", BEGAN_AT, 70) is Standing.DONE


@pytest.mark.parametrize("broken", ["yes", {}, {"at": "now", "based_on": 10}, {"at": BEGAN_AT, "based_on": None}])
def test_a_claim_nobody_could_have_made_holds_nobody_up(broken: object) -> None:
    assert standing({"summary_claim": broken}, _outcome(), "me", BEGAN_AT, 70) is Standing.FREE


def test_a_run_does_not_wait_for_itself() -> None:
    """The answer to its claim was lost, and the write is tried again."""
    assert standing(claimed(_outcome(), "me", BEGAN_AT), _outcome(), "me", BEGAN_AT, 70) is Standing.OURS
