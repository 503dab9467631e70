"""A stream that is lost is opened again, whatever `incoming_call`, `stream_status` and `summarize` learn first.

The three write on one document; here they do so in every order, each with the decisions that it makes in the cloud.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls import records
from calls.call_end import is_over, written_by_service
from calls.events import CallEvent
from calls.missing_records import Documents, MetCall
from functions.incoming_call.decisions import Answer, Connect, HangUp, Voicemail, after_stream
from functions.stream_status.progress import Report, changes
from functions.summarize.outcome import outcome_of
from functions.summarize.records_update import call_facts
from tests.functions.summarize.example_calls import BEGAN_AT, CALL_SID, CALLER, ended, said

MET = MetCall(CALL_SID, CALLER, "+97231234567", "assistant", BEGAN_AT, 365)


class Line:
    """The documents of one call, and what its caller's line was answered."""

    def __init__(self) -> None:
        self.call = records.new_call(CALL_SID, CALLER, "", "assistant", BEGAN_AT, 365) | {"status": "in_progress"}
        self.lead = records.new_lead(CALL_SID, CALLER, "", BEGAN_AT, 365)
        self.answers: list[Answer] = []
        self._events: list[CallEvent] = []

    def arrives(self, event: CallEvent) -> None:
        self._events.append(event)
        if outcome := outcome_of(self._events):
            self.call |= call_facts(self.call, outcome)

    def asks(self, request: str, status: str = "in-progress") -> None:
        decision = after_stream(MET, status, request, 2, True, Documents(self.call, self.lead))
        self.answers.append(decision.answer)
        self.call |= decision.call
        self.lead |= decision.lead

    def reports(self, event: str, stream_sid: str, second: int) -> None:
        at = BEGAN_AT + timedelta(seconds=second)
        report = Report(CALL_SID, event, stream_sid, "", "", "", "", at)
        changed = changes(report, Documents(self.call, self.lead), at, 365)
        self.call |= changed.call
        self.lead |= changed.lead

    def service_writes(self, reason: str) -> None:
        self.call |= {"end_reason": reason, "ended_at": BEGAN_AT, **written_by_service(reason)}

    def leg_is_written(self, leg: int) -> None:
        self.call["stream"] = {**self.call["stream"], "leg": leg}


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    on: Callable[[Line], Any]

    def __repr__(self) -> str:
        return self.name


ASKS = Step("Twilio asks", lambda line: line.asks("r1"))
ASKS_AGAIN = Step("Twilio asks again", lambda line: line.asks("r1"))
LOST = [
    Step("utterance", lambda line: line.arrives(said(1, "אני צריכה טכנאי"))),
    Step("call.ended", lambda line: line.arrives(ended(2, "caller_hangup"))),
    Step("call.ended again", lambda line: line.arrives(ended(2, "caller_hangup"))),
    Step("stream-started", lambda line: line.reports("stream-started", "MZ1", 1)),
    Step("stream-error", lambda line: line.reports("stream-error", "MZ1", 9)),
    Step("leg 1", lambda line: line.leg_is_written(1)),
]
orders = settings(max_examples=1000, deadline=None)


@orders
@given(st.permutations([*LOST, ASKS, ASKS_AGAIN]))
def test_a_caller_whose_stream_broke_is_connected_again_and_not_hung_up(order: list[Step]) -> None:
    """Whether what the service said of it comes 50 ms or 3 s before Twilio's question, or after."""
    line = Line()
    for step in order:
        step.on(line)
    assert [answer.leg for answer in line.answers if isinstance(answer, Connect)] == [2, 2]
    assert (line.call["status"], line.call["end_reason"], line.call["ended_at"]) == ("in_progress", None, None)


@orders
@given(st.permutations([*LOST, ASKS]), st.sampled_from(["assistant_goodbye", "silence", "max_duration", "error"]))
def test_an_end_that_the_service_meant_is_the_end_whatever_events_come_with_it(order: list[Step], reason: str) -> None:
    """The service writes before it closes the socket, so before Twilio can ask."""
    line = Line()
    order.insert(order.index(ASKS), Step("the service writes", lambda line: line.service_writes(reason)))
    for step in order:
        step.on(line)
    assert line.answers == [HangUp()]
    assert is_over(line.call)


@orders
@given(st.permutations([*LOST, ASKS]), st.booleans())
def test_a_drained_call_goes_on_in_any_order(order: list[Step], written: bool) -> None:
    line = Line()
    for step in order:
        if step is ASKS and written:
            line.service_writes("drained")
        step.on(line)
    assert [type(answer) for answer in line.answers] == [Connect]
    assert line.call["status"] == "in_progress"


@orders
@given(st.permutations([*LOST, Step("Twilio tells the end", lambda line: line.asks("r1", "completed"))]))
def test_a_caller_who_hung_up_gets_no_stream_by_a_replayed_webhook(order: list[Step]) -> None:
    line = Line()
    for step in order:
        step.on(line)
    line.asks("replayed")
    assert line.answers == [HangUp(), HangUp()]
    assert (line.call["status"], line.call["end_reason"]) == ("completed", "caller_hangup")


@pytest.mark.parametrize("last_reason", ["caller_hangup", "assistant_goodbye"])
def test_the_end_of_the_second_leg_is_that_of_the_call(last_reason: str) -> None:
    line = Line()
    for step in [*LOST, ASKS]:
        step.on(line)
    line.arrives(said(1, "שלום", leg=2))
    line.arrives(ended(2, last_reason, leg=2))
    assert (line.call["status"], line.call["end_reason"]) == ("completed", last_reason)
    line.arrives(ended(2, "caller_hangup"))
    assert line.call["end_reason"] == last_reason


def test_a_caller_who_hangs_up_before_the_second_leg_has_ended_the_call() -> None:
    """The instance may be lost with it, or never have been reached; then no event of that leg comes."""
    line = Line()
    for step in [*LOST, ASKS]:
        step.on(line)
    line.asks("r2", "completed")
    assert (line.call["status"], line.call["end_reason"]) == ("completed", "caller_hangup")


def test_a_caller_who_cannot_be_connected_again_is_asked_for_a_message_and_not_hung_up() -> None:
    line = Line()
    for leg in (1, 2, 3):
        line.leg_is_written(leg)
        line.arrives(ended(1, "caller_hangup", leg=leg))
        line.asks(f"r{leg}")
    assert line.answers == [Connect(2), Connect(3), Voicemail()]
