"""A call as a WAV file, caller left and assistant right."""

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
