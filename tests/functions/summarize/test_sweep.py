"""When the sweep waits for a call, and how it ends one."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from calls.records import QUIET_S
from functions.summarize.outcome import Closing
from functions.summarize.sweep import SETTLED_S, LastEvent, closing, quiet_until
from tests.functions.summarize.example_calls import BEGAN_AT

LATER = BEGAN_AT + timedelta(seconds=30)
CALL: dict[str, Any] = {"status": "in_progress", "started_at": BEGAN_AT}


@pytest.mark.parametrize(
    ("call", "last", "heard_at"),
    [
        (CALL, None, BEGAN_AT),
        (CALL | {"stream": {"started_at": LATER}}, None, LATER),
        (CALL, LastEvent(1, LATER, None), LATER),
    ],
)
def test_a_call_is_waited_for_from_when_it_was_heard_of_last(
    call: dict[str, Any], last: LastEvent | None, heard_at: datetime
) -> None:
    assert quiet_until(call, last) == heard_at + timedelta(seconds=QUIET_S)


def test_a_call_that_is_over_is_waited_for_shorter() -> None:
    over = CALL | {"status": "completed"}
    assert quiet_until(over, LastEvent(1, LATER, None)) == LATER + timedelta(seconds=SETTLED_S)


def test_two_minutes_between_sweeps_leave_no_lead_in_a_call_for_five() -> None:
    assert QUIET_S + 120 < 300


def test_a_call_without_any_time_is_not_waited_for() -> None:
    assert quiet_until({"status": "in_progress", "stream": None}, None) is None


@pytest.mark.parametrize(
    ("call", "last", "expected"),
    [
        (CALL, None, Closing(1, BEGAN_AT)),
        (CALL, LastEvent(2, LATER, LATER), Closing(2, LATER)),
        (CALL | {"reconnects": 2}, LastEvent(1, LATER, LATER), Closing(3, LATER)),
        (CALL | {"stream": {"leg": 2, "stopped_at": LATER}}, None, Closing(2, LATER)),
        (CALL | {"ended_at": LATER, "stream": "?", "reconnects": "?"}, None, Closing(1, LATER)),
        ({}, None, Closing(1, LATER)),
    ],
)
def test_a_call_ended_on_its_last_leg_when_it_was_heard_of_last(
    call: dict[str, Any], last: LastEvent | None, expected: Closing
) -> None:
    assert closing(call, last, LATER) == expected
