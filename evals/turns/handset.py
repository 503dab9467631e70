"""The caller's telephone and the way to it: what is sent is heard some time later, in order, and marks come back.

Keeps what was heard when, down to the word: whatever is sent is found in what was synthesized.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from media_service.core.vad.audio import BYTES_PER_S

_LOOKED_FOR: Final = 480
"""Bytes at the beginning of a piece by which it is found. Noise makes them different from all others."""
_HEARD_SHARE: Final = 0.5
"""So much of a word has to be heard for it to be understood."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Something that was synthesized."""

    text: str
    audio: bytes
    ends_s: tuple[float, ...]
    """Of its words."""

    def words_between(self, start_s: float, end_s: float) -> list[tuple[int, str, float]]:
        """The words heard in that stretch of it: number, text, and where it begins."""
        starts = (0.0, *self.ends_s[:-1])
        return [
            (number, word, start)
            for number, (word, start, end) in enumerate(zip(self.text.split(), starts, self.ends_s, strict=False))
            if min(end, end_s) - max(start, start_s) >= _HEARD_SHARE * (end - start)
        ]


@dataclass(slots=True)
class Heard:
    """A piece of a clip at the caller's ear, in seconds of the loop's clock."""

    clip: Clip | None
    """None: nothing that was synthesized."""
    offset_s: float
    """Where in the clip it begins."""
    start: float
    end: float

    @property
    def words(self) -> list[tuple[int, str, float]]:
        if self.clip is None:
            return []
        return self.clip.words_between(self.offset_s, self.offset_s + self.end - self.start)


class Handset:
    """Implements `Phone`. `echo` takes the name of a mark that comes back."""

    def __init__(self, clips: Sequence[Clip], rng: np.random.Generator, echo: Callable[[str], None]) -> None:
        """`clips` may grow."""
        self._clips = clips
        self._rng = rng
        self._echo = echo
        self._loop = asyncio.get_running_loop()
        self._delay_s = float(rng.uniform(0.04, 0.08))
        self._last_arrival = 0.0
        self._free_at = 0.0
        self._marks: dict[str, asyncio.TimerHandle] = {}
        self.heard: list[Heard] = []
        self.closed_at: float | None = None

    def play(self, audio: bytes) -> None:
        self._arrives(lambda: self._play(audio))

    def mark(self, name: str) -> None:
        self._arrives(lambda: self._mark(name))

    def clear(self) -> None:
        self._arrives(self._clear)

    async def close(self) -> None:
        self.closed_at = self._loop.time()
        self._arrives(self._clear)

    def is_silent(self, now: float) -> bool:
        return now >= self._free_at

    def at(self, now: float) -> Heard | None:
        """What is at the ear then."""
        return next((piece for piece in reversed(self.heard) if piece.start <= now < piece.end), None)

    def _arrives(self, done: Callable[[], None]) -> None:
        jitter = float(self._rng.uniform(-0.01, 0.01))
        self._last_arrival = max(self._last_arrival + 1e-5, self._loop.time() + self._delay_s + jitter)
        self._loop.call_at(self._last_arrival, done)

    def _play(self, audio: bytes) -> None:
        start = max(self._loop.time(), self._free_at)
        self._free_at = start + len(audio) / BYTES_PER_S
        clip, offset = self._found(audio)
        self.heard.append(Heard(clip, offset / BYTES_PER_S, start, self._free_at))

    def _mark(self, name: str) -> None:
        self._marks[name] = self._loop.call_at(max(self._loop.time(), self._free_at), self._reached, name)

    def _clear(self) -> None:
        now = self._loop.time()
        self._free_at = min(self._free_at, now)
        self.heard = [piece for piece in self.heard if piece.start < now]
        for piece in self.heard:
            piece.end = min(piece.end, now)
        for name, waiting in list(self._marks.items()):
            waiting.cancel()
            self._reached(name)

    def _reached(self, name: str) -> None:
        self._marks.pop(name, None)
        self._loop.call_later(self._delay_s, self._echo, name)

    def _found(self, audio: bytes) -> tuple[Clip | None, int]:
        looked_for = audio[:_LOOKED_FOR]
        for clip in reversed(self._clips):
            if (at := clip.audio.find(looked_for)) >= 0:
                return clip, at
        return None, 0
