"""What the assistant has to say, on its way to the caller: text to sentences, sentences to clips, clips to the phone.

A turn of the assistant is everything from its first clip until nothing is left to make and nothing to be heard. Does
not decide when to speak or to stop.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from media_service.core.actions import Action, CancelReply, Synthesize
from media_service.core.speaking.announcement import Announcement
from media_service.core.speaking.playback import Heard, Playback, PlaybackSettings
from media_service.core.speaking.reply import Reply


class Delivery:
    def __init__(self, settings: PlaybackSettings) -> None:
        self._playback = Playback(settings)
        self._clips = itertools.count(1)
        self._replies = 0
        self._reply: Reply | None = None
        self._held: list[tuple[str, bytes]] = []
        """Clips that are ready and may not be played yet."""

    @property
    def reply(self) -> Reply | None:
        """The reply that is being made or said."""
        return self._reply

    @property
    def is_holding(self) -> bool:
        """Whether a clip is ready that may not be played yet."""
        return bool(self._held)

    @property
    def is_over(self) -> bool:
        """Nothing is left to make, and nothing to be heard."""
        made = self._reply is None or self._reply.is_complete
        return made and not self._held and self._playback.is_idle

    def begin_reply(self) -> int:
        """The number of the reply whose text comes now."""
        self._replies += 1
        self._reply = Reply(self._replies, self._clips)
        return self._replies

    def text(self, turn: int, text: str) -> list[Synthesize]:
        return self._reply.text(text) if self._reply is not None and self._reply.turn == turn else []

    def text_ended(self, turn: int, *, ends_call: bool) -> list[Synthesize]:
        if self._reply is None or self._reply.turn != turn:
            return []
        return self._reply.text_ended(ends_call)

    def waits_for(self, clip: int) -> bool:
        return self._reply is not None and self._reply.waits_for(clip)

    def synthesized(self, clip: int, audio: bytes) -> list[Synthesize]:
        """A clip that is waited for is ready, or failed if there is no audio. It is held until `release`."""
        if self._reply is None:
            return []
        ready, asked = self._reply.synthesized(clip, audio)
        self._held += ready
        return asked

    def release(self, now: float) -> list[Action]:
        """Play what was held."""
        held, self._held = self._held, []
        return [action for text, audio in held for action in self._playback.add(text, audio, now)]

    def announce(self, announcement: Announcement, now: float) -> list[Action]:
        """Play this after whatever is being played."""
        return self._playback.add(announcement.text, announcement.audio, now, is_protected=announcement.is_protected)

    @property
    def playback(self) -> Playback:
        """What is being heard."""
        return self._playback

    def drop_reply(self) -> list[Action]:
        """Give up what is not being played yet."""
        reply, self._reply = self._reply, None
        self._held = []
        return [] if reply is None else [CancelReply(reply.turn)]

    def stop(self, now: float, *, even_protected: bool = False) -> tuple[Sequence[Action], Heard | None]:
        """Give up everything. Returns what was heard of this turn, None if nothing had been sent."""
        dropped = self.drop_reply()
        cleared, heard = self._playback.clear(now, even_protected=even_protected)
        return [*dropped, *cleared], heard

    def finish_turn(self, now: float) -> Heard | None:
        """Everything of this turn was heard."""
        self._reply = None
        return self._playback.finish_turn(now)

    def mark_reached(self, name: str, now: float) -> list[Action]:
        return self._playback.mark_reached(name, now)

    def deadline(self) -> float:
        return self._playback.deadline()

    def on_timer(self, now: float) -> list[Action]:
        return self._playback.on_timer(now)
