"""Keep one recognition session going over as many streams as it takes, and lose none of the audio.

A recognition stream lives five minutes at most and may break at any time. So audio is kept until a final result
covers it, and whenever a stream takes over (planned or not), it first gets the kept audio again: the words of that
audio then come from the new stream alone, since the old one is cancelled in the same step.
Positions are bytes of the speaker's audio since the call began. Knows nothing of words, utterances or vendors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

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
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.vad.audio import BYTES_PER_S


@dataclass(slots=True)
class _Stream:
    name: str
    attempt: int
    asked_at: float
    opened_at: float = math.inf
    origin: int = 0
    """Position of its first byte."""
    sent: int = 0
    """Position up to which it has got audio."""
    had_result: bool = False
    is_stalled: bool = False
    """No results came for speech: what it got counts as heard by nobody."""
    is_second_opinion: bool = False
    """It took over from one that had given results, and had none for the last speech."""
    final_to_s: float = 0.0
    """Where its last final ended."""

    def has_said(self, result: RecognitionResult) -> bool:
        """Whether a final repeats one before it, in the same words or in others: they end at the same place."""
        return result.is_final and result.end_s is not None and 0.0 < result.end_s <= self.final_to_s


class Replay(Enum):
    ALL = "all"
    WHAT_IS_NOT_SAFE = "what is not safe"
    """What came after the words that are published already."""
    NOTHING = "nothing"


class RecognitionSession:
    """The streams of one speaker. `streaming` tells whether there is one to listen to (or on its way)."""

    def __init__(self, speaker: str, settings: StreamSettings, now: float) -> None:
        self._speaker = speaker
        self._settings = settings
        self._count = 0
        self._started_once = False
        self._kept = bytearray()
        self._kept_from = 0
        self._position = 0
        self._covered = 0
        """Everything before this is covered by final results."""
        self._safe = 0
        """The words of everything before this are published, though no final result covers it."""
        self._heard_to = 0
        """Up to here results have come, interim ones included."""
        self.told_to = 0
        """The same by the recogniser's own word; to the end of what it got where a result does not say."""
        self.decided_to: int | None = None
        """Where the last final ended, if it said so."""
        self._last_voiced = 0
        self._unanswered = 0
        """Bytes of speech since the last result of any stream: a new one owes results for what it hears again."""
        self._live: _Stream | None = None
        self._next: _Stream | None = None
        self._failures = 0
        self._stalls = 0
        self._retry_at = now
        self._finished = False
        self.streaming = True

    @property
    def position(self) -> int:
        return self._position

    def start(self, now: float) -> list[Action]:
        return self._open(now)

    def feed(self, audio: bytes, voiced: bool, segment_is_open: bool, now: float) -> Sequence[Action]:
        """Audio of the speaker. `segment_is_open`: words were heard that no final result covers yet."""
        self._kept += audio
        self._position += len(audio)
        if voiced:
            self._last_voiced = self._position
            self._unanswered += len(audio)
        self._forget_covered(segment_is_open)
        return self._send(now) if self._live is not None else ()

    def unanswered_s(self) -> float:
        """Seconds of speech since the last result."""
        return self._unanswered / BYTES_PER_S

    def replay(self, segment_is_open: bool) -> Replay:
        """What the next stream to open will hear of the segment that no final result has ended."""
        if not self._is_pending(segment_is_open):
            return Replay.NOTHING
        return Replay.ALL if self._safe <= self._covered else Replay.WHAT_IS_NOT_SAFE

    @property
    def heard_to(self) -> int:
        """Results, interim ones included, have come for the audio up to here, but for the end of a word."""
        return self._heard_to + int(self._settings.end_of_word_s * BYTES_PER_S)

    def words_are_safe(self, until: int) -> None:
        """Audio up to this position needs no hearing again, though its final result never came."""
        self._safe = max(self._safe, until)

    def covered_by_request(self) -> None:
        """All audio so far went into a single request; no stream needs it any more."""
        self._covered = self._position
        self._unanswered = 0

    def opened(self, stream: str, segment_is_open: bool, now: float) -> list[Action]:
        """The stream takes over: it gets the kept audio, and the one before it is dropped."""
        opening = self._next
        if opening is None or opening.name != stream:
            return []
        self._drop_kept(self._needed_from(segment_is_open))
        opening.opened_at = now
        opening.origin = opening.sent = self._heard_to = self.told_to = self._kept_from
        old, self._live, self._next = self._live, opening, None
        opening.is_second_opinion = old is not None and old.is_stalled and old.had_result
        first, self._started_once = not self._started_once, True
        self.streaming = True
        actions: list[Action] = [CancelStream(old.name)] if old else []
        return [*actions, ReportStreamStarted(opening.attempt, first, stream), *self._send(now)]

    def result(self, stream: str, result: RecognitionResult) -> bool:
        """Whether the result counts: those of streams that were replaced do not, nor does a final sent again."""
        live = self._live
        if live is None or live.name != stream or live.has_said(result):
            return False
        live.had_result = True
        live.is_stalled = False
        self._unanswered = 0
        self._failures = self._stalls = 0
        end = live.sent if result.end_s is None else live.origin + int(result.end_s * BYTES_PER_S)
        unknown = result.end_s is None and not result.is_final
        heard_to = end - int(self._settings.result_lag_s * BYTES_PER_S) if unknown else end
        self._heard_to = max(self._heard_to, min(heard_to, live.sent))
        self.told_to = max(self.told_to, min(end, live.sent))
        if result.is_final:
            self._covered = max(self._covered, min(end, live.sent))
            self.decided_to = end if result.end_s is not None else None
            live.final_to_s = result.end_s or live.final_to_s
        return True

    def ended(self, stream: str, reason: str, now: float, *, final: bool = False) -> list[Action]:
        """A stream failed, or ended without being asked to. `final`: trying again now would be in vain."""
        for_live = self._live is not None and self._live.name == stream
        failed = self._live if for_live else self._next
        if failed is None or failed.name != stream:
            return []
        if for_live:
            self._live = None
        else:
            self._next = None
        return [] if self._finished else self._failed(failed, reason, now, final=final)

    def finish(self, now: float) -> list[Action]:
        """No more audio will come. What the live stream still says counts."""
        self._finished = True
        actions: list[Action] = []
        if self._next is not None:
            actions.append(CancelStream(self._next.name))
            self._next = None
        if self._live is not None:
            actions += [*self._send(now), FinishStream(self._live.name)]
        return actions

    def close(self) -> list[Action]:
        """Drop every stream. Nothing is reported afterwards."""
        self._finished = True
        names = [stream.name for stream in (self._live, self._next) if stream]
        self._live = self._next = None
        return [CancelStream(name) for name in names]

    def deadline(self) -> float:
        """When `on_timer` has something to do next."""
        if self._finished:
            return math.inf
        if self._next is not None:
            return self._next.asked_at + self._settings.open_timeout_s
        if self._live is None:
            return self._retry_at
        return max(self._retry_at, self._live.opened_at + self._settings.look_for_pause_after_s)

    def on_timer(self, segment_is_open: bool, now: float) -> list[Action]:
        """Open, replace or give up streams as due. Early or repeated calls do nothing."""
        if now < self.deadline() or self._finished:
            return []
        if self._next is not None:
            late, self._next = self._next, None
            return [CancelStream(late.name), *self._failed(late, "did not open in time", now)]
        if self._live is None or self._is_due(self._live, segment_is_open, now):
            return self._open(now)
        self._retry_at = now + 0.1  # not at a pause yet: look again
        return []

    @property
    def is_listening(self) -> bool:
        """Whether there is a stream that hears the speaker."""
        return self._live is not None

    @property
    def is_answering(self) -> bool:
        """Whether the stream that hears the speaker has shown that it recognises anything; or where one that had shown
        it has no word for what was said, a second one has none either."""
        live = self._live
        if live is None or live.is_stalled:
            return False
        heard_silence = live.sent - self._last_voiced >= self._settings.second_opinion_s * BYTES_PER_S
        return live.had_result or (live.is_second_opinion and heard_silence)

    @property
    def heard_unrecognised_speech(self) -> bool:
        """Whether there was speech lately that no result answers."""
        return self._last_voiced - self._covered > self._settings.unanswered_s * BYTES_PER_S

    def unrecognised(self) -> bytes:
        """The audio whose words are not decided, for a recogniser that takes over from streaming."""
        self._drop_kept(max(self._covered, self._safe))
        return bytes(self._kept)

    def _is_due(self, live: _Stream, segment_is_open: bool, now: float) -> bool:
        """Whether a stream that works has to be replaced because of its age."""
        age = now - live.opened_at
        if age >= self._settings.rotate_after_s:
            return True
        quiet = self._silent_s() >= self._settings.pause_s and not segment_is_open
        return quiet and not self._unanswered and age >= self._settings.look_for_pause_after_s

    def _is_stalled(self, live: _Stream, now: float) -> bool:
        """Whether results are overdue: for much speech, or for a little that ended a while ago."""
        patience_s = self._settings.stall_s * 2**self._stalls
        if now - live.opened_at < patience_s:
            return False
        if self.unanswered_s() >= patience_s:
            return True
        return self.unanswered_s() >= self._settings.shortest_word_s and self._silent_s() >= patience_s

    def _was_answered_by_silence(self) -> bool:
        """Whether a stream that works heard the last speech, and long after it still has no words for it."""
        live = self._live
        if live is None or live.is_stalled:
            return False
        return live.sent - self._last_voiced >= 2 * self._settings.stall_s * BYTES_PER_S

    def _silent_s(self) -> float:
        return (self._position - self._last_voiced) / BYTES_PER_S

    def _open(self, now: float) -> list[Action]:
        self._count += 1
        self._next = _Stream(f"{self._speaker}-{self._count}", self._failures + 1, asked_at=now)
        return [OpenStream(self._next.name)]

    def _failed(self, stream: _Stream, reason: str, now: float, *, final: bool = False) -> list[Action]:
        worked = stream.had_result or now - stream.opened_at >= self._settings.settled_in_s
        self._failures = 1 if worked else self._failures + 1
        actions: list[Action] = [ReportStreamFailed(self._failures, worked, reason, stream.name)]
        if self._failures < self._settings.start_attempts and not final:
            # A stream that had been working is replaced at once; one that never did gets a moment.
            self._retry_at = now if worked else now + self._settings.retry_delay_s
            return actions
        self._retry_at = now + self._settings.retry_streaming_after_s
        if self._live is None and self.streaming:
            self.streaming = False
            actions.append(ReportStreamingGivenUp(stream.name))
        return actions

    def _stalled(self, live: _Stream, now: float) -> list[Action]:
        self._stalls += self.unanswered_s() >= self._settings.unanswered_s
        live.is_stalled = True
        self._unanswered = 0
        if self._stalls > self._settings.stall_attempts:
            self._live = None
            self._failures = self._settings.start_attempts - 1
            live.had_result, live.opened_at = False, math.inf
            return [CancelStream(live.name), *self._failed(live, "no results for speech", now)]
        return [] if self._next is not None else self._open(now)

    def _send(self, now: float) -> list[Action]:
        live = self._live
        if live is None:
            return []
        waiting = self._position - live.sent
        last = self._finished
        if waiting < self._settings.batch_s * BYTES_PER_S and not last:
            return []
        if self._unanswered and not last and self._is_stalled(live, now):
            return self._stalled(live, now)
        until = self._position
        if not last:
            allowed_s = self._settings.replay_burst_s + (now - live.opened_at) * self._settings.replay_rate
            until = min(until, live.origin + int(allowed_s * BYTES_PER_S))
        actions: list[Action] = []
        while live.sent < until:
            end = min(until, live.sent + self._settings.largest_send_bytes)
            kept = self._kept[live.sent - self._kept_from : end - self._kept_from]
            actions.append(SendAudio(live.name, bytes(kept)))
            live.sent = end
        return actions

    def _needed_from(self, segment_is_open: bool) -> int:
        """Where the audio begins that the next stream has to hear (again)."""
        done = max(self._covered, self._safe)
        if self._is_pending(segment_is_open):
            return done
        return max(done, self._position - int(self._settings.quiet_tail_s * BYTES_PER_S))

    def _is_pending(self, segment_is_open: bool) -> bool:
        """Whether there was speech whose words are not decided yet."""
        # Where no stream listened, even the shortest word counts.
        least_s = 0.0 if self._live is None else self._settings.unanswered_s
        unsettled = self._last_voiced - max(self._covered, self._safe) > least_s * BYTES_PER_S
        # Speech without any words long after it ended was no speech.
        if unsettled and not self._was_answered_by_silence():
            return True
        return segment_is_open and self._last_voiced > self._safe

    def _forget_covered(self, segment_is_open: bool) -> None:
        """Let go of audio that no later stream will need, and of nothing that the live one has not got yet."""
        needed_from = self._needed_from(segment_is_open)
        needed_from = max(needed_from, self._position - int(self._settings.kept_s * BYTES_PER_S))
        if self._live is not None:
            needed_from = min(needed_from, self._live.sent)
        # In steps of a second: moving the buffer for every frame would cost more than the memory is worth.
        if needed_from - self._kept_from >= BYTES_PER_S:
            self._drop_kept(needed_from)

    def _drop_kept(self, until: int) -> None:
        if until > self._kept_from:
            del self._kept[: until - self._kept_from]
            self._kept_from = until
