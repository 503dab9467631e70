"""What happened in a call, for scores and pictures: what the core was told, what it decided, what the caller heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from calls.events import CallEnded, UtteranceFinal
from evals.turns.handset import Heard
from evals.turns.items import Turn
from media_service.core import actions, events
from media_service.core.conversation import Conversation

_GAP_S: Final = 0.06
"""Silence at the ear that nobody notices: between two clips, or two pieces of one."""


@dataclass(frozen=True, slots=True)
class Result:
    """A recognition result, when the core got it."""

    at: float
    text: str
    is_final: bool
    end_s: float | None


@dataclass(frozen=True, slots=True)
class Closed:
    """The core took the caller's turn, or a piece of it, to be over."""

    at: float
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Request:
    """The model was asked."""

    at: float
    number: int
    caller_said: str
    """Everything the caller has said since the assistant's question, as the model reads it."""


@dataclass(slots=True)
class Trace:
    """Times in seconds from the beginning of the call."""

    turn: Turn
    turn_at: float = 0.0
    """Where the turn's own zero lies."""
    again_at: float | None = None
    """Where the zero of what is said after the reply lies."""
    question_at: float = 0.0
    """When the question was first heard."""
    question: str = ""
    """Its words, as the voice has them."""
    results: list[Result] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    cancelled: list[tuple[float, int]] = field(default_factory=list)
    replies: list[tuple[float, str]] = field(default_factory=list)
    """What the model answered to each request of the turn, and when its first words came."""
    syntheses: list[tuple[float, str]] = field(default_factory=list)
    """When each was ready, and its text."""
    clears: list[float] = field(default_factory=list)
    """When the core dropped what was playing."""
    streams: list[float] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    """The caller's words as they were published."""
    not_answered: list[str] = field(default_factory=list)
    """Those of them that were kept and not taken for a turn."""
    end_reason: str = ""
    ended_at: float = 0.0
    late_s: float = 0.0
    """How far the simulation itself fell behind real time, at worst."""
    trouble: str = ""
    """Why the call could not be played as it was meant to be."""

    @property
    def words_at(self) -> float:
        """When the turn's first word began."""
        return self.turn_at + self.turn.start_s

    @property
    def over_at(self) -> float:
        """When its last word ended."""
        return self.turn_at + self.turn.end_s

    def spans(self, pieces: Sequence[Heard]) -> list[tuple[float, float]]:
        """When something of these could be heard, without the gaps that nobody notices."""
        out: list[tuple[float, float]] = []
        for piece in sorted(pieces, key=lambda piece: piece.start):
            if out and piece.start - out[-1][1] <= _GAP_S:
                out[-1] = (out[-1][0], max(out[-1][1], piece.end))
            else:
                out.append((piece.start, piece.end))
        return out

    def reply_of(self, piece: Heard) -> int | None:
        """Which reply to the turn this is a piece of."""
        said = "" if piece.clip is None else piece.clip.text
        for number, (_, text) in enumerate(self.replies):
            if said and f" {said} " in f" {text} ":
                return number
        return None

    def is_question(self, piece: Heard) -> bool:
        """Whether these are words of the question, in a row: it may be said in pieces."""
        said = "" if piece.clip is None else piece.clip.text
        return bool(said) and f" {said} " in f" {self.question} "

    @property
    def of_question(self) -> list[Heard]:
        return [piece for piece in self.heard if self.is_question(piece)]

    @property
    def of_others(self) -> list[Heard]:
        """Everything else the assistant said once the question was heard."""
        return [piece for piece in self.heard if piece.start >= self.question_at and not self.is_question(piece)]


def note_event(trace: Trace, event: events.Event, at: float) -> None:
    if isinstance(event, events.StreamResult):
        result = event.result
        trace.results.append(Result(at, result.text, result.is_final, result.end_s))


def note_actions(trace: Trace, decided: Sequence[actions.Action], at: float) -> None:
    for action in decided:
        match action:
            case actions.ReportFinal() if action.is_answered:
                trace.closed.append(Closed(at, action.text, action.reason))
            case actions.ReportFinal():
                trace.not_answered.append(action.text)
            case actions.StartReply():
                trace.requests.append(Request(at, action.turn, _since_question(trace, action.conversation)))
            case actions.CancelReply():
                trace.cancelled.append((at, action.turn))
            case actions.ClearPlayback():
                trace.clears.append(at)
            case actions.Publish(UtteranceFinal() as said) if said.speaker == "caller":
                trace.published.append(said.text)
            case actions.Publish(CallEnded() as end):
                trace.end_reason = end.reason
            case _:
                pass


def _since_question(trace: Trace, conversation: Conversation) -> str:
    caller = [turn.text for turn in conversation.turns if turn.speaker == "caller"]
    return " ".join(caller[1:] if trace.turn.opener else caller)
