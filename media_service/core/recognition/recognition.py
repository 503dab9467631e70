"""Put one speaker's audio into words: frames in, words out, over streams or by single requests.

Composes the streams and what follows from their results, joins results into words, and takes over with single requests
where streaming cannot be had. Does not decide when an utterance begins or is over: it is told by the timeline whether
one is open, and asked for its words when it is over.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from media_service.core.actions import Action, RecognizeOnce, ReportRequestFailed
from media_service.core.events import RecognitionResult
from media_service.core.recognition.awaited_final import AwaitedFinal, FinalSettings
from media_service.core.recognition.replay_buffer import Replay
from media_service.core.recognition.single_requests import SingleRequestSettings, UtteranceCutter
from media_service.core.recognition.stream_rotation import StreamRotation
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.recognition.wording import lowest
from media_service.core.recognition.words import RecognizedWords
from media_service.core.vad.audio import BYTES_PER_S
from media_service.core.vad.timeline import Timeline


@dataclass(frozen=True, slots=True)
class InterimWords:
    """The words that nobody has taken yet have changed."""

    recognizer: str
    stability: float = 0.0
    """See `events.RecognitionResult`."""


@dataclass(frozen=True, slots=True)
class FinalWords:
    """A final result decided words. Both parts may be empty."""

    covered: str
    """Those that the last `take` gave away, as they now read."""
    rest: str
    """Those that nobody has taken yet."""
    confidence: float | None
    recognizer: str


@dataclass(frozen=True, slots=True)
class RequestMade:
    """The audio of the open utterance, or of speech that none was noticed for, went into a single request."""

    request: str
    audio_s: float


@dataclass(frozen=True, slots=True)
class RequestAnswered:
    """All words there will be of it, those included that a stream had given before; "" if there are none."""

    request: str
    text: str
    confidence: float | None = None
    recognizer: str | None = None
    """None if the request failed: what was said is not known, unless a stream had words of it."""


Recognized = InterimWords | FinalWords | RequestMade | RequestAnswered
Step = Sequence[Action | Recognized]


@dataclass(frozen=True, slots=True)
class RecognitionSettings:
    streaming: bool = True
    streams: StreamSettings = StreamSettings()
    finals: FinalSettings = FinalSettings()
    single: SingleRequestSettings = SingleRequestSettings()


@dataclass(slots=True)
class _Requests:
    """The single requests under way, and what streaming had given of each before it failed."""

    speaker: str
    count: int = 0
    words: dict[str, RecognizedWords] = field(default_factory=dict)

    def add(self, words: RecognizedWords) -> str:
        self.count += 1
        name = f"{self.speaker}-request-{self.count}"
        self.words[name] = words
        return name


class Recognition:
    """Of one speaker. The timeline has been advanced by the audio fed; call `on_timer` when `deadline` has passed."""

    def __init__(self, speaker: str, settings: RecognitionSettings, timeline: Timeline, now: float) -> None:
        self._settings = settings
        self._timeline = timeline
        self._words = RecognizedWords()
        self._streams = StreamRotation(speaker, settings.streams, timeline, self._words, now)
        self._awaited = AwaitedFinal(settings.finals, timeline)
        self._cutter = UtteranceCutter(settings.single)
        self._requests = _Requests(speaker)
        self._finished = False
        self._last_words_at = math.inf
        """When what a finished stream owes is asked for elsewhere."""

    @property
    def text(self) -> str:
        """The words nobody has taken yet."""
        return self._words.text

    @property
    def decided(self) -> str:
        """The part of them that final results have decided."""
        return self._words.decided

    @property
    def owed(self) -> str:
        """What the last `take` gave away and no final result has covered, as it read then."""
        return self._words.owed

    @property
    def is_streaming(self) -> bool:
        """Whether a stream gets the audio, or is on its way; otherwise it goes into single requests."""
        return self._settings.streaming and self._streams.streaming

    @property
    def is_listening(self) -> bool:
        """Whether a stream gets the audio now."""
        return self._streams.is_listening

    @property
    def is_answering(self) -> bool:
        """Whether that stream has shown that it recognizes anything."""
        return self._streams.health.is_answering

    @property
    def awaits_request(self) -> bool:
        return bool(self._requests.words)

    @property
    def awaits_final(self) -> bool:
        """Whether a final result is owed for words that came or were taken."""
        return self._words.segment_is_open

    @property
    def awaits_last_words(self) -> bool:
        """Whether a finished stream owes words, and has time left to give them."""
        return self._last_words_at < math.inf

    @property
    def may_still_give_words(self) -> bool:
        """False once everything that was fed has been put into words, as far as it will be."""
        if not self._finished:
            return True
        return self.awaits_request or self.is_listening or self.awaits_last_words

    def start(self, now: float) -> Step:
        return self._streams.start(now) if self._settings.streaming else ()

    def feed(self, frame: bytes, now: float, *, voiced: bool) -> Step:
        was_streaming = self.is_streaming
        step: Step = ()
        if self._settings.streaming and (sent := self._streams.feed(frame, now)):
            step = self._take_over(was_streaming, sent)
        if was_streaming:
            return step
        spoken_s = None if self._timeline.spoken is None else self._timeline.spoken_s
        audio = self._cutter.feed(frame, voiced, spoken_s)
        return step if audio is None else [*step, *self._request(audio)]

    def opened(self, stream: str, now: float) -> Step:
        was_streaming = self.is_streaming
        replay = self._streams.buffer.replay
        actions = self._streams.opened(stream, now)
        if not actions:
            return ()
        if not was_streaming:
            self._cutter.flush()  # the replay buffer kept that audio as well, and has just given it to the stream
        if self._awaited.is_awaited:
            self._awaited.wait(now)  # this one may send it
        if replay is Replay.NOTHING:
            self._words.segment_lost()
        elif replay is Replay.UNPUBLISHED:
            self._words.segment_replayed()
        return actions

    def result(self, stream: str, result: RecognitionResult) -> Step:
        if not self._streams.result(stream, result):
            return ()
        if self._awaited.is_of_outdated(self._streams.end_of(result)):
            return ()  # its words were taken, and another segment has begun since
        if not result.is_final:
            self._interim(result.text)
            return (InterimWords(result.recognizer, result.stability),)
        reaches_end = self._awaited.is_reached_by(self._streams.end_of(result))
        covered, rest = self._words.final(result.text, covers_taken=reaches_end)
        if not self._words.owed:
            self._awaited.wait_no_more()
        return (FinalWords(covered, rest, result.confidence, result.recognizer),)

    def _interim(self, text: str) -> None:
        at = self._timeline
        is_new = text.split() != self._words.newest
        after_pause = at.interims.changed_end <= at.voice.resumed_at < at.interim_end
        if self._words.interim(text, after_pause=after_pause):
            self._awaited.segment_given_up(at.voice.resumed_at)
        if is_new:
            at.interims.changed_end = at.interim_end

    def stream_ended(self, stream: str, reason: str, now: float, *, permanent: bool = False) -> Step:
        """`permanent`: there is no use in trying again now."""
        was_listening, was_streaming = self.is_listening, self.is_streaming
        actions = self._streams.ended(stream, reason, now, permanent=permanent)
        step = self._take_over(was_streaming, actions)
        if self.is_listening:
            return step
        if self._finished and reason and was_listening:
            return [*step, *self._request_unrecognized()]  # it broke before it had said everything
        self._last_words_at = math.inf
        return step

    def recognized(self, request: str, results: Iterable[RecognitionResult], recognizer: str) -> Step:
        """The outcome of a single request; no results mean that nothing was said."""
        words = self._requests.words.pop(request, None)
        if words is None:
            return ()
        found = tuple(results)
        words.final(" ".join(result.text for result in found))
        confidence = lowest(result.confidence for result in found)
        return (RequestAnswered(request, words.take(), confidence, recognizer),)

    def request_failed(self, request: str, reason: str) -> Step:
        """What streaming had given of it before, if anything, is all there will be."""
        words = self._requests.words.pop(request, None)
        if words is None:
            return ()
        words.final("")
        return (ReportRequestFailed(reason), RequestAnswered(request, words.take()))

    def speech_begins(self, onset_bytes: int) -> None:
        """Somebody speaks again. After a long silence this is of another segment, though no final ended the last."""
        if self._words.segment_is_open and self._awaited.is_outdated(self._timeline.fed - onset_bytes):
            self._words.segment_outdated()

    def take(self, now: float) -> str:
        """Give all words away, to an utterance that is over. Their final result is awaited from now on."""
        text = self._words.take()
        self._awaited.words_taken()
        if self._words.segment_is_open:
            self._awaited.wait(now)
        return text

    def take_late(self) -> str:
        """Words that came since, for the same utterance; "" if there are none."""
        late = self._words.take()
        if late:
            self._awaited.late_words_taken()
        return late

    def deadline(self) -> float:
        streams = self._streams.deadline() if self._settings.streaming else math.inf
        return min(streams, self._awaited.overdue_at, self._last_words_at)

    def on_timer(self, now: float) -> Step:
        step: Step = ()
        if self._settings.streaming:
            was_streaming = self.is_streaming
            step = self._take_over(was_streaming, self._streams.on_timer(now))
        if now >= self._awaited.overdue_at:
            self._give_up_final(now)
        if now >= self._last_words_at:
            step = [*step, *self._streams.close(), *self._request_unrecognized()]
        return step

    def finish(self, now: float) -> Step:
        """No more audio will come."""
        self._finished = True
        if not self.is_streaming:
            audio = self._cutter.flush()
            return () if audio is None else self._request(audio)
        actions = self._streams.finish(now)
        if not self.is_listening:
            return [*actions, *self._request_unrecognized()]  # between two streams
        if self._owes_words:
            self._last_words_at = now + self._settings.finals.last_s
        return actions

    def has_said_all(self) -> bool:
        """Whether the speaker is gone and a final result covers everything; then nothing more is waited for."""
        if not self._finished or self._owes_words:
            return False
        self._last_words_at = math.inf
        return True

    def close(self) -> Step:
        """Let go of the recognizer; the words there are stand."""
        self._last_words_at = math.inf
        self._words.segment_lost()
        return self._streams.close()

    def _give_up_final(self, now: float) -> None:
        if not self.is_listening:
            self._awaited.wait(now)  # nobody could send it
            return
        self._words.final_overdue()
        if self._awaited.give_up(words_are_left=bool(self._words.text)):
            self._words.taken_are_published()

    def _take_over(self, was_streaming: bool, actions: Sequence[Action]) -> Step:
        """Single requests take over from streaming if it has just been given up."""
        if not was_streaming or self._streams.streaming:
            return actions
        if self._timeline.spoken is None:
            return [*actions, *self._request_unrecognized()]
        self._cutter.seed(self._streams.buffer.unsettled())
        return actions

    @property
    def _owes_words(self) -> bool:
        """Whether somebody spoke, and no final result says what."""
        if self._words.segment_is_open or self._streams.health.owes_words:
            return True
        return self._timeline.spoken is not None and not self._words.text

    def _request_unrecognized(self) -> Step:
        """Ask for what no stream has put into words, if there was speech in it."""
        self._last_words_at = math.inf
        if self._timeline.spoken is None and not self._owes_words:
            return ()
        return self._request(self._streams.buffer.unsettled())

    def _request(self, audio: bytes) -> Step:
        self._timeline.final_end = self._timeline.fed
        self._timeline.answered()
        # The words of that audio go with it; what the next stream gives is another utterance.
        name = self._requests.add(self._words.split_off())
        return (RecognizeOnce(name, audio), RequestMade(name, len(audio) / BYTES_PER_S))
