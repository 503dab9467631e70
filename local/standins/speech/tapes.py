"""What the streams were sent and what they answered, kept as files: for whoever wants to know why a word is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_BYTES_PER_S: Final = 16_000
"""LINEAR16, 8 kHz."""


class Tape:
    """Of one stream: its audio as it was sent, and beside it a line for each thing that happened to it."""

    def __init__(self, path: Path) -> None:
        self._audio = path.with_suffix(".pcm").open("wb")
        self._notes = path.with_suffix(".txt").open("w", encoding="utf-8")
        self._bytes = 0

    def audio(self, audio: bytes) -> None:
        self._audio.write(audio)
        self._bytes += len(audio)

    def note(self, line: str) -> None:
        """With the time of day, and how many seconds of audio there were by then."""
        heard_s = self._bytes / _BYTES_PER_S
        self._notes.write(f"{datetime.now(UTC):%H:%M:%S.%f} {heard_s:8.2f} s  {line}\n")
        self._notes.flush()

    def close(self) -> None:
        self._audio.close()
        self._notes.close()


class Tapes:
    """One tape a stream, numbered in the order of opening from 000001 on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        folder.mkdir(parents=True, exist_ok=True)

    def new(self) -> Tape:
        """For the stream that opens now, which closes it."""
        self._count += 1
        return Tape(self._folder / f"{self._count:06d}")


def kept(folder: Path) -> list[bytes]:
    """What each stream was sent, in the order of opening."""
    return [path.read_bytes() for path in sorted(folder.glob("*.pcm"))]
