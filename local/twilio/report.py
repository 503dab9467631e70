"""What one call came to, as the phone's side heard it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from local.recording import Recording
from local.twilio.assistant_leg import LegRecord
from local.twilio.line import Spell
from local.twilio.participant import SpokenTurn
from local.twilio.timeline import Kind, TimelineEvent


class EndedBy(StrEnum):
    CALLER = "caller"
    CALLEE = "callee"
    SERVICE = "service"
    """It closed the stream, or its TwiML ended the call or ran out."""
    LIMIT = "limit"
    """The caller hung up because the script's time was over."""
    ERROR = "error"
    """Twilio got no usable TwiML and played its own error message."""


@dataclass(frozen=True, slots=True)
class TwilioWarning:
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class HeardTurn:
    """One utterance of the caller and how it was answered. Times are seconds since dialling."""

    text: str
    started_at: float
    ended_at: float
    """When the last frame that is loud enough to be speech was sent."""
    answered_at: float | None
    """When the answer's first sound was heard; None if the caller spoke again, or the call ended, before it."""
    barge_in: bool
    silenced_s: float | None
    """For a barge-in: how long the assistant could still be heard after the caller began."""

    @property
    def latency_s(self) -> float | None:
        """Of the answer. Negative when the assistant began before the caller had finished."""
        return None if self.answered_at is None else self.answered_at - self.ended_at


@dataclass(frozen=True, slots=True)
class CallReport:
    call_sid: str
    timeline: tuple[TimelineEvent, ...]
    turns: tuple[HeardTurn, ...]
    legs: tuple[LegRecord, ...]
    recording: Recording
    ended_by: EndedBy
    duration_s: float

    @property
    def warnings(self) -> tuple[TwilioWarning, ...]:
        """What Twilio's debugger would show."""
        return tuple(
            TwilioWarning(event.code or 0, event.text) for event in self.timeline if event.kind is Kind.WARNING
        )

    @property
    def greeting_latency_s(self) -> float | None:
        """From the first stream's start message to the first audio received on it."""
        if not self.legs or self.legs[0].first_media_at is None:
            return None
        return self.legs[0].first_media_at - self.legs[0].started_at

    @property
    def worst_lateness_s(self) -> float:
        """How far the simulator fell behind real time; what it measured is no better than this."""
        return max((leg.worst_lateness_s for leg in self.legs), default=0.0)


def heard_turns(
    spoken: Sequence[SpokenTurn], spells: Sequence[Spell], clears: Sequence[float]
) -> tuple[HeardTurn, ...]:
    """Match what the caller said with what was heard after it. All in the order of time, on one clock.

    Speech that was already on when the caller began is no answer. After a barge-in the rest of the interrupted
    reply is none either, even if it paused in between: what counts comes after the `clear`.
    """
    turns = []
    for index, turn in enumerate(spoken):
        if turn.ended_at is None:
            continue
        next_began = spoken[index + 1].started_at if index + 1 < len(spoken) else float("inf")
        cleared_at = next((at for at in clears if turn.started_at <= at < next_began), None)
        after = cleared_at if turn.barge_in and cleared_at is not None else turn.started_at
        answered_at = next((s.started_at for s in spells if after < s.started_at < next_began), None)
        interrupted = next((s for s in spells if s.started_at <= turn.started_at <= s.ended_at), None)
        silenced_s = interrupted.ended_at - turn.started_at if turn.barge_in and interrupted else None
        turns.append(HeardTurn(turn.text, turn.started_at, turn.ended_at, answered_at, turn.barge_in, silenced_s))
    return tuple(turns)
