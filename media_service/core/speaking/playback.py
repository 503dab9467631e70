"""What the phone is playing: which clips were sent, which were heard, and what is left when it is held or cut short.

Twilio plays what it is sent in order and echoes a mark when everything before it has been played. After a clear the
marks of dropped audio come back too, so a mark carries the generation it was sent in and counts only in that one.

To hold is to clear and to remember the place: what goes on later begins with the clause that was being said. A
protected clip is neither held nor dropped; nothing is sent behind it before it was heard, since a clear takes both.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

from media_service.core.actions import Action, ClearPlayback, PlayAudio, SendMark
from media_service.core.speaking.clauses import clause_start
from media_service.core.vad.audio import BYTES_PER_S

_NEWEST_CLIPS: Final = 5
_AFTER_S: Final = 0.3
"""So long after the playback a sound may begin and still be an echo of it."""
_FOR_THE_MOST_PART: Final = 0.6
_TAG_WORDS: Final = 2
"""A question so short, after something that was read back, is known before it is asked: "right?"."""


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
    is_protected: bool = False
    mark: str = ""
    begin: int = 0
    """Where in the audio it is to go on, or was sent from."""
    heard_to: int = 0
    """How far it had been heard when it was held."""
    starts_at: float = math.inf
    """When the first sample sent is heard, as far as can be known from here."""

    @property
    def ends_at(self) -> float:
        return self.starts_at + (len(self.audio) - self.begin) / BYTES_PER_S

    def heard_until(self, now: float) -> int:
        """Bytes of it that were heard."""
        played = 0 if now < self.starts_at else int((now - self.starts_at) * BYTES_PER_S)
        return max(self.heard_to, min(len(self.audio), self.begin + played) if played else 0)

    def words_heard(self, now: float) -> str:
        """The words whose share of its time has passed."""
        words = self.text.split()
        share = self.heard_until(now) / len(self.audio) if self.audio else 1.0
        return " ".join(words[: min(len(words), int(share * len(words)))])


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
        self.started_at = math.nan
        """When the first audio of this turn was sent."""
        self._audible_until = -math.inf
        self._newest: deque[str] = deque(maxlen=_NEWEST_CLIPS)
        """The texts of the clips that were begun last, of this turn and of those before."""
        self.is_held = False
        """Something is left to be said, and it waits for `resume`."""
        self.protected_heard = False
        """A protected clip was heard to its end."""

    @property
    def is_protected(self) -> bool:
        """Whether what is being played may not be stopped."""
        return bool(self._sent) and self._sent[0].is_protected

    def is_audible(self, now: float) -> bool:
        """Whether the caller hears anything of it now."""
        return bool(self._sent) and now < self._audible_until

    @property
    def is_idle(self) -> bool:
        """Nothing queued and nothing left to be heard."""
        return not self._queued and not self._sent

    @property
    def has_started(self) -> bool:
        """Whether any audio of this turn was sent."""
        return not math.isnan(self.started_at)

    def add(self, text: str, audio: bytes, now: float, *, is_protected: bool = False) -> list[Action]:
        """Play this after what is queued already."""
        self._queued.append(_Clip(text, audio, is_protected))
        return self._send(now)

    def heard(self, now: float) -> str:
        """What was heard of this turn so far."""
        clips = [*self._sent, *self._queued]
        return " ".join(filter(None, [*self._heard, *(clip.words_heard(now) for clip in clips)]))

    def sounding_at(self, at: float) -> str:
        """What was being said then, or just before, with the sentences around it; "" if nothing was."""
        return " ".join(self._newest) if at <= self._audible_until + _AFTER_S else ""

    def last_clips_heard(self, now: float) -> str:
        """The text of the newest clip that was heard for the most part, and of a tag of one or two words behind it."""
        clips = [*self._sent, *self._queued]
        begun = [clip for clip in clips if clip.heard_until(now) >= _FOR_THE_MOST_PART * len(clip.audio)]
        newest = begun[-1].text if begun else self._heard[-1] if self._heard else ""
        following = clips[len(begun)].text if len(begun) < len(clips) else ""
        return f"{newest} {following}" if newest and len(following.split()) <= _TAG_WORDS else newest

    def hold(self, now: float) -> list[Action]:
        """Fall silent, and keep the place. A protected clip is heard to its end first."""
        if self.is_held or self.is_protected:
            self.is_held = True
            return []
        self.is_held = True
        had_audio = bool(self._sent)
        for clip in reversed(self._sent):
            clip.heard_to = clip.heard_until(now)
            clip.begin = clause_start(clip.audio, clip.heard_to)
            clip.mark, clip.starts_at = "", math.inf
            self._queued.appendleft(clip)
        self._sent.clear()
        self._generation += 1
        self._audible_until = now
        return [ClearPlayback()] if had_audio else []

    def resume(self, now: float) -> list[Action]:
        """Go on from the clause that was being said."""
        self.is_held = False
        return self._send(now)

    def mark_reached(self, name: str, now: float) -> list[Action]:
        """Marks of earlier generations are flushed, not heard, and mean nothing."""
        if not any(clip.mark == name for clip in self._sent):
            return []
        while self._sent:
            clip = self._sent.popleft()
            self._heard.append(clip.text)
            self.protected_heard |= clip.is_protected
            if clip.mark == name:
                break
        self._audible_until = now + sum((len(clip.audio) - clip.begin) / BYTES_PER_S for clip in self._sent)
        start = now
        for clip in self._sent:
            clip.starts_at = start
            start = clip.ends_at
        return self._send(now)

    def clear(self, now: float, *, even_protected: bool = False) -> tuple[list[Action], Heard | None]:
        """Stop playing. Returns what was heard of this turn, None if nothing had been sent.

        A protected clip goes on, and counts as heard: it will be."""
        if self.is_protected and not even_protected:
            return [], self._leave_protected(now)
        heard = self._heard_until(now)
        had_audio = bool(self._sent)
        self.is_held = False
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

    def _leave_protected(self, now: float) -> Heard | None:
        self.is_held = False
        self._queued = deque(clip for clip in self._queued if clip.is_protected)
        left = [*self._sent, *self._queued]
        text = " ".join(filter(None, [*self._heard, *(clip.text for clip in left)]))
        heard = Heard(text, self.started_at, now) if text else None
        self._forget_turn()
        for clip in left:
            clip.text = ""  # it has been told
        return heard

    def _may_send(self, now: float) -> bool:
        if self.is_held or not self._queued:
            return False
        if not self._sent:
            return True
        return self._audible_until - now < self._settings.ahead_s and not self._sent[-1].is_protected

    def _send(self, now: float) -> list[Action]:
        actions: list[Action] = []
        while self._may_send(now):
            clip = self._queued.popleft()
            if not self.has_started:
                self.started_at = now
            clip.starts_at = max(now, self._audible_until)
            self._audible_until = clip.ends_at
            self._marks += 1
            clip.mark = f"{self._generation}-{self._marks}"
            size = self._settings.piece_bytes
            actions += [PlayAudio(clip.audio[i : i + size]) for i in range(clip.begin, len(clip.audio), size)]
            actions.append(SendMark(clip.mark))
            self._sent.append(clip)
            if clip.text not in self._newest:
                self._newest.append(clip.text)
        return actions

    def _heard_until(self, now: float) -> Heard | None:
        return Heard(self.heard(now), self.started_at, now) if self.has_started else None

    def _forget_turn(self) -> None:
        self._heard = []
        self.started_at = math.nan
