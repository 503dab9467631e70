"""Collect the digits a caller types into one number."""

from __future__ import annotations

import math

_PAUSE_S = 3.0
_DIGITS = frozenset("0123456789")
_ENDS = frozenset("#*")
_LONGEST = 15
"""Digits of the longest E.164 number."""


class Keypad:
    """A number ends with #, with a pause, or when it cannot be longer."""

    def __init__(self) -> None:
        self._digits = ""
        self._ends_at = math.inf

    @property
    def is_typing(self) -> bool:
        """Whether there are digits that do not make a number yet."""
        return bool(self._digits)

    def press(self, digit: str, now: float) -> str:
        """The number this key completes, or ""."""
        if digit in _DIGITS:
            self._digits += digit
            self._ends_at = now + _PAUSE_S
        return self._take() if digit in _ENDS or len(self._digits) >= _LONGEST else ""

    def due(self, now: float) -> str:
        """The number completed by a pause, or ""."""
        return self._take() if now >= self._ends_at else ""

    def flush(self) -> str:
        """What was typed so far, or ""; nothing more will be."""
        return self._take()

    def deadline(self) -> float:
        return self._ends_at

    def _take(self) -> str:
        digits, self._digits = self._digits, ""
        self._ends_at = math.inf
        return digits
