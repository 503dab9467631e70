"""Any uncompressed WAV file as telephone audio: whole numbers of 8 to 32 bits, floating point, mu-law; any rate.

Read by hand, since Python's `wave` takes neither floating point nor, before 3.12, the extensible header in which
nearly every 24-bit file comes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from local import g711

_PCM: Final = 1
_FLOAT: Final = 3
_MULAW: Final = 7
_EXTENSIBLE: Final = 0xFFFE
_NAMES: Final = {2: "Microsoft ADPCM", 6: "A-law", 17: "IMA ADPCM", 49: "GSM 6.10", 85: "MP3"}
_HIGHEST_RATE_HZ: Final = 768_000
_FULL_SCALE: Final = 32_768.0


@dataclass(frozen=True, slots=True)
class _Format:
    kind: int
    channels: int
    rate_hz: int
    bits: int

    @property
    def frame_bytes(self) -> int:
        return self.channels * self.bits // 8


def read_wav(path: Path) -> bytes:
    """Mu-law at 8000 Hz, all channels mixed. Raises `OSError`, or `ValueError` that says what the file is instead."""
    try:
        found, data = _parts(path.read_bytes())
        mono = _samples(found, data).reshape(-1, found.channels).mean(axis=1)
    except ValueError as exc:
        advice = f"ffmpeg -i {path.name} -ac 1 -ar 8000 -c:a pcm_s16le telephone.wav"
        raise ValueError(f"{path.name}: {exc}. To convert it: {advice}") from exc
    telephone = _resample(np.nan_to_num(mono), found.rate_hz)
    return g711.encode(np.clip(np.rint(telephone), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16))


def _parts(content: bytes) -> tuple[_Format, bytes]:
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ValueError(f"not a WAV file (it begins with {content[:4]!r})" if content else "the file is empty")
    found: _Format | None = None
    for name, body in _chunks(content):
        if name == b"fmt ":
            found = _format(body)
        elif name == b"data":
            if found is None:
                raise ValueError("its sound comes before the description of its format")
            return found, body[: len(body) // found.frame_bytes * found.frame_bytes]
    raise ValueError("a WAV file without sound in it")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        # Programs that write to a pipe do not know the length and say 0 or the largest number there is.
        if name == b"data" and size == 0:
            size = len(content)
        yield name, content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _format(body: bytes) -> _Format:
    if len(body) < 16:
        raise ValueError("a damaged WAV file: its format is cut off")
    kind, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if kind == _EXTENSIBLE and len(body) >= 26:
        (kind,) = struct.unpack_from("<H", body, 24)
    widths = {_PCM: (8, 16, 24, 32), _FLOAT: (32, 64), _MULAW: (8,)}
    if kind not in widths:
        raise ValueError(f"its sound is {_NAMES.get(kind, f'format {kind}')}, not PCM, floating point or mu-law")
    if bits not in widths[kind]:
        raise ValueError(f"samples of {bits} bits are not read")
    if not channels or not 0 < rate_hz <= _HIGHEST_RATE_HZ:
        raise ValueError(f"a damaged WAV file: {channels} channels at {rate_hz} Hz")
    return _Format(kind, channels, rate_hz, bits)


def _samples(found: _Format, data: bytes) -> NDArray[np.float64]:
    """On the 16-bit scale."""
    width = found.bits // 8
    if found.kind == _FLOAT:
        return np.frombuffer(data, f"<f{width}").astype(np.float64) * _FULL_SCALE
    if found.kind == _MULAW:
        return g711.decode(data).astype(np.float64)
    if width == 1:
        # The only width without a sign.
        return (np.frombuffer(data, np.uint8).astype(np.float64) - 128) * 256
    # The two highest bytes hold all that mu-law can keep.
    highest = np.frombuffer(data, np.uint8).reshape(-1, width)[:, -2:]
    return np.ascontiguousarray(highest).view("<i2").ravel().astype(np.float64)


def _resample(samples: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    """To 8000 Hz through the spectrum: everything above 4000 Hz is cut off instead of folding back as hiss."""
    if rate_hz == g711.SAMPLE_RATE_HZ or not len(samples):
        return samples
    # A second of silence keeps the end from ringing into the beginning.
    padded = len(samples) + rate_hz
    out = round(padded * g711.SAMPLE_RATE_HZ / rate_hz)
    spectrum = np.fft.rfft(samples, padded)[: out // 2 + 1]
    resampled: NDArray[np.float64] = np.fft.irfft(spectrum, out) * (out / padded)
    return resampled[: round(len(samples) * g711.SAMPLE_RATE_HZ / rate_hz)]
