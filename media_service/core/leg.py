"""What a leg of either mode has: an ear for each speaker, and an end.

Takes what recognition came to and what ends a call; returns actions and facts, which the mode acts on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from media_service.core.actions import Action
from media_service.core.call_settings import CallSettings
from media_service.core.ending import Ending, ending_of
from media_service.core.events import (
    CallerAudio,
    CallerHungUp,
    DrainStarted,
    LegEvent,
    RecognitionEvent,
    RequestFailed,
    RequestRecognized,
    RunnerFailed,
    SocketLost,
    StreamEnded,
    StreamOpened,
    StreamResult,
)
from media_service.core.turns.endpointing import unread
from media_service.core.turns.line_silence import LineSilence
from media_service.core.turns.listening import Listener, ListeningSettings
from media_service.core.turns.utterance import SpeechFact
from media_service.core.turns.utterances import Reads


@dataclass(frozen=True, slots=True)
class LegEnding:
    """The call is over; last words may still come. Comes once."""


@dataclass(frozen=True, slots=True)
class LegOver:
    """Nothing more will come. Comes once, and nothing after it."""

    ending: Ending


LegFact = LegEnding | LegOver
Step = Sequence[Action | SpeechFact | LegFact]


class _Ear:
    """One speaker: a listener, and what stands in for audio that does not come."""

    def __init__(self, speaker: str, settings: ListeningSettings, now: float, reads: Reads) -> None:
        self.listener = Listener(speaker, settings, now, reads)
        self.silence = LineSilence(now)


class Leg:
    def __init__(
        self,
        speaker_of_track: Mapping[str, str],
        settings: CallSettings,
        listening: ListeningSettings,
        now: float,
        reads: Reads = unread,
    ) -> None:
        """`speaker_of_track`: who is on which track of the media stream (`inbound`, `outbound`). `reads`: whether the
        words of a turn so far can be all of it."""
        self._settings = settings
        self._speaker_of_track = speaker_of_track
        self._ears = {speaker: _Ear(speaker, listening, now, reads) for speaker in speaker_of_track.values()}
        self._ending: Ending | None = None
        self.is_over = False

    @property
    def is_ending(self) -> bool:
        return self._ending is not None

    def listener(self, speaker: str) -> Listener:
        return self._ears[speaker].listener

    def start(self, now: float) -> Step:
        return [item for ear in self._ears.values() for item in ear.listener.start(now)]

    def take(self, event: LegEvent, now: float) -> Step:
        match event:
            case CallerAudio():
                return () if self._ending else self._audio(event, now)
            case CallerHungUp() | SocketLost() | DrainStarted() | RunnerFailed():
                return self.end(ending_of(event, now, self._settings.last_words), now)
            case _:
                return self._recognition(event, now)

    def _audio(self, event: CallerAudio, now: float) -> Step:
        ear = self._ears[self._speaker_of_track[event.track]]
        ear.silence.frame_arrived(now)
        return ear.listener.feed(event.audio, now)

    def is_alive(self, now: float) -> None:
        """Something other than audio came: the peer is there, though it sends no sound."""
        for ear in self._ears.values():
            ear.silence.alive(now)

    def _recognition(self, event: RecognitionEvent, now: float) -> Step:
        match event:
            case StreamOpened():
                step = self._listener_of(event.stream).opened(event.stream, now)
            case StreamResult():
                step = self._listener_of(event.stream).result(event.stream, event.result, now)
            case StreamEnded():
                listener = self._listener_of(event.stream)
                step = listener.stream_ended(event.stream, event.reason, now, permanent=event.permanent)
            case RequestRecognized():
                listener = self._listener_of(event.request)
                step = listener.recognized(event.request, event.results, event.recognizer, now)
            case RequestFailed():
                step = self._listener_of(event.request).request_failed(event.request, event.reason, now)
            case _:
                assert_never(event)
        return [*step, *self._over_if_settled()] if self._ending else step

    def end_because(self, reason: str, now: float) -> Step:
        return self.end(Ending(reason, now, now + self._settings.last_words.wait_s), now)

    def end(self, ending: Ending, now: float) -> Step:
        """Give the recognizer a moment for the last words. The first ending stands."""
        if self._ending:
            self._ending = self._ending.followed_by(ending)
            return self._over() if now >= ending.over_at else ()
        self._ending = ending
        last = [item for ear in self._ears.values() for item in ear.listener.finish(now)]
        return [LegEnding(), *last, *(self._over() if now >= ending.over_at else self._over_if_settled())]

    def deadline(self) -> float:
        if self.is_over:
            return math.inf
        due = min(ear.listener.deadline() for ear in self._ears.values())
        if self._ending:
            return min(self._ending.over_at, due)
        return min(due, self._lost_at(), *(ear.silence.deadline() for ear in self._ears.values()))

    def on_timer(self, now: float) -> Step:
        """Do what became due by `now`. Early or repeated calls do nothing."""
        step = [item for ear in self._ears.values() for item in ear.listener.on_timer(now)]
        if self._ending:
            return [*step, *(self._over() if now >= self._ending.over_at else self._over_if_settled())]
        if now >= self._lost_at():
            return [*step, *self.end_because("error", now)]
        for ear in self._ears.values():
            if missing := ear.silence.due(now, in_speech=ear.listener.is_in_speech):
                step += ear.listener.feed(missing, now)
        return step

    def _listener_of(self, name: str) -> Listener:
        """Streams and requests are named after their speaker."""
        return self._ears[name.partition("-")[0]].listener

    def _lost_at(self) -> float:
        """When nothing has come for so long that nobody is there."""
        newest = max(ear.silence.last_frame_at for ear in self._ears.values())
        return newest + self._settings.media_timeout_s

    def _over_if_settled(self) -> Step:
        return () if any(ear.listener.owes_words for ear in self._ears.values()) else self._over()

    def _over(self) -> Step:
        if self.is_over or self._ending is None:
            return ()
        self.is_over = True
        last = [item for ear in self._ears.values() for item in ear.listener.close(self._ending.at)]
        return [*last, LegOver(self._ending)]
