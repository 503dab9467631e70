"""Follow the noise of a line, band by band, below and between the words.

The noise is the least power of the last seconds: no voice fills every band for that long. Nothing here decides what
is speech; whoever does may call a steady sound noise at once (`adopt`).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from media_service.core.vad.frame_features import BANDS, BandPowers

# A talker with no pause at all: within 8 s every band is free of him for a moment.
_BLOCKS: Final = 40
_BLOCK_FRAMES: Final = 10

_SMOOTHING: Final = np.full(BANDS, 0.8, np.float32)
_NEW: Final = 1 - _SMOOTHING
# The least of many smoothed frames lies below their mean; measured on steady noise.
_MEAN_ABOVE_LEAST: Final = np.full(BANDS, 1.6, np.float32)


class NoiseFloor:
    def __init__(self, at_start: BandPowers, lowest: BandPowers) -> None:
        """`at_start`: the most that is taken for noise before anything was heard. The first quieter frame ends it."""
        self._lowest = lowest
        start = at_start / _MEAN_ABOVE_LEAST
        self._blocks: BandPowers = np.tile(start, (_BLOCKS, 1))
        self._oldest_block = 0
        self._least_of_blocks = start
        self._least_of_this_block = start
        self._in_this_block = 0
        self._smoothed: BandPowers | None = None

    @property
    def powers(self) -> BandPowers:
        """Mean power of the noise in each band."""
        least: BandPowers = np.minimum(self._least_of_blocks, self._least_of_this_block)
        least *= _MEAN_ABOVE_LEAST
        return np.maximum(least, self._lowest, out=least)

    def follow(self, powers: BandPowers) -> None:
        """Call it with every frame, speech or not: one, or several in order, a row for each."""
        for frame in powers.reshape(-1, BANDS):
            if self._smoothed is None:
                self._smoothed = frame
            self._smoothed = self._smoothed * _SMOOTHING + frame * _NEW
            self._least_of_this_block = np.minimum(self._least_of_this_block, self._smoothed)
            self._in_this_block += 1
            if self._in_this_block == _BLOCK_FRAMES:
                self._end_block(self._smoothed)

    def adopt(self) -> None:
        """What is heard now is noise, whatever was heard before."""
        if self._smoothed is not None:
            self._blocks[:] = self._smoothed
            self._least_of_blocks = self._least_of_this_block = self._smoothed

    def _end_block(self, smoothed: BandPowers) -> None:
        self._blocks[self._oldest_block] = self._least_of_this_block
        self._oldest_block = (self._oldest_block + 1) % _BLOCKS
        self._least_of_blocks = np.minimum.reduce(self._blocks)
        self._least_of_this_block = smoothed
        self._in_this_block = 0
