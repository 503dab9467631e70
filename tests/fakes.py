"""A scripted world for whole calls: a caller, a recognizer, a voice, a reply engine, records and Pub/Sub.

The caller's audio carries the words: every frame of a word is loud and consists of one byte, the word's number. The
recognizer hears words by looking at the audio and at nothing else, so what it is not sent it cannot know.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from calls.events import CallEnded, CallEvent, UtteranceFinal
from media_service.core.conversation import Conversation
from media_service.core.events import RecognitionResult
from media_service.core.vad.audio import BYTES_PER_S, FRAME_BYTES, FRAME_S, SILENCE_BYTE
from media_service.errors import VendorError, VendorUnavailable
from media_service.ports import (
    CallSoFar,
    Recognition,
    RecognitionStream,
    RecognizerProfile,
    ReplyPart,
    TeamSettings,
)

SILENT_FRAME = bytes([SILENCE_BYTE]) * FRAME_BYTES
_LOUDEST_BYTES = 32
"""mu-law bytes 0 to 31 are all loud: so many words a test may use."""


class Vocabulary:
    """Gives each word its sound."""

    def __init__(self) -> None:
        self._words: list[str] = []

    def audio(self, word: str, length_s: float) -> bytes:
        if word not in self._words:
            self._words.append(word)
        number = self._words.index(word)
        if number >= _LOUDEST_BYTES:
            raise ValueError("more words than this telephone can carry")
        return bytes([number]) * (round(length_s / FRAME_S) * FRAME_BYTES)

    def speech(self, text: str, word_s: float = 0.3) -> bytes:
        """Words one after the other, as people speak: without a pause between them."""
        return b"".join(self.audio(word, word_s) for word in text.split())

    def word(self, byte: int) -> str | None:
        return self._words[byte] if byte < len(self._words) else None


class RecognizedAudio:
    """What can be heard in audio so far: words, and how long it has been silent."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._rest = b""
        self._last = SILENCE_BYTE
        self.words: list[str] = []
        self.heard_s = 0.0
        self.silent_s = 0.0
        self.word_ended_s = 0.0

    def feed(self, linear: bytes) -> None:
        audio = self._rest + linear
        whole = len(audio) // FRAME_BYTES * FRAME_BYTES
        self._rest = audio[whole:]
        for start in range(0, whole, FRAME_BYTES):
            byte = audio[start]
            self.heard_s += FRAME_S
            word = self._vocabulary.word(byte)
            if word is None:
                self.silent_s += FRAME_S
            else:
                self.silent_s = 0.0
                self.word_ended_s = self.heard_s
                if byte != self._last:
                    self.words.append(word)
            self._last = byte


@dataclass
class StreamPlan:
    """How one recognition stream behaves."""

    interim_lag_s: float = 0.15
    final_lag_s: float = 0.3
    """After the pause that ends an utterance for the recognizer."""
    pause_s: float = 0.5
    opens: bool = True
    """Otherwise opening it fails."""
    open_takes_s: float = 0.02
    refusal: VendorError | None = None
    """How it ends once it has got audio, as a configuration is refused."""
    breaks_after_s: float | None = None
    mute: bool = False
    mute_after_s: float = math.inf
    """From when it was opened; from then on it says nothing."""


