"""Play a whole call through the runner on a virtual clock, and look at what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from calls.events import Parties
from evals import virtual_clock
from media_service import texts
from media_service.call_runner import CallRunner, CallServices, Logic
from media_service.core import events
from media_service.core.call import CallLogic
from media_service.core.call_settings import CallSettings
from media_service.core.conversation import AssistantSettings
from media_service.core.listen_call import ListenLogic
from media_service.core.record.transcript import CallIdentity
from media_service.core.speaking.announcement import Announcement, Say
from media_service.core.vad.audio import FRAME_BYTES, FRAME_S
from media_service.operations.outbox import Outbox
from media_service.operations.telemetry import CallTelemetry
from media_service.ports import Recognizer
from media_service.replies.scripted_replies import ScriptedReplies
from tests.fakes import (
    ANNOUNCED,
    SILENT_FRAME,
    FakePhone,
    FakePublisher,
    FakeRecognizer,
    FakeRecords,
    FakeReplies,
    FakeVoice,
    Vocabulary,
    spoken,
)

CALL_SID = "CA00000000000000000000000000000001"
STARTED = datetime(2026, 1, 1, 10, tzinfo=UTC)
INTAKE = texts.load().intake


@dataclass
class World:
    """Everything around the call. Change a part before `play`."""

    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    recognizer: FakeRecognizer = field(init=False)
    heard_through: Recognizer | None = None
    """What stands before `recognizer`, if anything does."""
    voice: FakeVoice = field(default_factory=FakeVoice)
    replies: FakeReplies = field(default_factory=FakeReplies)
    records: FakeRecords = field(default_factory=FakeRecords)
    publisher: FakePublisher = field(default_factory=FakePublisher)
    settings: CallSettings = field(default_factory=CallSettings)
    leg: int = 1
    parties: Parties | None = None
    """What the stream itself tells of who calls."""
    listen: bool = False
    """A person answers, and the service only hears both."""
    phone: FakePhone = field(init=False)
    tasks_left: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.recognizer = FakeRecognizer(self.vocabulary)

    def play(self, script: Callable[[Line], Awaitable[None]]) -> World:
        """Run the call the script makes; when the script ends, the caller hangs up."""
        virtual_clock.run(self.take_call(script))
        return self

    async def take_call(self, script: Callable[[Line], Awaitable[None]]) -> None:
        """The same on a clock that is running already."""
        loop = asyncio.get_running_loop()
        self.phone = FakePhone()
        identity = CallIdentity(CALL_SID, self.leg, "iw-IL", STARTED, loop.time(), "google_streaming")
        prompts = {say: Announcement(text, spoken(text)) for say in Say for text in [ANNOUNCED[say.value]]}
        logic: Logic = CallLogic(identity, self.settings, INTAKE, prompts, AssistantSettings())
        if self.listen:
            logic = ListenLogic(identity, self.settings, INTAKE, AssistantSettings())
        recognizer = self.heard_through or self.recognizer
        services = CallServices(recognizer, self.voice, self.replies, ScriptedReplies(INTAKE), self.records)
        telemetry = CallTelemetry(CALL_SID, self.leg, log_transcripts=True)
        runner = CallRunner(
            identity, logic, self.phone, services, Outbox(self.publisher, parties=self.parties), telemetry, loop.time
        )
        tracks = ("inbound", "outbound") if self.listen else ("inbound",)
        line = Line(runner, self.phone, self.vocabulary, loop.time(), tracks)
        before = asyncio.all_tasks()
        async with runner:
            try:
                await script(line)
            finally:
                await line.stop()
            runner.take(line.ending)
        self.tasks_left = {task.get_name() for task in asyncio.all_tasks() - before}


class Line:
    """The caller's side of a script: speaks, waits, presses keys, hangs up."""

    def __init__(
        self, runner: CallRunner, phone: FakePhone, vocabulary: Vocabulary, began: float, tracks: tuple[str, ...]
    ) -> None:
        self._runner = runner
        self._phone = phone
        self._vocabulary = vocabulary
        self._began = began
        self._audio = {track: bytearray() for track in tracks}
        self._frames = asyncio.create_task(self._send_frames())
        self._echoes = asyncio.create_task(self._echo_marks())
        self.muted = False
        """Send no frames at all, as a network that lost its way."""
        self.stalled = False
        """Keep the frames for later, as a network does that comes back."""
        self.ending: events.Event = events.CallerHungUp()

    @property
    def now(self) -> float:
        """Seconds since the stream started."""
        return asyncio.get_running_loop().time() - self._began

    async def say(self, text: str, word_s: float = 0.3, track: str = "inbound") -> None:
        """Returns when the last word has been said."""
        speech = self._vocabulary.speech(text, word_s)
        self._audio[track] += speech
        await asyncio.sleep(len(speech) / FRAME_BYTES * FRAME_S)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def hear_out(self, limit_s: float = 60.0) -> None:
        """Wait until the assistant has spoken, and is silent again."""
        await self.until(lambda: bool(self._phone._marks), limit_s)
        await self.until(lambda: not self._phone._marks, limit_s)
        await asyncio.sleep(0.3)

    async def hung_up_on(self, limit_s: float = 60.0) -> None:
        await self.until(lambda: self._phone.closed_at is not None, limit_s)

    def take(self, event: events.Event) -> None:
        self._runner.take(event)

    async def stop(self) -> None:
        self._frames.cancel()
        self._echoes.cancel()
        await asyncio.wait([self._frames, self._echoes])

    async def until(self, done: Callable[[], bool], limit_s: float = 60.0) -> None:
        async with asyncio.timeout(limit_s):
            while not done():  # noqa: ASYNC110 (time is virtual: looking each frame costs nothing)
                await asyncio.sleep(FRAME_S)

    async def _send_frames(self) -> None:
        while True:
            await asyncio.sleep(FRAME_S)
            if self.stalled:
                continue
            for track, audio in self._audio.items():
                frame = bytes(audio[:FRAME_BYTES]) or SILENT_FRAME
                del audio[:FRAME_BYTES]
                if not self.muted:
                    self._runner.take(events.CallerAudio(frame, track))

    async def _echo_marks(self) -> None:
        while True:
            self._runner.take(events.MarkReached(await self._phone.echo.get()))


def without_streaming(settings: CallSettings) -> CallSettings:
    return replace(settings, listening=replace(settings.listening, streaming=False))
