"""What can be measured in 20 ms of sound, cheaply: power by band, pitch, and whether it is a key or a click.

Samples are float32 with full scale at 1.0; powers are mean squares, so that a full-scale square wave has 1.0. At this
size a product with a matrix costs a third of a Fourier transform.
"""

from __future__ import annotations

from operator import add
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from media_service.core.vad.audio import FRAME_BYTES, SAMPLE_RATE_HZ

Samples = npt.NDArray[np.float32]
BandPowers = npt.NDArray[np.float32]

# Narrow where mains hum and the first formants lie, wide above; no edge is left out, so that any sound has power.
_EDGES_HZ: Final = (0, 150, 300, 500, 700, 950, 1250, 1600, 2000, 2500, 3000, 3500, 4001)
BANDS: Final = len(_EDGES_HZ) - 1

_WINDOW: Final = np.sin(np.pi * (np.arange(FRAME_BYTES) + 0.5) / FRAME_BYTES)
_SHORTEST_PERIOD: Final = 18
_LONGEST_PERIOD: Final = 160
"""In samples: 444 Hz down to 50 Hz, children to mains hum."""
_KEYS_HZ: Final = np.array([697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0])
_KEY_ROWS: Final = 4
"""So many of them are a row of the keypad, the others a column."""


def _waves(frequencies_hz: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """A frame of cosine for each frequency, and then of sine."""
    turns = np.outer(np.arange(FRAME_BYTES) / SAMPLE_RATE_HZ, frequencies_hz) * (2 * np.pi)
    return np.hstack([np.cos(turns), np.sin(turns)])


def _band_weights() -> npt.NDArray[np.float32]:
    """Sums the bins of each band; scaled so that all bands together are the mean square."""
    lower, upper = np.array(_EDGES_HZ[:-1]), np.array(_EDGES_HZ[1:])
    inside = (_BINS_HZ[:, None] >= lower) & (_BINS_HZ[:, None] < upper)
    weights = inside * 2.0 / (FRAME_BYTES * float((_WINDOW**2).sum()))
    return np.asarray(np.vstack([weights, weights]), np.float32)


_BINS_HZ: Final = np.fft.rfftfreq(FRAME_BYTES, 1 / SAMPLE_RATE_HZ)
_WINDOWED_WAVES: Final = (_WINDOW[:, None] * _waves(_BINS_HZ)).astype(np.float32)
_BAND_WEIGHTS: Final = _band_weights()
_KEY_WAVES: Final = (_waves(_KEYS_HZ) * (np.sqrt(2.0) / FRAME_BYTES)).astype(np.float32)
_EIGHTH_OF_A_FRAME: Final = np.ones(FRAME_BYTES // 8, np.float32)


def line_noise(white_dbfs: float, hum_dbfs: float) -> BandPowers:
    """White noise, and in each band below 500 Hz as much as mains hum of that level has in its strongest."""
    powers = white_noise(white_dbfs)
    powers[np.array(_EDGES_HZ[:-1]) < 500] = 10.0 ** (hum_dbfs / 10.0)
    return powers


def white_noise(dbfs: float) -> BandPowers:
    """What white noise of this level has in each band."""
    widths = np.diff(np.minimum(_EDGES_HZ, SAMPLE_RATE_HZ // 2)) / (SAMPLE_RATE_HZ / 2)
    return np.asarray(widths * 10.0 ** (dbfs / 10.0), np.float32)


def band_powers(frames: Samples) -> BandPowers:
    """Of one frame, or of several: a row for each."""
    spectra = frames.dot(_WINDOWED_WAVES)
    spectra *= spectra
    powers: BandPowers = spectra.dot(_BAND_WEIGHTS)
    return powers


def mean_square(frame: Samples) -> float:
    return float(frame.dot(frame)) / len(frame)


def periodicity(two_frames: Samples) -> float:
    """How well 40 ms of sound repeat themselves at their best period: 0.2 for noise, 0.9 for a vowel, 1 for a tone."""
    length = len(two_frames)
    shifted = np.zeros(length + _LONGEST_PERIOD - _SHORTEST_PERIOD, np.float32)
    shifted[: length - _SHORTEST_PERIOD] = two_frames[_SHORTEST_PERIOD:]
    alike = np.correlate(shifted, two_frames)
    # Of the parts that overlap: all but the last period, and all but the first.
    energy = np.add.accumulate(two_frames * two_frames, dtype=np.float64)
    last, first = length - 1 - _SHORTEST_PERIOD, _SHORTEST_PERIOD - 1
    most = energy[-1] - energy[first:_LONGEST_PERIOD]
    most *= energy[last : length - 2 - _LONGEST_PERIOD : -1]
    np.sqrt(most, out=most)
    most += 1e-9
    return float((alike / most).max())


def is_key(frame: Samples, power: float) -> bool:
    """Whether nearly all of the frame is the two tones of a telephone key (DTMF). `power` is its mean square."""
    found = frame.dot(_KEY_WAVES)
    found *= found
    tones = (found[: len(_KEYS_HZ)] + found[len(_KEYS_HZ) :]).tolist()
    row, column = max(tones[:_KEY_ROWS]), max(tones[_KEY_ROWS:])
    return bool(row + column > 0.8 * power and min(row, column) > 0.08 * power)


def is_click(frame: Samples) -> bool:
    """Whether nearly all of the frame happens within 5 ms. The last moment of silence before a word looks the same."""
    energy = (frame * frame).reshape(8, -1).dot(_EIGHTH_OF_A_FRAME).tolist()
    return bool(max(map(add, energy, energy[1:])) > 0.95 * sum(energy))
