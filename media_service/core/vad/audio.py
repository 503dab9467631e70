"""G.711 mu-law by table: to linear samples and back, and how loud a piece is.

mu-law is one byte a sample at 8000 Hz; LINEAR16 is little-endian signed 16 bit. The standard library's `audioop`
did this until Python 3.13 removed it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ: Final = 8_000
BYTES_PER_S: Final = SAMPLE_RATE_HZ
FRAME_S: Final = 0.020
FRAME_BYTES: Final = 160
SILENCE_BYTE: Final = 0xFF
"""mu-law for a sample of zero."""


def _decode_table() -> npt.NDArray[np.int16]:
    """ITU-T G.711: the byte is inverted; then sign, three bits of exponent, four of mantissa, bias 33 (here x4)."""
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << ((code >> 4) & 0x07)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype("<i2")


def _encode_table(decode: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8]:
    """The nearest code for every 16-bit sample, indexed by the sample seen as unsigned."""
    codes = np.argsort(decode, kind="stable").astype(np.uint8)
    levels = decode[codes].astype(np.int32)
    # Both zeros (0x7F and 0xFF) are level 0; keep the one that means silence on the wire.
    codes[levels == 0] = SILENCE_BYTE
    borders = (levels[1:] + levels[:-1]) / 2
    samples = np.arange(-32768, 32768)
    table = codes[np.searchsorted(borders, samples)]
    return np.roll(table, -32768)


_DECODE = _decode_table()
_ENCODE = _encode_table(_DECODE)
_FULL_SCALE: Final = np.float32(1 / 32768)
_UNIT = _DECODE.astype(np.float32) * _FULL_SCALE

_FAINT_STEP: Final = 8
_LOUDER: Final = 255


def _faint_table() -> bytes:
    """The squares of the sixteen lowest levels, which are eight apart, in steps; all other levels are marked."""
    steps = np.abs(_DECODE.astype(np.int32)) // _FAINT_STEP
    return np.where(steps < 16, steps**2, _LOUDER).astype(np.uint8).tobytes()


_FAINT_SQUARE = _faint_table()


def decode_mulaw(audio: bytes) -> npt.NDArray[np.int16]:
    """Samples of any number of mu-law bytes."""
    return _DECODE[np.frombuffer(audio, np.uint8)]


def decode_unit(audio: bytes) -> npt.NDArray[np.float32]:
    """The same with full scale at 1.0."""
    return _UNIT.take(np.frombuffer(audio, np.uint8))


def linear16(audio: bytes) -> bytes:
    """mu-law to little-endian 16-bit samples, two bytes for each byte given."""
    return _DECODE[np.frombuffer(audio, np.uint8)].tobytes()


def encode_mulaw(samples: npt.NDArray[np.int16]) -> bytes:
    """16-bit samples to mu-law, one byte a sample."""
    return _ENCODE[samples.view(np.uint16)].tobytes()


def mean_square(audio: bytes) -> float:
    """Mean of the squared samples of a piece of mu-law audio (0 to about 1.03e9); 0.0 for no audio."""
    if not audio:
        return 0.0
    samples = decode_unit(audio)
    return float(samples.dot(samples)) / len(audio) / float(_FULL_SCALE) ** 2


def faint_mean_square(audio: bytes) -> float | None:
    """The same at an eighth of the cost, for audio with no sample above -48.7 dBFS; None for any louder one."""
    squares = audio.translate(_FAINT_SQUARE)
    if _LOUDER in squares:
        return None
    return sum(squares) * _FAINT_STEP**2 / max(1, len(audio))


def duration_s(audio: bytes) -> float:
    return len(audio) / BYTES_PER_S
