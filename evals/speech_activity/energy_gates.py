"""Two detectors that look at nothing but the level of a frame; what the others have to beat."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from media_service.core.vad.audio import FRAME_S, mean_square

_FULL_SCALE: Final = 32768.0**2
_QUIETEST_SPEECH_DBFS: Final = -45.0
_ABOVE_NOISE_DB: Final = 9.0
_QUIETEST_FLOOR_DBFS: Final = -60.0


def _level_dbfs(audio: bytes) -> float:
    return max(-96.0, 10.0 * math.log10(mean_square(audio) / _FULL_SCALE + 1e-12))


class EnergyGate:
    """9 dB above a floor that falls at once and rises 3 dB a second, up to -30 dBFS: what the service began with."""

    def __init__(self) -> None:
        self._floor_dbfs = _QUIETEST_FLOOR_DBFS

    def is_voiced(self, frame: bytes) -> bool:
        level = _level_dbfs(frame)
        threshold = max(_QUIETEST_SPEECH_DBFS, self._floor_dbfs + _ABOVE_NOISE_DB)
        if level < self._floor_dbfs:
            self._floor_dbfs = max(self._floor_dbfs + 0.3 * (level - self._floor_dbfs), _QUIETEST_FLOOR_DBFS)
        else:
            self._floor_dbfs = min(level, self._floor_dbfs + 3.0 * FRAME_S, -30.0)
        return level >= threshold


class MinimumGate:
    """6 dB above the quietest frame of the last second and a half."""

    def __init__(self) -> None:
        self._levels: deque[float] = deque([_QUIETEST_FLOOR_DBFS], maxlen=75)

    def is_voiced(self, frame: bytes) -> bool:
        level = _level_dbfs(frame)
        self._levels.append(level)
        return level >= max(_QUIETEST_SPEECH_DBFS, min(self._levels) + 6.0)
