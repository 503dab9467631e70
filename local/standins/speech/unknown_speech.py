"""What becomes of speech that holds no known phrase: Whisper's words where there is a model, else nothing, and a line.

Whoever speaks their own words to the local system would wonder why nobody answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from local.standins.speech.features import RATE_HZ, Samples
from local.standins.speech.recognition import Whisper

HINT: Final = (
    "this recognizer knows the phrases of local/phrases/he.toml and no others. For words of your own start the system "
    'with REAL="speech tts" GOOGLE_CLOUD_PROJECT=... or with WHISPER_MODEL=... (needs faster-whisper)'
)
_AROUND_S: Final = 0.7
"""Silence that comes with an utterance, before and after it."""
_TELLS_EVERY_S: Final = 10.0


class UnknownSpeech:
    """Shared by all streams of the process. `clock` gives seconds, `tell` takes a line."""

    def __init__(self, whisper: Whisper | None, tell: Callable[[str], None], clock: Callable[[], float]) -> None:
        self.count = 0
        """Utterances that came back as nothing."""
        self._whisper = whisper
        self._tell = tell
        self._clock = clock
        self._told_at = float("-inf")

    def words(self, samples: Samples) -> str:
        """Of one utterance; "" if there are none."""
        if self._whisper and (text := self._whisper(samples)):
            return text
        self.count += 1
        if self._clock() - self._told_at >= _TELLS_EVERY_S:
            self._told_at = self._clock()
            length_s = max(0.1, len(samples) / RATE_HZ - _AROUND_S)
            self._tell(f"{length_s:.1f} s of speech came back as nothing: {HINT}")
        return ""
