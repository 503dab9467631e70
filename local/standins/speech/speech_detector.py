"""Tell where in the audio somebody speaks. Pure; time is counted in samples at 8000 Hz."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from local.standins.speech.features import RATE_HZ, Samples

_FRAME: Final = 80
_FRAME_S: Final = _FRAME / RATE_HZ
_BEGIN_FRAMES: Final = 3
"""Voiced frames in a row that make speech; a click is shorter."""
_KEPT_BEFORE_S: Final = 0.2
"""Audio from before the speech, for consonants that begin quietly."""
_LONGEST_UTTERANCE_S: Final = 40.0
"""Speech without any pause is closed here, so that no stream grows without bound."""

_NOISE_MEMORY_FRAMES: Final = 300
_NOISE_FRAMES_NEEDED: Final = 30
"""The noise is estimated anew after so many frames."""
_NOISE_SHARE: Final = 5
"""Per cent of the frames that are taken to be noise alone."""
_ABOVE_NOISE_DB: Final = 9.0
_QUIETEST_SPEECH_DBFS: Final = -50.0
_LOUDEST_NOISE_DBFS: Final = -36.0


@dataclass(frozen=True, slots=True)
class Began:
    """Speech began here, in seconds of the stream."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The last voiced sound was here, in seconds of the stream, and the silence after it was long enough."""

    at_s: float


class SpeechDetector:
    """Feed it the audio of one stream; it gives beginnings, the audio of utterances, and ends, in their order."""

    def __init__(self, endpoint_silence_s: float) -> None:
        self._endpoint_frames = max(1, round(endpoint_silence_s / _FRAME_S))
        self._rest = np.zeros(0, np.int16)
        self._frames = 0
        self._before: deque[Samples] = deque(maxlen=round(_KEPT_BEFORE_S / _FRAME_S))
        self._levels: deque[float] = deque(maxlen=_NOISE_MEMORY_FRAMES)
        self._threshold_db = _QUIETEST_SPEECH_DBFS
        self._voiced_in_a_row = 0
        self._last_voiced = 0
        self._began = 0
        self._speaking = False

    @property
    def last_voiced_s(self) -> float:
        return self._last_voiced * _FRAME_S

    @property
    def heard_s(self) -> float:
        """Length of the audio looked at."""
        return self._frames * _FRAME_S

    def feed(self, samples: Samples) -> Iterator[Began | Samples | Ended]:
        pending = np.concatenate([self._rest, samples])
        count = len(pending) // _FRAME
        self._rest = pending[count * _FRAME :]
        frames = pending[: count * _FRAME].reshape(-1, _FRAME)
        power = (frames.astype(np.float32) ** 2).mean(axis=1)
        levels = 10 * np.log10(power + 1e-3) - 20 * np.log10(32768)
        speech: list[Samples] = []
        for frame, level in zip(frames, levels.tolist(), strict=True):
            change = self._advance(level)
            if isinstance(change, Began):
                yield change
                speech = [*self._before]
                self._before.clear()
            if self._speaking:
                speech.append(frame)
            else:
                self._before.append(frame)
            if isinstance(change, Ended):
                yield np.concatenate([*speech, frame])
                speech = []
                yield change
        if speech:
            yield np.concatenate(speech)

    def _adapt(self, level: float) -> None:
        self._levels.append(level)
        if self._frames % _NOISE_FRAMES_NEEDED == 0:
            noise = min(float(np.percentile(np.array(self._levels), _NOISE_SHARE)), _LOUDEST_NOISE_DBFS)
            self._threshold_db = max(_QUIETEST_SPEECH_DBFS, noise + _ABOVE_NOISE_DB)

    def _advance(self, level: float) -> Began | Ended | None:
        self._frames += 1
        self._adapt(level)
        voiced = level > self._threshold_db
        self._voiced_in_a_row = self._voiced_in_a_row + 1 if voiced else 0
        if voiced:
            self._last_voiced = self._frames
        if not self._speaking:
            if self._voiced_in_a_row < _BEGIN_FRAMES:
                return None
            self._speaking = True
            self._began = self._frames - _BEGIN_FRAMES
            return Began(self._began * _FRAME_S)
        silent = self._frames - self._last_voiced >= self._endpoint_frames
        if silent or (self._frames - self._began) * _FRAME_S >= _LONGEST_UTTERANCE_S:
            self._speaking = False
            return Ended(self._last_voiced * _FRAME_S)
        return None