class FakeStream:
    """Implements `RecognitionStream`."""

    def __init__(self, plan: StreamPlan, vocabulary: Vocabulary) -> None:
        self._plan = plan
        self._vocabulary = vocabulary
        self._audio = RecognizedAudio(vocabulary)
        self._results: asyncio.Queue[RecognitionResult | VendorError | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._shown = 0
        self._told_to_s = 0.0
        self.largest_send = 0
        self.audio = bytearray()
        self.cancelled = False
        self._mute_at = self._loop.time() + plan.mute_after_s
        if plan.breaks_after_s is not None:
            self._loop.call_later(plan.breaks_after_s, self.fail)

    def fail(self) -> None:
        self._results.put_nowait(VendorUnavailable("broken by the test"))

    def send(self, audio: bytes) -> None:
        self.largest_send = max(self.largest_send, len(audio))
        self.audio += audio
        if self._plan.refusal is not None:
            self._results.put_nowait(self._plan.refusal)
        for start in range(0, len(audio), FRAME_BYTES):
            self._audio.feed(audio[start : start + FRAME_BYTES])
            self._notice()

    def finish(self) -> None:
        self._say_final(0.05)
        self._loop.call_later(0.06, self._results.put_nowait, None)

    async def __aiter__(self) -> AsyncIterator[RecognitionResult]:
        while (result := await self._results.get()) is not None:
            if isinstance(result, VendorError):
                raise result
            yield result

    async def cancel(self) -> None:
        self.cancelled = True

    def _notice(self) -> None:
        heard = self._audio
        if len(heard.words) > self._shown and not self._is_mute:
            self._shown = len(heard.words)
            interim = RecognitionResult(" ".join(heard.words), False, heard.heard_s, 0.5, recognizer="google_streaming")
            self._loop.call_later(self._plan.interim_lag_s, self._results.put_nowait, interim)
        if heard.words and heard.word_ended_s > self._told_to_s and not self._is_mute and heard.silent_s:
            # The same words, heard to their end.
            self._told_to_s = heard.word_ended_s
            text = " ".join(heard.words)
            whole = RecognitionResult(text, False, heard.word_ended_s, 0.9, recognizer="google_streaming")
            self._loop.call_later(self._plan.interim_lag_s, self._results.put_nowait, whole)
        if heard.words and heard.silent_s >= self._plan.pause_s:
            self._say_final(self._plan.final_lag_s)

    @property
    def _is_mute(self) -> bool:
        return self._plan.mute or self._loop.time() >= self._mute_at

    def _say_final(self, lag_s: float) -> None:
        heard = self._audio
        if heard.words and not self._is_mute:
            text = " ".join(heard.words)
            final = RecognitionResult(text, True, heard.word_ended_s, confidence=0.9, recognizer="google_streaming")
            self._loop.call_later(lag_s, self._results.put_nowait, final)
        heard.words = []
        self._shown = 0


class FakeRecognizer:
    """Implements `Recognizer`. Streams follow `plans` in turn; the last plan serves all that come after."""

    language = "iw-IL"
    model = "default"
    profile = RecognizerProfile("google_streaming", longest_stream_s=300.0, largest_message_bytes=7_500)

    def __init__(
        self,
        vocabulary: Vocabulary,
        *plans: StreamPlan,
        single_fails: VendorError | None = None,
        single_takes_s: float = 0.2,
    ) -> None:
        self._vocabulary = vocabulary
        self._plans = deque(plans or (StreamPlan(),))
        self.single_fails = single_fails
        self.single_takes_s = single_takes_s
        self.streams: list[FakeStream] = []
        self.requests: list[bytes] = []

    async def open_stream(self) -> RecognitionStream:
        plan = self._plans.popleft() if len(self._plans) > 1 else self._plans[0]
        await asyncio.sleep(plan.open_takes_s)
        if not plan.opens:
            raise VendorUnavailable("refused by the test")
        self.streams.append(FakeStream(plan, self._vocabulary))
        return self.streams[-1]

    async def recognize(self, audio: bytes) -> Recognition:
        self.requests.append(audio)
        await asyncio.sleep(self.single_takes_s)
        if self.single_fails is not None:
            raise self.single_fails
        heard = RecognizedAudio(self._vocabulary)
        heard.feed(audio)
        final = RecognitionResult(" ".join(heard.words), True, confidence=0.8, recognizer="google_single")
        return Recognition([final] if heard.words else [], "google_single")


class FakeVoice:
    """Implements `Synthesizer`: 60 ms a letter."""

    def __init__(self, delay_s: float = 0.1, *, fails: bool = False) -> None:
        self.delay_s = delay_s
        self.fails = fails
        self.texts: list[str] = []

    async def synthesize(self, text: str) -> bytes:
        self.texts.append(text)
        await asyncio.sleep(self.delay_s)
        if self.fails:
            raise VendorUnavailable("refused by the test")
        return spoken(text)


def spoken(text: str) -> bytes:
    return b"\x20" * int(0.06 * len(text) * BYTES_PER_S)


class FakeReplies:
    """Implements `ReplyEngine` from a list of answers; an answer that is an error is raised."""

    def __init__(self, *answers: str | VendorError, delay_s: float = 0.1) -> None:
        self._answers = deque(answers)
        self._delay_s = delay_s
        self.conversations: list[Conversation] = []
        self.abandoned = 0

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        self.conversations.append(conversation)
        if not self._answers:
            raise AssertionError("asked for more replies than the script has")
        answer = self._answers.popleft()
        try:
            await asyncio.sleep(self._delay_s)
        except asyncio.CancelledError:
            self.abandoned += 1
            raise
        if isinstance(answer, VendorError):
            raise answer
        yield ReplyPart(answer.removesuffix("|"), ends_call=answer.endswith("|"))

    @property
    def left(self) -> int:
        return len(self._answers)


@dataclass
class FakeRecords:
    """Implements `CallRecords`."""

    caller_number: str = "+972501234567"
    so_far: CallSoFar | None = None
    fails: bool = False
    hangs: bool = False
    """They take what they are asked, and never answer."""
    legs: list[tuple[str, int]] = field(default_factory=list)
    ends: list[tuple[str, str]] = field(default_factory=list)

    async def team_settings(self) -> TeamSettings:
        return TeamSettings()

    async def called_number(self, call_sid: str) -> str:
        await self._answer()
        return "+97231234567"

    async def call_so_far(self, call_sid: str, caller_number: str = "") -> CallSoFar:
        await self._answer()
        return self.so_far or CallSoFar(self.caller_number)

    async def write_leg(self, call_sid: str, leg: int) -> None:
        await self._answer()
        self.legs.append((call_sid, leg))

    async def write_end(self, call_sid: str, reason: str, ended_at: datetime) -> None:
        await self._answer()
        self.ends.append((call_sid, reason))

    async def _answer(self) -> None:
        await asyncio.sleep(math.inf if self.hangs else 0.02)
        if self.fails:
            raise VendorUnavailable("refused by the test")


@dataclass
class FakePublisher:
    """Implements `EventPublisher`; keeps when each event was acknowledged."""

    down_until: float = 0.0
    published: list[tuple[float, CallEvent]] = field(default_factory=list)

    async def publish(self, event: CallEvent) -> None:
        await asyncio.sleep(0.01)
        now = asyncio.get_running_loop().time()
        if now < self.down_until:
            raise VendorUnavailable("down")
        self.published.append((now, event))

    @property
    def lines(self) -> list[tuple[str, str]]:
        """(speaker, text) of every utterance."""
        return [(event.speaker, event.text) for _, event in self.published if isinstance(event, UtteranceFinal)]

    @property
    def ended(self) -> CallEnded:
        """The one end of the call."""
        (event,) = [event for _, event in self.published if isinstance(event, CallEnded)]
        return event


@dataclass
class FakePhone:
    """Implements `Phone`: plays at playing speed and echoes marks when they are heard."""

    echo: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    log: list[tuple[float, str]] = field(default_factory=list)
    """(time, `audio` | `clear` | mark name)."""
    audible: list[tuple[float, float]] = field(default_factory=list)
    """From when to when it played something, in seconds of the loop's clock."""
    closed_at: float | None = None
    reads: bool = True
    """Whether it plays and echoes; a phone that does not is frozen."""
    _free_at: float = 0.0
    _marks: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    def play(self, audio: bytes) -> None:
        began = max(self._now("audio"), self._free_at)
        self._free_at = began + len(audio) / BYTES_PER_S
        self.audible.append((began, self._free_at))

    def mark(self, name: str) -> None:
        now = self._now(name)
        if self.reads:
            loop = asyncio.get_running_loop()
            self._marks[name] = loop.call_at(max(now, self._free_at), self._echo, name)

    def clear(self) -> None:
        now = self._free_at = self._now("clear")
        self.audible = [(began, min(ended, now)) for began, ended in self.audible if began < now]
        for name, waiting in list(self._marks.items()):
            waiting.cancel()
            self._echo(name)

    async def close(self) -> None:
        self.closed_at = self._now("closed")

    def times(self, what: str) -> list[float]:
        return [at for at, name in self.log if name == what]

    def _echo(self, name: str) -> None:
        self._marks.pop(name, None)
        self.echo.put_nowait(name)

    def _now(self, what: str) -> float:
        now = asyncio.get_running_loop().time()
        self.log.append((now, what))
        return now


ANNOUNCED: Mapping[str, str] = {
    "disclosure": "",
    "greeting": "שלום, איך אפשר לעזור?",
    "line_was_lost": "הקו נותק לרגע.",
    "opener": "רגע.",
    "still_there": "אתם על הקו?",
    "go_on": "כן?",
    "repeat": "לא שמעתי, אפשר שוב?",
    "time_warning": "נשארה דקה.",
    "trouble": "סליחה, אפשר לחזור?",
    "goodbye_silence": "להתראות.",
    "goodbye_time": "אסיים כאן, להתראות.",
    "keypad": "אני לא שומע. אפשר להקיש מספר וסולמית.",
    "goodbye_keypad": "רשמתי, להתראות.",
    "goodbye_unrecognized": "לא שמעתי, להתראות.",
}
