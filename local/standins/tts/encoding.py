"""Audio as the service encodes it: header or none, mu-law or 16-bit samples, at any rate."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import numpy.typing as npt

from media_service.core.vad.audio import SAMPLE_RATE_HZ, decode_mulaw, encode_mulaw

Samples = npt.NDArray[np.int16]

_FORMAT_PCM: Final = 1
_FORMAT_MULAW: Final = 7


def linear16(mulaw: bytes, rate_hz: int) -> bytes:
    return _at_rate(mulaw, rate_hz).astype("<i2").tobytes()


def mulaw_at(mulaw: bytes, rate_hz: int) -> bytes:
    return mulaw if rate_hz == SAMPLE_RATE_HZ else encode_mulaw(_at_rate(mulaw, rate_hz))


def wav_pcm(samples: bytes, rate_hz: int) -> bytes:
    """44 bytes of header."""
    form = struct.pack("<HHIIHH", _FORMAT_PCM, 1, rate_hz, rate_hz * 2, 2, 16)
    return _riff(_chunk(b"fmt ", form) + _chunk(b"data", samples))


def wav_mulaw(codes: bytes, rate_hz: int) -> bytes:
    """58 bytes of header: compressed formats have an extension size in `fmt ` and a `fact` chunk."""
    form = struct.pack("<HHIIHHH", _FORMAT_MULAW, 1, rate_hz, rate_hz, 1, 8, 0)
    fact = struct.pack("<I", len(codes))
    return _riff(_chunk(b"fmt ", form) + _chunk(b"fact", fact) + _chunk(b"data", codes))


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body


def _riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _at_rate(mulaw: bytes, rate_hz: int) -> Samples:
    samples: Samples = decode_mulaw(mulaw)
    if rate_hz == SAMPLE_RATE_HZ or not len(samples):
        return samples
    at = np.arange(len(samples) * rate_hz // SAMPLE_RATE_HZ) * (SAMPLE_RATE_HZ / rate_hz)
    resampled: Samples = np.interp(at, np.arange(len(samples)), samples).astype(np.int16)
    return resampled
