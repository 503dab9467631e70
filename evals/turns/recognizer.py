"""A recognizer as slow and as sloppy as the real ones. It hears the words of the line in the frames that it is sent.

Words appear one by one, some time behind the voice; the newest may read otherwise at first. A pause ends a segment, and
its final result follows the voice at the time asked for. Results come in their order, in steps of 100 ms.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from evals.turns.items import Hearing, Phantom
from evals.turns.line import Line, SaidWord
from media_service.core.events import RecognitionResult
from media_service.core.vad.audio import FRAME_BYTES, FRAME_S
from media_service.ports import Recognition, RecognitionStream, RecognizerProfile

NAME: Final = "google_streaming"

_STEP_S: Final = 0.1
_REVISED: Final = 0.1
"""Share of words that read otherwise when they first appear."""
_UNDECIDED: Final = 0.08
"""Share of words that appear 0.2 s after their end, in a result that has got further than that."""
_UNDECIDED_S: Final = 0.2
_KNOWN_AFTER: Final = 0.8
"""So much of a word has to be heard before it appears."""
_LONGEST_SEGMENT_S: Final = 20.0
_SPARSE_S: Final = 1.8
_STABLE, _UNSTABLE = 0.9, 0.1


@dataclass(frozen=True, slots=True)
class Lags:
    interim_s: float = 0.3
    """Behind the voice."""
    final_s: float = 0.9
    """After the voice."""


@dataclass(slots=True)
class _Heard:
    word: SaidWord
    ends_at_s: float
    """In the stream's audio."""
    shown_from_s: float
    first_reads: str


@dataclass(slots=True)
class _Segment:
    endpoint_s: float
    """Silence that ends it."""
    words: list[_Heard] = field(default_factory=list)
    shown: str = ""
    stability: float = 0.0
    shown_at_s: float = -math.inf

    @property
    def ends_at_s(self) -> float:
        return self.words[-1].ends_at_s if self.words else math.inf


