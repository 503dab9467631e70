"""A caller whose words cannot be recognized hears that somebody is there, and is asked for a number on the keypad."""

from __future__ import annotations

import math
from dataclasses import dataclass

from media_service.core.speaking.announcement import Say


@dataclass(frozen=True, slots=True)
class UnrecognizedSettings:
    patience_s: float = 2.4
    """How long a caller who has spoken hears nothing while the words are still being found out."""

    surely_voice_s: float = 0.8
    """So much voice without a word is somebody who is not understood; less may be a cough."""

    keypad_questions: int = 3
    """How often in a row speech that cannot be recognized is answered by asking for a number on the keypad."""


class UnrecognizedCaller:
    def __init__(self, settings: UnrecognizedSettings, now: float) -> None:
        self._settings = settings
        self._in_a_row = 0
        self._without_words = 0
        self._quiet_since = now
        """When the assistant was last audible."""
        self._is_asking = False
        self._filled = self._given_up = -math.inf
        """The waits (by their beginning) in which the filler was said, and which were given up."""

    @property
    def awaits_keypad(self) -> bool:
        """A number was asked for, and nothing was understood since."""
        return self._in_a_row > 0

    @property
    def is_asking(self) -> bool:
        """The question is being said."""
        return self._is_asking

    def is_understood(self) -> None:
        self._in_a_row = self._without_words = 0

    def voice_without_words(self, speech_s: float) -> Say | None:
        """A working recognizer found no word in so much voice. First the caller is asked to repeat it, then to type."""
        if speech_s < self._settings.surely_voice_s:
            return None
        self._without_words += 1
        return Say.REPEAT if self._without_words == 1 else self.ask()

    def assistant_is_quiet(self, now: float) -> None:
        self._quiet_since, self._is_asking = now, False

    def ask(self) -> Say:
        """The caller said something, and it will not be known what."""
        self._in_a_row += 1
        if self._in_a_row > self._settings.keypad_questions:
            return Say.GOODBYE_UNRECOGNIZED
        self._is_asking = True
        return Say.KEYPAD

    def patience_ends(self, since: float) -> float:
        """When a caller who fell silent at `since`, and is not understood yet, must hear something."""
        if self._given_up >= since:
            return math.inf
        return max(since, self._quiet_since) + self._settings.patience_s

    def fill(self, since: float) -> bool:
        """Patience has ended. True: a filler will do; False: it will not be known what was said."""
        if self._filled < since:
            self._filled = since
            return True
        self._given_up = since
        return False
