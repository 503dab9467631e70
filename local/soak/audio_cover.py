"""Which of a call's audio reached the recognizer, and whether one stream begins where the one before it ended. Pure.

Streams get whole stretches of the call's audio; where they lie is found by looking for them, sample by sample. That
needs audio that never repeats, see `conversations.with_noise_of_its_own`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from local import g711

LAST_BATCH_MS = 80.0
"""Silence of the last moment may stay unsent: nobody waits for it once every word is there."""
_SAMPLE_BYTES = 2
_LEAST_INSERTED_BYTES = 400 * _SAMPLE_BYTES
"""50 ms: the noise of a line has no such pauses."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one stream was sent, in samples since the call's audio began."""

    track: str
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Cover:
    """Of one track."""

    streams: int
    gaps_ms: tuple[float, ...]
    """At each change from one stream to the next; 0 where they join or overlap."""
    before_first_ms: float
    after_last_ms: float

    @property
    def is_whole(self) -> bool:
        missing = self.before_first_ms or self.after_last_ms > LAST_BATCH_MS or any(self.gaps_ms)
        return self.streams > 0 and not missing


def as_sent_on(mulaw: bytes) -> bytes:
    """LINEAR16, as a recognizer gets it."""
    return g711.decode(mulaw).astype("<i2").tobytes()


def located(tape: bytes, tracks: Mapping[str, bytes]) -> Stretch | None:
    """Where in the tracks (LINEAR16, by name) this lies; None if it is no stretch of any.

    Silence that the service put in for frames that were late is passed over.
    """
    for name, audio in tracks.items():
        if (ends := _end_of(tape, audio)) is not None:
            return Stretch(name, _find(tape, audio) // _SAMPLE_BYTES, ends // _SAMPLE_BYTES)
    return None


def _end_of(tape: bytes, audio: bytes) -> int | None:
    """Where in `audio` the tape ends, in bytes; None if it does not lie there."""
    at, done = _find(tape, audio), 0
    if at < 0:
        return None
    while done < len(tape):
        same = _same(tape[done:], audio[at:])
        done, at = done + same, at + same
        if done == len(tape):
            break
        # Where the line goes on, its own noise may begin with silent samples too.
        inserted = _silent(tape[done:]) - _silent(audio[at:])
        if inserted < _LEAST_INSERTED_BYTES:
            return None
        done += inserted
    return at


def _find(tape: bytes, audio: bytes) -> int:
    """By its first quarter of a second, which has noise of its own."""
    needle = tape[: g711.SAMPLE_RATE_HZ // 4 * _SAMPLE_BYTES]
    at = audio.find(needle)
    while at >= 0 and at % _SAMPLE_BYTES:
        at = audio.find(needle, at + 1)
    return at


def _same(one: bytes, other: bytes) -> int:
    """How many bytes both begin with, in whole samples."""
    length = min(len(one), len(other)) // _SAMPLE_BYTES * _SAMPLE_BYTES
    differ = np.flatnonzero(np.frombuffer(one[:length], "<i2") != np.frombuffer(other[:length], "<i2"))
    return int(differ[0]) * _SAMPLE_BYTES if len(differ) else length


def _silent(audio: bytes) -> int:
    """How many bytes of digital silence it begins with."""
    loud = np.flatnonzero(np.frombuffer(audio[: len(audio) // _SAMPLE_BYTES * _SAMPLE_BYTES], "<i2"))
    return int(loud[0]) * _SAMPLE_BYTES if len(loud) else len(audio)


def cover(stretches: Sequence[Stretch], samples: int) -> Cover:
    """`stretches` of one track, in the order in which the streams were opened; `samples`: the length of the track."""
    if not stretches:
        return Cover(0, (), _ms(samples), _ms(samples))
    gaps = tuple(_ms(max(0, later.begins - earlier.ends)) for earlier, later in pairwise(stretches))
    return Cover(len(stretches), gaps, _ms(stretches[0].begins), _ms(max(0, samples - stretches[-1].ends)))


def _ms(samples: int) -> float:
    return samples * 1000 / g711.SAMPLE_RATE_HZ