class _Results:
    """On their way to the client, in their order: what was recognized before comes before."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived: asyncio.Queue[RecognitionResult | None] = asyncio.Queue()
        self._last_due = 0.0

    def send_at(self, due: float, result: RecognitionResult | None) -> None:
        """None: there will be no more."""
        self._last_due = max(due, self._loop.time(), self._last_due + 0.001)
        self._loop.call_at(self._last_due, self._arrived.put_nowait, result)

    async def get(self) -> RecognitionResult | None:
        return await self._arrived.get()


class SimulatedStream:
    """Implements `RecognitionStream`."""

    def __init__(self, line: Line, lags: Lags, hearing: Hearing, rng: np.random.Generator) -> None:
        self._line = line
        self._lags = lags
        self._hearing = hearing
        self._rng = rng
        self._loop = asyncio.get_running_loop()
        self._results = _Results()
        self._heard_s = 0.0
        self._voice_at_s = 0.0
        self._frames_of: dict[SaidWord, int] = {}
        self._segment = self._next_segment()
        self._rest = b""
        self.is_live = True

    def send(self, audio: bytes) -> None:
        audio = self._rest + audio
        whole = len(audio) // FRAME_BYTES * FRAME_BYTES
        self._rest = audio[whole:]
        for start in range(0, whole, FRAME_BYTES):
            self._hear(audio[start : start + FRAME_BYTES])

    def finish(self) -> None:
        if self._segment.words:
            self._end_segment(self._loop.time() + 0.1)
        self._results.send_at(self._loop.time() + 0.15, None)

    async def __aiter__(self) -> AsyncIterator[RecognitionResult]:
        while (result := await self._results.get()) is not None:
            yield result

    async def cancel(self) -> None:
        self.is_live = False

    def invent(self, phantom: Phantom) -> None:
        """A result that nobody's words are behind."""
        end_s = _stepped(self._heard_s)
        confidence = phantom.confidence if phantom.is_final else None
        result = RecognitionResult(phantom.text, phantom.is_final, end_s, _UNSTABLE, confidence, recognizer=NAME)
        self._results.send_at(self._loop.time(), result)

    def _hear(self, frame: bytes) -> None:
        self._heard_s += FRAME_S
        at = self._line.time_of(frame)
        if at is not None:
            for word in self._line.words:
                if word.start_s - FRAME_S / 2 <= at < word.end_s - FRAME_S / 2:
                    self._voice_at_s = self._heard_s
                    self._hear_word(word, at)
        silence_s = self._heard_s - self._voice_at_s
        if self._segment.words and silence_s >= self._segment.endpoint_s:
            self._end_segment(self._loop.time() - silence_s + self._jittered(self._final_s))
        elif _stepped(self._heard_s) > _stepped(self._heard_s - FRAME_S):
            self._show()

    def _hear_word(self, word: SaidWord, at: float) -> None:
        frames = self._frames_of[word] = self._frames_of.get(word, 0) + 1
        segment = self._segment
        if segment.words and segment.words[-1].word is word:
            segment.words[-1].ends_at_s = self._heard_s
            return
        share = (at + FRAME_S - word.start_s) / (word.end_s - word.start_s)
        is_whole = frames * FRAME_S >= 0.6 * share * (word.end_s - word.start_s)
        if share < _KNOWN_AFTER or not is_whole or any(heard.word is word for heard in segment.words):
            return
        if segment.words and self._heard_s - segment.words[0].ends_at_s > _LONGEST_SEGMENT_S:
            self._end_segment(self._loop.time() + self._jittered(self._final_s))
            segment = self._segment
        left_s = word.end_s - at
        undecided = left_s + _UNDECIDED_S if self._rng.random() < _UNDECIDED and not word.opens else 0.0
        revised = self._rng.random() < _REVISED and len(word.text) > 3 and not word.opens
        first_reads = word.text[:-1] if revised else word.text
        segment.words.append(_Heard(word, self._heard_s, self._heard_s + undecided, first_reads))

    def _show(self) -> None:
        """An interim result, if there is anything new in it."""
        segment, hearing = self._segment, self._hearing
        of_turn = [heard for heard in segment.words if not heard.word.opens]
        shown = [heard for heard in segment.words if heard.shown_from_s <= self._heard_s]
        if of_turn and hearing.late_words:
            hidden = of_turn[-hearing.late_words :] if self._is_last(of_turn[-1]) else of_turn[-1:]
            shown = [heard for heard in shown if heard not in hidden]
        if not shown or (hearing.interims == "none" and of_turn):
            return
        if hearing.interims == "sparse" and of_turn and self._heard_s - segment.shown_at_s < _SPARSE_S:
            if segment.shown_at_s == -math.inf:
                segment.shown_at_s = self._heard_s - _SPARSE_S + 1.2
            return
        newest = shown[-1]
        is_new = newest.shown_from_s > self._heard_s - _STEP_S
        reads = [heard.word.text for heard in shown]
        if is_new:
            reads[-1] = newest.first_reads
        text = " ".join(reads)
        stability = _STABLE if text == segment.shown else _UNSTABLE
        if text == segment.shown and stability == segment.stability:
            return
        segment.shown, segment.stability, segment.shown_at_s = text, stability, self._heard_s
        lag = 0.1 if newest.word.opens else self._jittered(self._lags.interim_s)
        result = RecognitionResult(text, False, _stepped(self._heard_s), stability, recognizer=NAME)
        self._results.send_at(self._loop.time() + lag, result)

    def _is_last(self, heard: _Heard) -> bool:
        return heard.word is max(self._line.words, key=lambda word: word.end_s)

    def _end_segment(self, due: float) -> None:
        segment, self._segment = self._segment, self._next_segment()
        hearing, opens = self._hearing, segment.words[-1].word.opens
        if opens:
            due = min(due, self._loop.time() + 0.05)
        elif hearing.finals == "never":
            return
        text = " ".join(hearing.changed.get(heard.word.text, heard.word.text) for heard in segment.words)
        if hearing.finals == "empty" and not opens:
            text = ""
        confidence = min(heard.word.confidence for heard in segment.words)
        end_s = round(segment.ends_at_s + float(self._rng.uniform(0.02, 0.15)), 2)
        self._results.send_at(due, RecognitionResult(text, True, end_s, 0.0, confidence, recognizer=NAME))

    @property
    def _final_s(self) -> float:
        return self._lags.final_s if self._hearing.final_s is None else self._hearing.final_s

    def _next_segment(self) -> _Segment:
        """It ends after half a second of silence to one, earlier where finals are quick."""
        return _Segment(self._jittered(min(1.0, max(0.25, 0.65 * self._final_s))))

    def _jittered(self, seconds: float) -> float:
        return seconds * float(self._rng.uniform(0.8, 1.2))


class SimulatedRecognizer:
    """Implements `Recognizer`. `on_stream` is told of every stream that opens."""

    language = "iw-IL"
    model = "default"
    profile = RecognizerProfile(NAME, longest_stream_s=300.0, largest_message_bytes=7_500)

    def __init__(
        self, line: Line, lags: Lags, hearing: Hearing, rng: np.random.Generator, on_stream: Callable[[], None]
    ) -> None:
        self._line = line
        self._lags = lags
        self._hearing = hearing
        self._rng = rng
        self._on_stream = on_stream
        self._streams: list[SimulatedStream] = []

    async def open_stream(self) -> RecognitionStream:
        await asyncio.sleep(0.05)
        self._on_stream()
        self._streams.append(SimulatedStream(self._line, self._lags, self._hearing, self._rng))
        return self._streams[-1]

    async def recognize(self, audio: bytes) -> Recognition:
        """A request of its own, as the service makes it where streams do not work."""
        frames = [self._line.time_of(audio[at : at + FRAME_BYTES]) for at in range(0, len(audio), FRAME_BYTES)]
        times = [at for at in frames if at is not None]
        await asyncio.sleep(0.5)
        words = [word for word in self._line.words if any(word.start_s <= at <= word.end_s for at in times)]
        text = " ".join(word.text for word in words)
        found = [RecognitionResult(text, True, confidence=0.85, recognizer="google_single")] if words else []
        return Recognition(found, "google_single")

    def invent(self, phantom: Phantom) -> None:
        """On the stream that is open, if one is."""
        live = [stream for stream in self._streams if stream.is_live]
        if live:
            live[-1].invent(phantom)


def _stepped(seconds: float) -> float:
    """The last whole step."""
    return round(math.floor(seconds / _STEP_S + 1e-6) * _STEP_S, 1)
