"""An ideal recognizer that is a pure function of the audio it got, and a call's worth of virtual time around it.

A spoken word is a run of one mu-law level: the level says which word it is. So what a stream heard, and whether it
heard every byte, can be checked exactly. Nothing here waits: `Line.run` steps `now` by 20 ms.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from media_service.core import actions as act
from media_service.core.events import RecognitionResult
from media_service.core.turns import listening as ear
from media_service.core.turns import utterance
from media_service.core.vad.audio import BYTES_PER_S, FRAME_BYTES, FRAME_S

_WORDS = (
    "שלום מזגן דירה לוי בוקר צהריים טלפון רחוב כביסה הצעה מחיר התקנה גינה סלון חדר מקרר תנור מים ברז פקק "
    "נזילה קיר צבע חלון מפתח מנעול גג רעפים חשמל שקע נברשת ארון מדף שולחן כיסא ספה שטיח וילון דוד שמש"
)
VOCABULARY = tuple(_WORDS.split())

_SHORTEST_WORD_BYTES = 480


def silence(seconds: float, seed: int = 0) -> bytes:
    """Line noise far below speech; random, so that any stretch of it can be told from any other."""
    dice = random.Random(seed)
    return bytes(dice.choices((0xFF, 0x7F, 0xFE, 0x7E), k=int(seconds * BYTES_PER_S)))


def spoken(words: Iterable[str], seed: int = 0, word_s: float = 0.2, gap_s: float = 0.06) -> bytes:
    audio = b""
    for number, word in enumerate(words):
        level = VOCABULARY.index(word)
        audio += bytes([level, level | 0x80]) * int(word_s * BYTES_PER_S / 2) + silence(gap_s, seed * 100 + number)
    return audio


@dataclass(slots=True)
class _Run:
    level: int
    start: int
    end: int


class Ears:
    """Words of a growing piece of audio. `final_after_s` of silence ends a segment."""

    def __init__(self, final_after_s: float = 0.5, words_per_final: int = 1_000) -> None:
        self.heard = bytearray()
        self._final_after = int(final_after_s * BYTES_PER_S)
        self._words_per_final = words_per_final
        self._run: _Run | None = None
        self._last_loud = 0
        self._segment: list[_Run] = []
        self._scanned = 0

    def hear(self, audio: bytes) -> list[RecognitionResult]:
        self.heard += audio
        results: list[RecognitionResult] = []
        for position in range(self._scanned, len(self.heard)):
            level = self.heard[position] & 0x7F
            run = self._run
            if level < 0x60:
                if run is None or run.level != level or position - run.end > 160:
                    self._close_run(results)
                    self._run = run = _Run(level, position, position)
                run.end = position
                self._last_loud = position
            elif run is not None and position - run.end > 160:
                self._close_run(results)
            elif self._segment and run is None and position - self._last_loud > self._final_after:
                results += self.flush()
        self._scanned = len(self.heard)
        return results

    def flush(self) -> list[RecognitionResult]:
        """Finals for everything heard and not yet decided."""
        results: list[RecognitionResult] = []
        self._close_run([])
        while self._segment:
            part, self._segment = self._segment[: self._words_per_final], self._segment[self._words_per_final :]
            results.append(RecognitionResult(_text(part), True, (part[-1].end + 1) / BYTES_PER_S, confidence=0.9))
            if self._segment:
                results.append(
                    RecognitionResult(_text(self._segment), False, (self._segment[-1].end + 1) / BYTES_PER_S)
                )
        return results

    def _close_run(self, results: list[RecognitionResult]) -> None:
        run, self._run = self._run, None
        if run is not None and run.end - run.start >= _SHORTEST_WORD_BYTES:
            self._segment.append(run)
            results.append(RecognitionResult(_text(self._segment), False, (self._segment[-1].end + 1) / BYTES_PER_S))


def _text(runs: Sequence[_Run]) -> str:
    return " ".join(VOCABULARY[run.level] for run in runs)


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one recognition stream."""

    opens_after_s: float | None = 0.1
    """None: it never answers."""
    refused: bool = False
    mute_after_s: float | None = None
    """Seconds after it opened; from then on there are no results."""
    breaks_after_results: int | None = None
    breaks_after_s: float | None = None
    """Seconds after it opened."""
    says_finals: int = 1
    """How often it sends each of them."""


@dataclass(slots=True)
class _Stream:
    fate: Fate
    ears: Ears
    opened_at: float | None = None
    gone: bool = False
    finishing: bool = False
    results: int = 0
    sizes: list[int] = field(default_factory=list)


