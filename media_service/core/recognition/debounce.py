"""Pass on interim results only when they changed, and not too often; the last one before a pause is never lost."""

from __future__ import annotations

import math


class InterimDebounce:
    """One utterance's interims. `interval_s` is the least time between two that are passed on."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._shown = ""
        self._waiting: str | None = None
        self._next_at = -math.inf

    def offer(self, text: str, now: float) -> str | None:
        """The text if it may pass now; otherwise it waits for `due`, replaced by whatever comes later."""
        if not text or text == self._shown:
            self._waiting = None
            return None
        self._waiting = text
        return self.due(now)

    def due(self, now: float) -> str | None:
        """The text that was waiting, once its time has come."""
        if self._waiting is None or now < self._next_at:
            return None
        self._shown, self._waiting = self._waiting, None
        self._next_at = now + self._interval_s
        return self._shown

    def flush(self) -> str | None:
        """End the utterance: what still waits passes now, and the next utterance starts afresh."""
        waiting, self._waiting = self._waiting, None
        self._shown, self._next_at = "", -math.inf
        return waiting

    def deadline(self) -> float:
        return self._next_at if self._waiting is not None else math.inf
