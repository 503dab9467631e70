"""What the phone is playing: which clips were sent, which were heard, and what to say when it is cut short.

Twilio plays what it is sent in order and echoes a mark when everything before it has been played. After a clear the
marks of dropped audio come back too, so a mark carries the generation it was sent in and counts only in that one.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from media_service.core.actions import Action, ClearPlayback, PlayAudio, SendMark
from media_service.core.vad.audio import BYTES_PER_S, duration_s


@dataclass(frozen=True, slots=True)
class PlaybackSettings:
    ahead_s: float = 10.0
    """Audio sent and not yet heard, at most. Bounds what a phone that stopped playing can pile up."""

    piece_bytes: int = 8_000
    """One message carries a second of audio: few large messages, none so large that it delays the next."""

    mark_grace_s: float = 2.0
    """A mark this late after its audio must have ended is taken as reached."""


@dataclass(slots=True)
class _Clip:
    text: str
    audio: bytes
    mark: str = ""
    starts_at: float = math.inf
    """When its first sample is heard, as far as can be known from here."""

    @property
    def ends_at(self) -> float:
        return self.starts_at + duration_s(self.audio)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of the clips of one turn."""

    text: str
    started_at: float
    ended_at: float


class Playback:
    """The audio of one call's assistant. `start_at` of a turn is when its first frame was sent."""

    def __init__(self, settings: PlaybackSettings = PlaybackSettings()) -> None:
        self._settings = settings
        self._generation = 1
        self._marks = 0
        self._queued: deque[_Clip] = deque()
        self._sent: deque[_Clip] = deque()
        self._heard: list[str] = []
        self._started_at = math.nan
        self._audible_until = -math.inf

    @property
    def is_idle(self) -> bool:
        """Nothing queued and nothing left to be heard."""
        return not self._queued and not self._sent

    @property
    def has_started(self) -> bool:
        """Whether any audio of this turn was sent."""
        return not math.isnan(self._started_at)

    def add(self, text: str, audio: bytes, now: float) -> list[Action]:
        """Play this after what is queued already."""
        self._queued.append(_Clip(text, audio))
        return self._send(now)

    def mark_reached(self, name: str, now: float) -> list[Action]:
        """Marks of earlier generations are flushed, not heard, and mean nothing."""
        if not any(clip.mark == name for clip in self._sent):
            return []
        while self._sent:
            clip = self._sent.popleft()
            self._heard.append(clip.text)
            if clip.mark == name:
                break
        self._audible_until = now + sum(duration_s(clip.audio) for clip in self._sent)
        start = now
        for clip in self._sent:
            clip.starts_at = start
            start = clip.ends_at
        return self._send(now)

    def clear(self, now: float) -> tuple[list[Action], Heard | None]:
        """Stop playing. Returns what was heard of this turn, None if nothing had been sent."""
        heard = self._heard_until(now)
        had_audio = bool(self._sent)
        self._queued.clear()
        self._sent.clear()
        self._forget_turn()
        self._generation += 1
        self._audible_until = now
        return ([ClearPlayback()] if had_audio else []), heard

    def finish_turn(self, now: float) -> Heard | None:
        """Everything of this turn was heard; the next clip begins another."""
        heard = self._heard_until(now)
        self._forget_turn()
        return heard

    def deadline(self) -> float:
        """When the next mark is overdue."""
        return self._sent[0].ends_at + self._settings.mark_grace_s if self._sent else math.inf

    def on_timer(self, now: float) -> list[Action]:
        if now < self.deadline():
            return []
        return self.mark_reached(self._sent[0].mark, now)

    def _send(self, now: float) -> list[Action]:
        actions: list[Action] = []
        while self._queued and (not self._sent or self._audible_until - now < self._settings.ahead_s):
            clip = self._queued.popleft()
            if not self.has_started:
                self._started_at = now
            clip.starts_at = max(now, self._audible_until)
            self._audible_until = clip.ends_at
            self._marks += 1
            clip.mark = f"{self._generation}-{self._marks}"
            size = self._settings.piece_bytes
            actions += [PlayAudio(clip.audio[i : i + size]) for i in range(0, len(clip.audio), size)]
            actions.append(SendMark(clip.mark))
            self._sent.append(clip)
        return actions

    def _heard_until(self, now: float) -> Heard | None:
        if not self.has_started:
            return None
        parts: list[str] = [*self._heard, *_partly_heard(self._sent, now)]
        return Heard(" ".join(filter(None, parts)), self._started_at, now)

    def _forget_turn(self) -> None:
        self._heard = []
        self._started_at = math.nan


def _partly_heard(clips: Sequence[_Clip] | deque[_Clip], now: float) -> list[str]:
    """Of each clip the words whose share of its time has passed."""
    texts = []
    for clip in clips:
        length = len(clip.audio) / BYTES_PER_S
        share = (now - clip.starts_at) / length if length else 1.0
        words = clip.text.split()
        texts.append(" ".join(words[: max(0, min(len(words), int(share * len(words))))]))
    return texts
