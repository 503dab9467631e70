"""Follow the noise of a line, band by band, below and between the words.

The noise is the least power of the last seconds: no voice fills every band for that long. Nothing here decides what
is speech; whoever does may call a steady sound noise at once (`adopt`).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from media_service.core.vad.frame_features import BANDS, BandPowers

# A talker with no pause at all: within 8 s every band is free of him for a moment.
_BLOCKS: Final = 40
_BLOCK_FRAMES: Final = 10

_AT_ONCE: Final = 5
"""Frames that are followed together: NumPy takes as long for one as for five."""


def _fading() -> npt.NDArray[np.float32]:
    """Row by row what is left, after each of the frames, of what was smoothed before (the first column) and of each."""
    after = np.arange(1, _AT_ONCE + 1)[:, None]
    age = after - np.arange(_AT_ONCE + 1)
    weights = np.where(age >= 0, 0.8 ** np.maximum(age, 0), 0.0)
    weights[:, 1:] *= 1 - 0.8
    return weights.astype(np.float32)


_FADING: Final = _fading()
# The least of many smoothed frames lies below their mean; measured on steady noise.
_MEAN_ABOVE_LEAST: Final = np.full(BANDS, 1.6, np.float32)


class NoiseFloor:
    def __init__(self, at_start: BandPowers, lowest: BandPowers) -> None:
        """`at_start`: the most that is taken for noise before anything was heard. The first quieter frame ends it."""
        self._lowest = lowest
        start = at_start / _MEAN_ABOVE_LEAST
        self._blocks: BandPowers = np.tile(start, (_BLOCKS, 1))
        self._ended_blocks = 0
        self._least_of_blocks = start
        self._least_of_this_block = start
        self._in_this_block = 0
        # What was smoothed last, and after it the frames that are not followed yet.
        self._newest: BandPowers = np.zeros((_AT_ONCE + 1, BANDS), np.float32)
        self._waiting = 0
        self._is_new = True
        self.powers = at_start
        """Mean power of the noise in each band, some frames ago."""

    def follow(self, powers: BandPowers) -> None:
        """Call it with every frame, speech or not: one, or several in order, a row for each."""
        for frame in powers if powers.ndim > 1 else (powers,):
            if self._is_new:
                self._newest[0] = frame
                self._is_new = False
            self._waiting += 1
            self._in_this_block += 1
            self._newest[self._waiting] = frame
            # At first each frame may say that the line is quieter than was assumed.
            if self._waiting == _AT_ONCE or not self._ended_blocks:
                self._catch_up()
            if self._in_this_block == _BLOCK_FRAMES:
                self._end_block()

    def adopt(self) -> None:
        """What is heard now is noise, whatever was heard before."""
        if self._is_new:
            return
        self._catch_up()
        smoothed = self._newest[0].copy()
        self._blocks[:] = smoothed
        self._least_of_blocks = self._least_of_this_block = smoothed
        self._measure()

    def _catch_up(self) -> None:
        if not self._waiting:
            return
        smoothed = _FADING[: self._waiting, : self._waiting + 1].dot(self._newest[: self._waiting + 1])
        self._waiting = 0
        self._newest[0] = smoothed[-1]
        self._least_of_this_block = np.minimum(self._least_of_this_block, np.minimum.reduce(smoothed))
        self._measure()

    def _measure(self) -> None:
        least: BandPowers = np.minimum(self._least_of_blocks, self._least_of_this_block)
        least *= _MEAN_ABOVE_LEAST
        self.powers = np.maximum(least, self._lowest, out=least)

    def _end_block(self) -> None:
        self._catch_up()
        self._blocks[self._ended_blocks % _BLOCKS] = self._least_of_this_block
        self._ended_blocks += 1
        self._least_of_blocks = np.minimum.reduce(self._blocks)
        self._least_of_this_block = self._newest[0].copy()
        self._in_this_block = 0
