"""When a call that lost its process counts as kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from local.phone import CallReport, EndedBy, Kind, TimelineEvent
from local.recording import Recording
from local.soak.doomed import Watch
from local.soak.kills import POINTS, Outcome, Point, lacking, table
from local.stored_records import CallRecords

POINT = Point("in the middle", ("name",), POINTS[2].moment)
NAME = {"value": "דנה", "quote": "קוראים לי דנה", "call_sid": "CA1", "leg": 1, "seq": 4, "confirmed": False}
CALL = {"end_reason": "assistant_goodbye", "transcript_complete": True, "summary_status": "done"}
LEAD: dict[str, Any] = {
    "name": "דנה",
    "need": "מזגן",
    "phone": "+972501234567",
    "callback_time": "מחר",
    "status": "captured",
    "fields": {"name": NAME},
}


def outcome(point: Point = POINT, known: Any = None, heard_on_leg: int = 2, **lead: Any) -> Outcome:
    heard = TimelineEvent(9.0, Kind.ASSISTANT_STARTED, leg=heard_on_leg)
    report = CallReport("CA1", (heard,), (), (), Recording((), ()), EndedBy.SERVICE, 20.0)
    return Outcome(point, report, {"name": NAME} if known is None else known, CallRecords(CALL, {**LEAD, **lead}), 0.1)


def test_a_call_that_goes_on_with_all_that_was_told_is_kept() -> None:
    assert outcome().is_good
    assert outcome(fields={"name": {**NAME, "confirmed": True}}).is_good


@pytest.mark.parametrize(
    "broken",
    [
        outcome(fields={"name": {**NAME, "value": "דינה"}}),
        outcome(fields={"name": {**NAME, "quote": "הקו נותק לרגע"}}),
        outcome(fields={}),
        outcome(known={}),
        outcome(heard_on_leg=1),
        outcome(need=""),
    ],
    ids=["another value", "another's words", "lost later", "lost at once", "did not go on", "incomplete"],
)
def test_anything_less_is_not(broken: Outcome) -> None:
    assert not broken.is_good


def test_a_caller_who_has_hung_up_has_no_next_leg_and_a_lead_all_the_same() -> None:
    hung_up = replace(POINT, legs=1, goes_on=False)

    assert outcome(hung_up, heard_on_leg=1, need="").is_good
    assert lacking(hung_up, CallRecords({**CALL, "summary_status": "pending"}, {**LEAD, "status": "in_call"})) == [
        "the lead's status is 'in_call'",
        "summary_status is 'pending'",
    ]
    assert lacking(hung_up, CallRecords(None, None))[0] == "the lead has no phone"


def test_the_table_names_what_was_lost() -> None:
    *_, kept, lost = table([outcome(), outcome(fields={}, heard_on_leg=1)])

    assert kept == "| in the middle | name | 0 | captured | 0.1 s |"
    assert "LOST name" in lost
    assert "the call did not go on" in lost


def test_every_point_has_a_name_of_its_own_and_a_place_in_the_call() -> None:
    assert len({point.name for point in POINTS}) == 10
    assert {point.process.__name__ for point in POINTS} == {"media_service", "incoming_call", "summarize"}


async def test_an_event_is_waited_for_and_found_when_it_was_before() -> None:
    watch = Watch()
    waiting = asyncio.create_task(watch.seen(Kind.WEBHOOK, "ringing"))
    watch.note(TimelineEvent(0.0, Kind.DIALLED))
    await asyncio.sleep(0)
    assert not waiting.done()

    watch.note(TimelineEvent(0.1, Kind.WEBHOOK, "ringing -> ..."))
    async with asyncio.timeout(1.0):
        await waiting
        await watch.seen(Kind.DIALLED)
