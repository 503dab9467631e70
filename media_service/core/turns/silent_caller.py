"""A caller who says nothing is asked whether anybody is there, and after a while let go."""

from __future__ import annotations

import math
from dataclasses import dataclass

from media_service.core.speaking.announcement import Say


@dataclass(frozen=True, slots=True)
class SilenceSettings:
    silence_s: float = 8.0
    """How long a caller may say nothing before being asked."""

    noise_s: float = 3.0
    """A sound without words puts the question off by so much, and all of them together by no more than `silence_s`:
    music on hold is nobody."""

    questions: int = 2
    """How often, before the assistant says goodbye."""


class SilentCaller:
    def __init__(self, settings: SilenceSettings) -> None:
        self._settings = settings
        self._ask_at = self._ask_by = math.inf
        self._asked = 0

    def expect(self, now: float) -> None:
        """The assistant has fallen silent: it is the caller's turn."""
        self._ask_at = now + self._settings.silence_s
        self._ask_by = self._ask_at + self._settings.silence_s

    def hears(self, now: float, *, is_word: bool) -> None:
        """The caller makes a sound."""
        if is_word:
            self.is_active()
        elif self._ask_at < math.inf:
            self._ask_at = min(max(self._ask_at, now + self._settings.noise_s), self._ask_by)

    def is_active(self) -> None:
        """The caller says something, or the assistant does: nobody is waited for."""
        self._ask_at = math.inf

    def types(self, now: float) -> None:
        """The caller presses a key: that takes a while."""
        if self._ask_at < math.inf:
            self.expect(now)

    @property
    def is_waiting(self) -> bool:
        return self._ask_at < math.inf

    def has_spoken(self) -> None:
        self._ask_at = math.inf
        self._asked = 0

    def deadline(self) -> float:
        return self._ask_at

    def ask(self, *, on_keypad: bool) -> Say:
        """What to say to a caller who has been silent too long. `on_keypad`: a number is awaited from there."""
        self._asked += 1
        if self._asked > self._settings.questions:
            return Say.GOODBYE_SILENCE
        return Say.KEYPAD if on_keypad else Say.STILL_THERE
