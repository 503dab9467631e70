"""How long the assistant leaves a caller in silence, as the phone heard it."""

from __future__ import annotations

from local.recording import Recording
from local.soak.off import longest_silence_s
from local.twilio.assistant_leg import LegRecord
from local.twilio.line import Piece
from local.twilio.report import CallReport, EndedBy
from local.twilio.timeline import Kind, TimelineEvent

SOUND = b"\x10\x90" * 80


def report(caller: list[float], assistant: list[float], keys: list[float], ended_at: float) -> CallReport:
    return CallReport(
        "CA1",
        tuple(TimelineEvent(at, Kind.DIGIT, "5") for at in keys),
        (),
        (LegRecord(1, "MZ1", 0.0, ended_at=ended_at),),
        Recording(tuple(Piece(at, SOUND) for at in caller), tuple(Piece(at, SOUND) for at in assistant)),
        EndedBy.SERVICE,
        ended_at,
    )


def test_the_assistant_is_waited_for_after_the_caller_spoke_or_typed() -> None:
    assert longest_silence_s(report([1.0], [2.5, 9.0], [4.0, 4.2], 9.5)) == 9.0 - 4.2


def test_a_caller_who_does_not_answer_keeps_nobody_waiting() -> None:
    assert longest_silence_s(report([1.0], [2.5, 20.0], [], 20.1)) == 1.5


def test_a_call_that_ends_without_an_answer_was_silent_to_its_end() -> None:
    assert longest_silence_s(report([1.0], [], [], 6.0)) == 5.0
