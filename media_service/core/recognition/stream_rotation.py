"""Open, retry, renew and give up recognition streams, so that one session goes on over as many as it takes.

A recognition stream lives five minutes at most and may break at any time. Whenever one takes over, planned or not, it
first gets the audio whose words are not decided, and the one before it is cancelled in the same step: the words of that
audio then come from the new stream alone. Knows nothing of utterances or vendors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from media_service.core.actions import (
    Action,
    CancelStream,
    FinishStream,
    OpenStream,
    ReportStreamFailed,
    ReportStreamingGivenUp,
    ReportStreamStarted,
    SendAudio,
)
from media_service.core.events import RecognitionResult
from media_service.core.recognition.replay_buffer import ReplayBuffer
from media_service.core.recognition.stream_health import Stream, StreamHealth
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.recognition.words import RecognizedWords
from media_service.core.vad.audio import BYTES_PER_S
from media_service.core.vad.timeline import Timeline


class StreamRotation:
    """The streams of one speaker. `streaming` tells whether there is one that gets the audio, or is on its way."""

    def __init__(
        self, speaker: str, settings: StreamSettings, timeline: Timeline, words: RecognizedWords, now: float
    ) -> None:
        self._speaker = speaker
        self._settings = settings
        self._timeline = timeline
        self.health = StreamHealth(settings, timeline, words)
        self.buffer = ReplayBuffer(settings, timeline, words, self.health)
        self._count = 0
        self._next: Stream | None = None
        self._failures = 0
        self._retry_at = now
        self._finished = False
        self._has_been_open = False
        self.streaming = True

    @property
    def is_listening(self) -> bool:
        """Whether there is a stream that gets the audio."""
        return self.health.live is not None

    def start(self, now: float) -> list[Action]:
        return self._open(now)

    def feed(self, audio: bytes, now: float) -> Sequence[Action]:
        """Audio of the speaker, by which the timeline has been advanced."""
        self.buffer.append(audio)
        return self._send(now) if self.health.live is not None else ()

    def opened(self, stream: str, now: float) -> list[Action]:
        """The stream takes over: it gets the kept audio, and the one before it is dropped. Nothing happens for one that
        is not wanted any more."""
        opening = self._next
        if opening is None or opening.name != stream:
            return []
        old, first = self.health.live, not self._has_been_open
        opening.opened_at = now
        opening.origin = self.buffer.rewind()
        self._timeline.begin_stream(opening.origin)
        opening.is_second_opinion = old is not None and old.is_stalled and old.had_result
        self.health.live, self._next = opening, None
        self.streaming = self._has_been_open = True
        actions: list[Action] = [CancelStream(old.name)] if old else []
        return [*actions, ReportStreamStarted(opening.attempt, first, stream), *self._send(now)]

    def result(self, stream: str, result: RecognitionResult) -> bool:
        """Whether the result counts: those of streams that were replaced do not, nor does a final sent again."""
        live, at = self.health.live, self._timeline
        if live is None or live.name != stream or live.has_said(result):
            return False
        self.health.note_result(is_interim=not result.is_final)
        self._failures = 0
        said = self.end_of(result)
        end = at.sent_to if said is None else said
        is_guess = said is None and not result.is_final
        words_end = end - int(self._settings.result_lag_s * BYTES_PER_S) if is_guess else end
        at.interims.words_end = max(at.interims.words_end, min(words_end, at.sent_to))
        at.interim_end = max(at.interim_end, min(end, at.sent_to))
        if said is not None and not result.is_final and at.fed - at.sent_to < self._settings.caught_up_s * BYTES_PER_S:
            at.note_lag(said)
        if result.is_final:
            at.final_end = max(at.final_end, min(end, at.sent_to))
            live.final_to_s = result.end_s or live.final_to_s
        return True

    def end_of(self, result: RecognitionResult) -> int | None:
        """Where a result of the live stream ends in the speaker's audio; None if it does not say."""
        live = self.health.live
        return None if live is None or result.end_s is None else live.origin + int(result.end_s * BYTES_PER_S)

    def ended(self, stream: str, reason: str, now: float, *, permanent: bool = False) -> list[Action]:
        """A stream failed, or ended without being asked to. `permanent`: trying again now would be in vain."""
        live, opening = self.health.live, self._next
        if live is not None and live.name == stream:
            failed, self.health.live = live, None
        elif opening is not None and opening.name == stream:
            failed, self._next = opening, None
        else:
            return []
        return [] if self._finished else self._failed(failed, reason, now, permanent=permanent)

    def finish(self, now: float) -> list[Action]:
        """No more audio will come. What the live stream still says counts."""
        self._finished = True
        actions: list[Action] = []
        if self._next is not None:
            actions.append(CancelStream(self._next.name))
            self._next = None
        if self.health.live is not None:
            actions += [*self._send(now), FinishStream(self.health.live.name)]
        return actions

    def close(self) -> list[Action]:
        """Drop every stream. Nothing is reported afterwards."""
        self._finished = True
        names = [stream.name for stream in (self.health.live, self._next) if stream]
        self.health.live = self._next = None
        return [CancelStream(name) for name in names]

    def deadline(self) -> float:
        """When `on_timer` has something to do next."""
        if self._finished:
            return math.inf
        if self._next is not None:
            return self._next.asked_at + self._settings.open_timeout_s
        if self.health.live is None:
            return self._retry_at
        return max(self._retry_at, self.health.live.opened_at + self._settings.look_for_pause_after_s)

    def on_timer(self, now: float) -> list[Action]:
        """Open, replace or give up streams as due. Early or repeated calls do nothing."""
        if now < self.deadline() or self._finished:
            return []
        if self._next is not None:
            late, self._next = self._next, None
            return [CancelStream(late.name), *self._failed(late, "did not open in time", now)]
        if self.health.live is None or self.health.is_too_old(now):
            return self._open(now)
        self._retry_at = now + 0.1  # not at a pause yet: look again
        return []

    def _open(self, now: float) -> list[Action]:
        self._count += 1
        self._next = Stream(f"{self._speaker}-{self._count}", self._failures + 1, asked_at=now)
        return [OpenStream(self._next.name)]

    def _failed(self, stream: Stream, reason: str, now: float, *, permanent: bool = False) -> list[Action]:
        worked = stream.had_result or now - stream.opened_at >= self._settings.settled_in_s
        self._failures = 1 if worked else self._failures + 1
        report = ReportStreamFailed(self._failures, worked, reason, stream.name)
        if permanent or self._failures >= self._settings.start_attempts:
            return [report, *self._give_up(stream, now)]
        # A stream that had been working is replaced at once; one that never did gets a moment.
        self._retry_at = now if worked else now + self._settings.retry_delay_s
        return [report]

    def _give_up(self, stream: Stream, now: float) -> list[Action]:
        """Streaming is not to be had; it is tried again much later. A live stream, if there is one, goes on."""
        self._retry_at = now + self._settings.retry_streaming_after_s
        if self.health.live is not None or not self.streaming:
            return []
        self.streaming = False
        return [ReportStreamingGivenUp(stream.name)]

    def _replace_stalled(self, live: Stream, now: float) -> list[Action]:
        """No results for speech: another stream gets it too, but not one after the other for ever."""
        if not self.health.note_stall():
            return [] if self._next is not None else self._open(now)
        self.health.live = None
        self._failures = self._settings.start_attempts
        report = ReportStreamFailed(self._failures, False, "no results for speech", live.name)
        return [CancelStream(live.name), report, *self._give_up(live, now)]

    def _send(self, now: float) -> list[Action]:
        """What the live stream may get now, in batches and no faster than the recognizer allows."""
        live, at, settings = self.health.live, self._timeline, self._settings
        if live is None:
            return []
        last = self._finished
        if at.fed - at.sent_to < settings.batch_s * BYTES_PER_S and not last:
            return []
        if not last and self.health.is_stalled(now):
            return self._replace_stalled(live, now)
        until = at.fed
        if not last:
            allowed_s = settings.replay_burst_s + (now - live.opened_at) * settings.replay_rate
            until = min(until, live.origin + int(allowed_s * BYTES_PER_S))
        actions: list[Action] = []
        while at.sent_to < until:
            end = min(until, at.sent_to + settings.largest_send_bytes)
            actions.append(SendAudio(live.name, self.buffer.read(at.sent_to, end)))
            at.sent_to = end
        return actions
