"""Mu-law (G.711) to and from 16-bit samples, and whether a stretch of it is loud enough to be speech.

Written apart from the service's own codec, so that a mistake there cannot hide itself from the simulator.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 8000
FRAME_BYTES = 160
FRAME_S = FRAME_BYTES / SAMPLE_RATE_HZ
SILENCE = 0xFF

# Speech on a phone line is around -20 dBFS and its quietest sounds around -42; line noise lies below -55.
# RMS 184 is -45 dBFS.
VOICED_RMS = 184.0

_BIAS = 0x84
_CLIP = 32635


def _decode_table() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.uint8)
    exponent = (code >> 4) & 0x07
    mantissa = (code & 0x0F).astype(np.int32)
    magnitude = (((mantissa << 3) + _BIAS) << exponent) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table() -> NDArray[np.uint8]:
    sample = np.arange(65536, dtype=np.int32)
    sample = np.where(sample >= 32768, sample - 65536, sample)  # indexed by the sample's bits read as unsigned
    magnitude = np.minimum(np.abs(sample), _CLIP) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(sample < 0, 0x80, 0)
    code: NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return code


_DECODED = _decode_table()
_ENCODED = _encode_table()
_POWER = _DECODED.astype(np.float64) ** 2


def decode(audio: bytes) -> NDArray[np.int16]:
    return _DECODED[np.frombuffer(audio, dtype=np.uint8)]


def encode(samples: NDArray[np.int16]) -> bytes:
    return _ENCODED[samples.astype(np.int16).view(np.uint16)].tobytes()


def voiced_windows(audio: bytes) -> list[bool]:
    """One answer for each 20 ms begun; a last shorter window counts as a whole one."""
    power = _POWER[np.frombuffer(audio, dtype=np.uint8)]
    return [float(power[at : at + FRAME_BYTES].mean()) >= VOICED_RMS**2 for at in range(0, len(audio), FRAME_BYTES)]
