"""How a call ends: why, and whether the caller may come back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from media_service.core.events import CallerHungUp, DrainStarted, EndingEvent, RunnerFailed, SocketLost


@dataclass(frozen=True, slots=True)
class Ending:
    reason: str
    """One of `calls.events.END_REASONS`."""
    at: float
    over_at: float
    """The last words have until then to arrive."""
    may_come_back: bool = False
    """The socket was lost, the caller perhaps not: no reason goes on record, so that Twilio connects them again."""

    def followed_by(self, other: Ending) -> Ending:
        """The first ending stands. A drain makes it shorter; a socket that closes after a hang-up does not."""
        return replace(self, over_at=min(self.over_at, other.over_at)) if other.reason == "drained" else self


@dataclass(frozen=True, slots=True)
class LastWords:
    """How long the recognizer may take to give what was said before the call was over. Only words owed are awaited."""

    wait_s: float = 2.4
    """While somebody waits for the end: Cloud Run, or Twilio for what to do next. A stream has 0.7 s of it, and a
    single request the rest."""

    after_hang_up_s: float = 20.0
    """Once the caller has hung up. A recognizer that refuses may be asked again until then."""


def ending_of(event: EndingEvent, now: float, last_words: LastWords) -> Ending:
    """The ending this event brings about."""
    match event:
        case CallerHungUp():
            return Ending("caller_hangup", now, now + last_words.after_hang_up_s)
        case SocketLost():
            reason = "error" if event.because_of_us else "caller_hangup"
            return Ending(reason, now, now + last_words.wait_s, may_come_back=True)
        case DrainStarted():
            return Ending("drained", now, now + last_words.wait_s)
        case RunnerFailed():
            return Ending("error", now, now)
        case _:
            assert_never(event)
