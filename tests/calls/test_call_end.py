"""Who may end a call, and who only tells of it."""

from __future__ import annotations

from typing import Any

import pytest

from calls.call_end import TOLD_BY, goes_on, is_over, written_by_service


@pytest.mark.parametrize(
    "call",
    [
        {"end_reason": "assistant_goodbye", TOLD_BY: "service"},
        {"end_reason": "silence"},
        {"status": "completed"},
        {"status": "failed", TOLD_BY: "twilio"},
        {"status": "completed", "end_reason": "drained", TOLD_BY: "twilio"},
    ],
)
def test_a_call_is_over_where_the_service_or_twilio_says_so(call: dict[str, Any]) -> None:
    assert is_over(call)


@pytest.mark.parametrize(
    "call",
    [
        {},
        {"status": "in_progress", "end_reason": None, TOLD_BY: None},
        {"status": "in_progress", "end_reason": "drained"},
        {"status": "completed", "end_reason": "caller_hangup", TOLD_BY: "event"},
    ],
)
def test_a_drain_and_an_event_end_no_call(call: dict[str, Any]) -> None:
    assert not is_over(call)


def test_a_drain_written_after_its_own_event_does_not_make_that_the_last_word() -> None:
    told_by_event = {"status": "completed", "end_reason": "drained", TOLD_BY: "event"}
    assert not is_over({**told_by_event, "end_reason": "drained", **written_by_service("drained")})
    assert is_over({**told_by_event, "end_reason": "silence", **written_by_service("silence")})


def test_a_call_that_goes_on_shows_no_end() -> None:
    assert goes_on({"status": "in_progress"}) == {}
    assert goes_on({"status": "completed", "end_reason": "error", "ended_at": 1, TOLD_BY: "event"}) == {
        "status": "in_progress",
        "end_reason": None,
        "ended_at": None,
        TOLD_BY: None,
    }
