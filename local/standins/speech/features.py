"""What a stretch of audio sounds like, as one vector for every 10 ms.

Pure. Takes samples at 8000 Hz in pieces of any length and gives the same frames however they were cut.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float32]

RATE_HZ: Final = 8_000
HOP_S: Final = 0.010
_HOP: Final = 80
_WINDOW: Final = 256
_FFT: Final = 256
_BANDS: Final = 22
_COEFFICIENTS: Final = 12

_FLOOR_DB: Final = 26.0
"""What lies this far below the loudest band is ignored: noise at 20 dB is spread over the bands and vanishes."""
_ENERGY_WEIGHT: Final = 0.35


def _mel_bands() -> Floats:
    def mel(hz: float) -> float:
        return float(2595 * np.log10(1 + hz / 700))

    edges_mel = np.linspace(mel(120), mel(3600), _BANDS + 2)
    edges = 700 * (10 ** (edges_mel / 2595) - 1)
    bins = np.arange(_FFT // 2 + 1) * RATE_HZ / _FFT
    rising = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    bands: Floats = np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)
    return bands


def _cosines() -> Floats:
    """The first columns of a DCT-II, without the constant one: a change of gain leaves the result alone."""
    band = np.arange(_BANDS) + 0.5
    order = np.arange(1, _COEFFICIENTS + 1)
    cosines: Floats = (np.cos(np.pi * band[:, None] * order / _BANDS) / np.sqrt(_BANDS / 2)).astype(np.float32)
    return cosines


_MEL: Final = _mel_bands()
_COSINES: Final = _cosines()
_TAPER: Final = np.hamming(_WINDOW).astype(np.float32)
SIZE: Final = _COEFFICIENTS + 1


class BandEnergies:
    """Turns pieces of audio into band energies (dB), one row for every 10 ms that is complete."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.int16)

    def feed(self, samples: Samples) -> Floats:
        pending = np.concatenate([self._rest, samples])
        count = max(0, (len(pending) - _WINDOW) // _HOP + 1)
        self._rest = pending[count * _HOP :]
        if not count:
            return np.zeros((0, _BANDS), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(pending, _WINDOW)[: count * _HOP : _HOP]
        spectrum = np.abs(np.fft.rfft(windows * _TAPER, _FFT)) ** 2
        bands_db: Floats = (10 * np.log10(spectrum.astype(np.float32) @ _MEL + 1.0)).astype(np.float32)
        return bands_db


def shape(bands_db: Floats, loudest_db: float) -> Floats:
    """Cepstra and energy of each row, relative to the loudest band heard in the utterance; silence gives zeros."""
    raised = np.maximum(bands_db - (loudest_db - _FLOOR_DB), 0.0)
    energy = raised.mean(axis=1, keepdims=True) * _ENERGY_WEIGHT
    return np.hstack([raised @ _COSINES, energy])