class Line:
    """One speaker's audio, a `Listener`, and the recognizer, on a virtual clock."""

    def __init__(
        self,
        settings: ear.ListeningSettings,
        fates: Iterable[Fate] = (),
        chunks: Sequence[int] = (FRAME_BYTES,),
        result_lag_s: float = 0.15,
        words_per_final: int = 1_000,
    ) -> None:
        self.now = 0.0
        self.settings = settings
        self.listener = ear.Listener("caller", settings, self.now)
        self.streams: dict[str, _Stream] = {}
        self.requests: list[bytes] = []
        self.fed = bytearray()
        self.facts: list[utterance.SpeechFact] = []
        self.reports: list[act.Action] = []
        self._pending = bytearray()
        self._fates = itertools.chain(fates, itertools.repeat(Fate()))
        self._chunks = itertools.cycle(chunks)
        self._chunk = next(self._chunks)
        self._lag_s = result_lag_s
        self._words_per_final = words_per_final
        self._due: list[tuple[float, int, Callable[[], ear.Step]]] = []
        self._order = itertools.count()
        self._leaving = False
        self._take(self.listener.start(self.now))

    @property
    def settled(self) -> list[str]:
        return [item.utterance.text for item in self.facts if isinstance(item, utterance.UtteranceSettled)]

    @property
    def words(self) -> list[str]:
        return " ".join(self.settled).split()

    @property
    def live(self) -> _Stream:
        """The stream that is listening now."""
        return next(stream for stream in self.streams.values() if stream.opened_at is not None and not stream.gone)

    def run(self, audio: bytes) -> None:
        for start in range(0, len(audio), FRAME_BYTES):
            self.now += FRAME_S
            self._advance()
            self._pending += audio[start : start + FRAME_BYTES]
            while len(self._pending) >= self._chunk:
                piece = bytes(self._pending[: self._chunk])
                del self._pending[: self._chunk]
                self._chunk = next(self._chunks)
                self.fed += piece
                self._take(self.listener.feed(piece, self.now))

    def hang_up(self) -> None:
        """The speaker is gone; let what is on its way arrive, then close."""
        self._leaving = True
        self._take(self.listener.finish(self.now))
        for _ in range(75):
            self.now += FRAME_S
            self._advance()
        self._take(self.listener.close(99.0))

    def _advance(self) -> None:
        while self._due and self._due[0][0] <= self.now:
            self._take(heapq.heappop(self._due)[2]())
        if self.now >= self.listener.deadline():
            self._take(self.listener.on_timer(self.now))

    def _later(self, delay_s: float, happens: Callable[[], ear.Step]) -> None:
        heapq.heappush(self._due, (self.now + delay_s, next(self._order), happens))

    def _take(self, step: ear.Step) -> None:
        for item in step:
            if isinstance(item, act.OpenStream):
                self._open(item.stream)
            elif isinstance(item, act.SendAudio):
                self._send(item)
            elif isinstance(item, act.FinishStream):
                stream = self.streams[item.stream]
                stream.finishing = True
                self._results(item.stream, stream, stream.ears.flush())
            elif isinstance(item, act.CancelStream):
                assert not self.streams[item.stream].gone, "cancelled twice, or after its end"
                self.streams[item.stream].gone = True
            elif isinstance(item, act.RecognizeOnce):
                self._recognize(item)
            elif isinstance(item, utterance.SpeechFact):
                self.facts.append(item)
            else:
                self.reports.append(item)

    def _open(self, name: str) -> None:
        fate = next(self._fates)
        self.streams[name] = stream = _Stream(fate, Ears(words_per_final=self._words_per_final))
        if fate.opens_after_s is None:
            return
        if fate.refused:
            self._later(fate.opens_after_s, lambda: self._end(name, stream, "refused"))
        else:
            self._later(fate.opens_after_s, lambda: self._opened(name, stream))

    def _opened(self, name: str, stream: _Stream) -> ear.Step:
        if stream.gone:
            return ()
        stream.opened_at = self.now
        if stream.fate.breaks_after_s is not None:
            self._later(stream.fate.breaks_after_s, lambda: self._end(name, stream, "broke"))
        return self.listener.opened(name, self.now)

    def _end(self, name: str, stream: _Stream, reason: str) -> ear.Step:
        if stream.gone:
            return ()
        stream.gone = True
        return self.listener.stream_ended(name, reason, self.now)

    def _send(self, item: act.SendAudio) -> None:
        stream = self.streams[item.stream]
        assert stream.opened_at is not None and not stream.gone, "audio for a stream that is not there"
        stream.sizes.append(len(item.audio))
        results = stream.ears.hear(item.audio)
        if not stream.finishing:
            limits = self.settings.streams
            allowed_s = limits.replay_burst_s + (self.now - stream.opened_at) * limits.replay_rate
            assert self._leaving or len(stream.ears.heard) <= allowed_s * BYTES_PER_S + 1, "sent faster than allowed"
        self._results(item.stream, stream, results)

    def _results(self, name: str, stream: _Stream, results: list[RecognitionResult]) -> None:
        mute_after_s, opened_at = stream.fate.mute_after_s, stream.opened_at
        if mute_after_s is not None and opened_at is not None and self.now > opened_at + mute_after_s:
            return
        for result in (each for each in results for _ in range(stream.fate.says_finals if each.is_final else 1)):
            self._later(self._lag_s, lambda result=result: self._result(name, stream, result))  # type: ignore[misc]

    def _result(self, name: str, stream: _Stream, result: RecognitionResult) -> ear.Step:
        if stream.gone:
            return ()
        stream.results += 1
        if stream.fate.breaks_after_results is not None and stream.results > stream.fate.breaks_after_results:
            return self._end(name, stream, "broke")
        return self.listener.result(name, result, self.now)

    def _recognize(self, item: act.RecognizeOnce) -> None:
        self.requests.append(item.audio)
        ears = Ears(final_after_s=1_000.0)
        ears.hear(item.audio)
        results = ears.flush()
        self._later(self._lag_s, lambda: self.listener.recognized(item.request, results, "google_single", self.now))
