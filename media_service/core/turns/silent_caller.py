"""A caller who says nothing is asked whether anybody is there, and after a while let go."""

from __future__ import annotations

import math
from dataclasses import dataclass

from media_service.core.speaking.announcement import Say


@dataclass(frozen=True, slots=True)
class SilenceSettings:
    silence_s: float = 8.0
    """How long a caller may say nothing before being asked."""

    questions: int = 2
    """How often, before the assistant says goodbye."""


class SilentCaller:
    def __init__(self, settings: SilenceSettings) -> None:
        self._settings = settings
        self._ask_at = math.inf
        self._asked = 0

    def expect(self, now: float) -> None:
        """The assistant has fallen silent: it is the caller's turn."""
        self._ask_at = now + self._settings.silence_s

    def is_active(self) -> None:
        """The caller makes a sound, or the assistant speaks: nobody is waited for."""
        self._ask_at = math.inf

    def types(self, now: float) -> None:
        """The caller presses a key: that takes a while."""
        if self._ask_at < math.inf:
            self.expect(now)

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
