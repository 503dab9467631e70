"""How this caller speaks: whoever pauses for long in a sentence is given longer, who never does is answered sooner."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaceSettings:
    least_pause_s: float = 0.25
    """Shorter silences are gaps between words, and tell nothing."""

    margin: float = 1.25
    """So much longer than the caller's own pauses is waited."""

    longest_s: float = 1.2
    """No pace makes the assistant wait longer for an ordinary sentence."""

    quickest: float = 0.8
    """The share of the ordinary patience left for a caller who has never paused."""

    turns_to_judge: int = 3
    """So many turns without a pause make a quick caller."""


class Pace:
    def __init__(self, settings: PaceSettings = PaceSettings()) -> None:
        self._settings = settings
        self._pauses: deque[float] = deque(maxlen=4)
        self._turns_without = 0

    def paused(self, pause_s: float) -> None:
        """The caller went on after a silence of this length: it was not the end of the turn."""
        if self._settings.least_pause_s <= pause_s <= 2 * self._settings.longest_s:
            self._pauses.append(pause_s)
            self._turns_without = 0

    def finished(self) -> None:
        """A turn is over."""
        self._turns_without += 1

    def patience_s(self, ordinary_s: float) -> float:
        """How long an ordinary sentence of this caller is waited for; never less than `ordinary_s` for a slow one."""
        settings = self._settings
        if self._pauses:
            own_s = settings.margin * sorted(self._pauses)[len(self._pauses) // 2]
            return max(ordinary_s, min(own_s, settings.longest_s))
        return ordinary_s * (settings.quickest if self._turns_without >= settings.turns_to_judge else 1.0)
