"""A call as a WAV file, caller left and assistant right; and any PCM WAV file as telephone audio."""

from __future__ import annotations

import wave
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from local import g711
from local.twilio.line import Piece


@dataclass(frozen=True, slots=True)
class Recording:
    """Both sides on one timeline that begins with dialling. What is between the pieces is silence."""

    caller: tuple[Piece, ...]
    assistant: tuple[Piece, ...]
    """As it was heard, not as it was sent: cleared audio is missing."""

    def samples(self) -> NDArray[np.int16]:
        """16-bit samples at 8000 Hz, one row an instant, one column a side."""
        ends = [piece.at + len(piece.audio) / g711.SAMPLE_RATE_HZ for piece in (*self.caller, *self.assistant)]
        both = np.zeros((round(max(ends, default=0.0) * g711.SAMPLE_RATE_HZ) + 1, 2), dtype=np.int16)
        _lay(both[:, 0], self.caller)
        _lay(both[:, 1], self.assistant)
        return both

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(g711.SAMPLE_RATE_HZ)
            file.writeframes(self.samples().astype("<i2").tobytes())


def _lay(track: NDArray[np.int16], pieces: Iterable[Piece]) -> None:
    for piece in pieces:
        begins = max(0, round(piece.at * g711.SAMPLE_RATE_HZ))
        samples = g711.decode(piece.audio)[: len(track) - begins]
        track[begins : begins + len(samples)] = samples


def read_wav(path: Path) -> bytes:
    """Mu-law at 8000 Hz, both channels mixed. Raises `OSError`, or `ValueError` for anything but 8 to 48 kHz PCM."""
    try:
        with wave.open(str(path), "rb") as file:
            rate_hz, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as exc:
        raise ValueError(f"{path.name}: not a PCM WAV file ({exc})") from exc
    if not 8000 <= rate_hz <= 48000 or width not in {1, 2, 3, 4}:
        raise ValueError(f"{path.name}: needs PCM of 8 to 48 kHz, not {rate_hz} Hz in {8 * width} bits")
    whole = len(data) // (width * channels) * width * channels
    mono = _pcm_as_float(data[:whole], width).reshape(-1, channels).mean(axis=1)
    return g711.encode(np.clip(np.rint(_resample(mono, rate_hz)), -32768, 32767).astype(np.int16))


def _pcm_as_float(data: bytes, width: int) -> NDArray[np.float64]:
    """Samples on the 16-bit scale. One-byte WAV is unsigned; the others are signed, least significant byte first."""
    if width == 1:
        return (np.frombuffer(data, np.uint8).astype(np.float64) - 128) * 256
    # The two highest bytes hold all that mu-law can keep.
    columns = np.frombuffer(data, np.uint8).reshape(-1, width)[:, -2:]
    return np.ascontiguousarray(columns).view("<i2").ravel().astype(np.float64)


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
