"""Cut a speaker's audio into utterances for recognition by single requests.

Used where streaming is switched off or has failed. Only silence decides here: there are no words yet.
"""

from __future__ import annotations

from dataclasses import dataclass

from media_service.core.vad.audio import BYTES_PER_S


@dataclass(frozen=True, slots=True)
class SingleRequestSettings:
    min_utterance_s: float = 0.600
    """An utterance with at least this much speech ends at the shorter pause."""

    min_silence_s: float = 0.500
    """The pause that ends it."""

    max_silence_s: float = 1.800
    """The pause that ends one with less speech, a single word for instance."""

    min_audio_bytes: int = 8_000
    """Such a short one must also have more audio than this, its pause included (one second)."""

    lead_in_s: float = 0.400
    """Audio before an utterance begins that goes along: words begin softly, and begin a few frames earlier."""

    longest_s: float = 50.0
    """An utterance is cut here in any case; a single request takes 60 s at most."""


class UtteranceCutter:
    """Feed it every piece of audio; it returns the audio of an utterance when one is over.

    When one begins is not decided here.
    """

    def __init__(self, settings: SingleRequestSettings) -> None:
        self._settings = settings
        self._audio = bytearray()
        self._silence = 0
        self._is_open = False

    @property
    def is_open(self) -> bool:
        return self._is_open

    def feed(self, audio: bytes, voiced: bool, spoken_s: float | None) -> bytes | None:
        """`spoken_s`: how much speech there was in the utterance so far; None while there is none."""
        self._audio += audio
        if spoken_s is None:
            del self._audio[: -int(self._settings.lead_in_s * BYTES_PER_S)]
            return None
        self._is_open = True
        self._silence = 0 if voiced else self._silence + len(audio)
        return self.flush() if self._is_over(spoken_s) else None

    def seed(self, audio: bytes) -> None:
        """Begin an utterance with audio that another recognizer could not deal with."""
        self._audio[:0] = audio
        self._is_open = True

    def flush(self) -> bytes | None:
        """End the utterance now. None if none had begun."""
        audio = bytes(self._audio) if self._is_open else None
        self._audio.clear()
        self._silence = 0
        self._is_open = False
        return audio

    def _is_over(self, spoken_s: float) -> bool:
        settings = self._settings
        if len(self._audio) >= settings.longest_s * BYTES_PER_S:
            return True
        if spoken_s >= settings.min_utterance_s:
            return self._silence >= settings.min_silence_s * BYTES_PER_S
        long_pause = self._silence >= settings.max_silence_s * BYTES_PER_S
        return long_pause and len(self._audio) > settings.min_audio_bytes
