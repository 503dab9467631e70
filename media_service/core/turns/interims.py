"""Show interim results only when they changed and not too often; the last one before a pause is never lost."""

from __future__ import annotations

import math

from media_service.core.recognition.wording import Wording
from media_service.core.turns.utterance import InterimShown


class InterimDebounce:
    """Of one speaker. `interval_s` is the least time between two that are shown."""

    def __init__(self, speaker: str, interval_s: float, wording: Wording) -> None:
        self._speaker = speaker
        self._interval_s = interval_s
        self._wording = wording
        self._shown = ""
        self._waiting: str | None = None
        self._next_at = -math.inf

    def offer(self, text: str, now: float) -> list[InterimShown]:
        """Show the text if it may be shown now; otherwise it waits for `due`, replaced by whatever comes later."""
        if not text or text == self._shown:
            self._waiting = None
            return []
        self._waiting = text
        return self.due(now)

    def due(self, now: float) -> list[InterimShown]:
        """The text that was waiting, once its time has come."""
        if self._waiting is None or now < self._next_at:
            return []
        self._shown, self._waiting = self._waiting, None
        self._next_at = now + self._interval_s
        return [self._show(self._shown)]

    def flush(self) -> list[InterimShown]:
        """The utterance is over: what still waits is shown now, and the next utterance starts afresh."""
        waiting, self._waiting = self._waiting, None
        self._shown, self._next_at = "", -math.inf
        return [] if waiting is None else [self._show(waiting)]

    def deadline(self) -> float:
        return self._next_at if self._waiting is not None else math.inf

    def _show(self, text: str) -> InterimShown:
        return InterimShown(self._speaker, self._wording.interim(text))
