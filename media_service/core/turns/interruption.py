"""What the caller's voice over the assistant means, in two stages: voice holds the playback, words decide.

A voice makes the assistant fall silent at once, and nothing is lost by it: it goes on from the clause it was saying if
the words turn out to be an acknowledgement, or if there are none. Real words drop the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from understanding.overlap import Overlap


@dataclass(frozen=True, slots=True)
class InterruptionSettings:
    hold_after_s: float = 0.16
    """This much voice over the assistant makes it fall silent: a click is shorter. With the time that the phone needs
    it is quiet 0.3 s after the caller began."""

    no_words_s: float = 1.5
    """A sound in which no word was recognized for so long does not keep the assistant silent, though it goes on."""

    silence_s: float = 0.7
    """Silence after such a sound in which a word of it would have come: interims were seen 0.5 s behind the voice."""

    after_words_s: float = 0.3
    """Silence after an acknowledgement that shows that nothing follows it."""


class Verdict(Enum):
    NOTHING = "nothing"
    HOLD = "hold"
    RESUME = "resume"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class CallerSound:
    """What the caller does at this moment, in an utterance that is open."""

    speech_s: float
    """Seconds of voice in it."""
    silence_s: float
    """Seconds since the last of it."""
    words: Overlap = Overlap.NOTHING
    """What its words so far mean."""
    word_count: int = 0
    is_recognized: bool = True
    """The words reach to the end of the voice."""
    is_new: bool = False
    """The words have just changed."""
    is_voice: bool = True
    """It is surely a voice, as far as anything can tell."""
    is_quieter: bool = False
    """Its newest part is quieter than the caller: it may be an echo of the assistant."""
    is_far: bool = False
    """It is much quieter: somebody beside the telephone."""


class Interruption:
    """Ask `judge` about each moment of an open utterance; tell it with `over` when the utterance is."""

    def __init__(self, settings: InterruptionSettings = InterruptionSettings()) -> None:
        self._settings = settings
        self._held_at = math.inf
        self._is_certain = False
        """The caller has something to say."""
        self._is_dismissed = False
        """Its sound so far means nothing; words that follow still do."""

    @property
    def is_holding(self) -> bool:
        """Whether the assistant has to be silent because of it."""
        return self._held_at < math.inf

    def judge(self, sound: CallerSound, now: float, *, is_audible: bool) -> Verdict:
        """`is_audible`: something is being said. If not, something is about to be: that waits for any voice."""
        if self._is_certain:
            return Verdict.NOTHING
        if sound.is_far:
            return self._let_go()  # also where somebody in the room says "wait"
        match sound.words:
            case Overlap.STOP:
                return self._stop(now)
            case Overlap.OTHER:
                return self._stop(now) if self._are_real_words(sound, now) else self._hold(now)
            case Overlap.BACK_CHANNEL:
                return self._acknowledged(sound)
            case Overlap.NOTHING:
                return self._without_words(sound, now, self._settings.hold_after_s if is_audible else 0.0)
            case _:
                assert_never(sound.words)

    def over(self) -> bool:
        """The utterance is over. Whether the assistant was being held."""
        was_holding = self.is_holding
        self._held_at, self._is_certain, self._is_dismissed = math.inf, False, False
        return was_holding

    def deadline(self) -> float:
        """When a sound that nothing more is heard of counts as dismissed."""
        return math.inf if self._is_certain else self._held_at + 2 * self._settings.no_words_s

    def dismiss(self) -> None:
        self._is_dismissed, self._held_at = True, math.inf

    def _are_real_words(self, sound: CallerSound, now: float) -> bool:
        """The first interim of an acknowledgement is often half a word, which looks like another one."""
        if sound.word_count > 1 or sound.silence_s >= self._settings.after_words_s:
            return True
        return now - self._held_at >= self._settings.silence_s

    def _acknowledged(self, sound: CallerSound) -> Verdict:
        is_clear = sound.silence_s >= self._settings.after_words_s and sound.is_recognized
        return self._resume() if is_clear or sound.silence_s >= self._settings.silence_s else Verdict.NOTHING

    def _without_words(self, sound: CallerSound, now: float, hold_after_s: float) -> Verdict:
        if self.is_holding:
            is_long = now - self._held_at >= self._settings.no_words_s
            return self._resume() if is_long or sound.silence_s >= self._settings.silence_s else Verdict.NOTHING
        if self._is_dismissed or sound.is_quieter or not sound.is_voice or sound.speech_s < hold_after_s:
            return Verdict.NOTHING
        if sound.silence_s >= self._settings.after_words_s:
            return Verdict.NOTHING
        return self._hold(now)

    def _hold(self, now: float) -> Verdict:
        if self.is_holding:
            return Verdict.NOTHING
        self._held_at = now
        return Verdict.HOLD

    def _stop(self, now: float) -> Verdict:
        self._held_at, self._is_certain = min(self._held_at, now), True
        return Verdict.STOP

    def _resume(self) -> Verdict:
        verdict = self._let_go()
        self._is_dismissed = True
        return verdict

    def _let_go(self) -> Verdict:
        """For now: a first syllable may be as quiet as somebody in the room."""
        was_holding = self.is_holding
        self._held_at = math.inf
        return Verdict.RESUME if was_holding else Verdict.NOTHING
