"""What the streams were sent, kept as files: for whoever wants to know which audio reached a recogniser."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO


class Tapes:
    """One file a stream, numbered in the order of opening from 000001.pcm on, with the bytes as they were sent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        folder.mkdir(parents=True, exist_ok=True)

    def new(self) -> BinaryIO:
        """For the stream that opens now, which closes it."""
        self._count += 1
        return (self._folder / f"{self._count:06d}.pcm").open("wb")


def kept(folder: Path) -> list[bytes]:
    """What each stream was sent, in the order of opening."""
    return [path.read_bytes() for path in sorted(folder.glob("*.pcm"))]
