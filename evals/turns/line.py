"""The caller's line: what is on it at every moment, as frames, and which words are in which frame.

Comfort noise makes every frame different from all others, so that a recognizer which is sent one can tell which it is.
What it is not sent it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from evals.speech_activity import sounds
from evals.speech_activity.sounds import Samples
from media_service.core.vad.audio import FRAME_BYTES, FRAME_S, encode_mulaw

_NOISE_DBFS: Final = -60.0
_LONGEST_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class SaidWord:
    """A word on the line; seconds from the beginning of the call."""

    text: str
    start_s: float
    end_s: float
    confidence: float
    opens: bool = False
    """Said to begin the call with, before the turn that is looked at."""


class Line:
    def __init__(self, rng: np.random.Generator) -> None:
        noise = _noise()
        start = int(rng.integers(len(noise)))
        self._samples = np.concatenate([noise[start:], noise[:start]])
        self._frames: dict[bytes, int] = {}
        self.words: list[SaidWord] = []

    def place(self, at_s: float, samples: Samples) -> None:
        """Let this sound from then on, with whatever else does. Frames already taken do not change."""
        start = sounds.length(at_s)
        end = min(len(self._samples), start + len(samples))
        if end > start:
            self._samples[start:end] += samples[: end - start]

    def say(self, word: SaidWord) -> None:
        self.words.append(word)

    def frame(self, number: int) -> bytes:
        """20 ms from `number * 0.02` s on."""
        piece = self._samples[number * FRAME_BYTES : (number + 1) * FRAME_BYTES]
        frame = encode_mulaw((np.clip(piece, -1.0, 1.0) * 32767.0).astype(np.int16))
        self._frames[frame] = number
        return frame

    def time_of(self, frame: bytes) -> float | None:
        """When it was on the line; None for a frame that never was."""
        number = self._frames.get(frame)
        return None if number is None else number * FRAME_S


@lru_cache(maxsize=1)
def _noise() -> Samples:
    return sounds.white(np.random.default_rng(60), _LONGEST_S, _NOISE_DBFS)
