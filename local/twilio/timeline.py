"""What happened during a call, as the phone's side saw it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    DIALLED = "dialled"
    WEBHOOK = "webhook"
    LEG_STARTED = "leg started"
    LEG_ENDED = "leg ended"
    CALLER_STARTED = "caller started"
    CALLER_STOPPED = "caller stopped"
    CALLEE_STARTED = "callee started"
    CALLEE_STOPPED = "callee stopped"
    ASSISTANT_STARTED = "assistant started"
    ASSISTANT_STOPPED = "assistant stopped"
    BARGE_IN = "barge-in"
    UNANSWERED = "unanswered"
    MARK = "mark"
    CLEAR = "clear"
    DIGIT = "digit"
    FAULT = "fault"
    ANNOUNCEMENT = "announcement"
    RECORDING = "recording"
    WARNING = "warning"
    HUNG_UP = "hung up"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    at: float
    """Seconds from dialling."""
    kind: Kind
    text: str = ""
    """Spoken words for the two `started` kinds of people, otherwise a short description."""
    leg: int = 0
    """The media stream it belongs to, counted from 1; 0 outside of any."""
    code: int | None = None
    """Twilio's number, for a warning."""


Listener = Callable[[TimelineEvent], None]


class Timeline:
    """Collects the events of one call and passes each on as it becomes known.

    The end of speech is known only after a silence, so an event may arrive a little after one with a later time;
    `in_order()` is sorted.
    """

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener
        self._events: list[TimelineEvent] = []
        self.leg = 0

    def note(self, at: float, kind: Kind, text: str = "", code: int | None = None) -> None:
        event = TimelineEvent(at, kind, text, self.leg, code)
        self._events.append(event)
        if self._listener is not None:
            self._listener(event)

    def warn(self, at: float, code: int, text: str) -> None:
        self.note(at, Kind.WARNING, text, code)

    def in_order(self) -> tuple[TimelineEvent, ...]:
        return tuple(sorted(self._events, key=lambda event: event.at))
