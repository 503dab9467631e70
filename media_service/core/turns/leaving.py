"""When and why the assistant ends the call: after a goodbye that the caller had time to answer, or when time is up."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeavingSettings:
    max_call_s: float = 1800.0
    """Far below the hour after which Cloud Run cuts the socket."""

    warn_before_s: float = 60.0
    """How long before that the caller is told."""

    sentence_s: float = 10.0
    """How long a caller who is speaking then may take to the end of the sentence."""

    grace_s: float = 1.0
    """How long after a goodbye the line stays open: "wait, one more thing" begins late."""


class Leaving:
    def __init__(self, settings: LeavingSettings, now: float) -> None:
        self._settings = settings
        self.reason = "assistant_goodbye"
        """One of `calls.events.END_REASONS`."""
        self.warn_at = now + settings.max_call_s - settings.warn_before_s
        self.time_is_up_at = now + settings.max_call_s
        self._last_s = now + settings.max_call_s + settings.sentence_s
        self.hang_up_at = math.inf
        """When the line is closed; infinity until a goodbye was heard."""

    @property
    def is_bidden(self) -> bool:
        """The goodbye was heard, and the line is about to be closed."""
        return self.hang_up_at < math.inf

    def goodbye_heard(self, now: float) -> None:
        self.hang_up_at = now + self._settings.grace_s

    def caller_stirs(self, now: float) -> None:
        """The caller makes a sound after the goodbye; it may become words."""
        self.hang_up_at = now + self._settings.grace_s

    def stays(self) -> None:
        """The caller has something else to say."""
        self.hang_up_at = math.inf

    def may_finish(self, now: float) -> bool:
        """Time is up while the caller speaks. True if it waits for the end of the sentence."""
        if now >= self._last_s:
            return False
        self.time_is_up_at = min(now + 0.5, self._last_s)
        return True

    def postpone(self, now: float, wait_s: float) -> None:
        """Time is up while the assistant says goodbye anyway."""
        self.time_is_up_at = now + wait_s

    def warned(self) -> None:
        self.warn_at = math.inf

    def over(self) -> None:
        self.warn_at = self.time_is_up_at = self.hang_up_at = math.inf

    def deadline(self) -> float:
        return min(self.warn_at, self.time_is_up_at, self.hang_up_at)
