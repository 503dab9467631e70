"""When the service takes calls, with adapters that are slow or hang. Time is virtual."""

from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from calls.events import Parties
from evals.virtual_clock import run
from media_service import app, settings, texts
from media_service.app import MediaService
from media_service.core import events
from media_service.core.conversation import AssistantSettings
from media_service.core.speaking.announcement import Say
from media_service.errors import VendorRefused
from media_service.ports import RecognizerProfile, TeamSettings
from media_service.transport.twilio_media_socket import NewCall, SocketPhone
from tests.fakes import FakePhone, FakePublisher, FakeRecognizer, FakeRecords, Vocabulary, spoken

ENVIRON = {"GOOGLE_CLOUD_PROJECT": "p", "REPLY_ENGINE": "script", "ALLOW_UNSIGNED_TWILIO": "true"}
GREETING = "שלום, הגעתם"
PROMISED_S = 10.0


class Records(FakeRecords):
    def __init__(self, *, connects_in_s: float = 0.2, reads_in_s: float = 0.05) -> None:
        super().__init__()
        self.connects_in_s = connects_in_s
        self.reads_in_s = reads_in_s

    async def team_settings(self) -> TeamSettings:
        await asyncio.sleep(self.reads_in_s)
        return TeamSettings(AssistantSettings(greeting="הגעתם אל הצפון"))

    @asynccontextmanager
    async def opened(self, *_: object) -> AsyncIterator[Records]:
        await asyncio.sleep(self.connects_in_s)
        yield self


class Ear(FakePhone):
    heard = b""

    def play(self, audio: bytes) -> None:
        self.heard += audio
        super().play(audio)


class Voice:
    """Takes `takes_s` for a text: 0.2 s unless it says otherwise."""

    def __init__(self, **takes_s: float) -> None:
        self.greeting_s = takes_s.get("greeting_s", 0.2)
        self.others_s = takes_s.get("others_s", 0.2)

    async def synthesize(self, text: str) -> bytes:
        await asyncio.sleep(self.greeting_s if text == GREETING else self.others_s)
        return spoken(text)


class Publisher(FakePublisher):
    def connect(self) -> None:
        pass


def yielding(what: object) -> Callable[..., Any]:
    @asynccontextmanager
    async def opened(*_: object) -> AsyncIterator[object]:
        yield what

    return opened


Check = Callable[[MediaService, web.Application], Awaitable[None]]


def start(monkeypatch: pytest.MonkeyPatch, records: Records, voice: Voice, check: Check, **environ: str) -> None:
    """Start the service on these, and hand it to the check."""
    monkeypatch.setattr(app, "FirestoreCalls", SimpleNamespace(opened=records.opened))
    monkeypatch.setattr(app, "PubsubEvents", SimpleNamespace(opened=yielding(Publisher())))
    monkeypatch.setattr(app, "google_recognizer", yielding(FakeRecognizer(Vocabulary())))
    monkeypatch.setattr(app, "google_synthesizer", yielding(voice))

    async def scenario() -> None:
        service = MediaService(settings.read({**ENVIRON, "GREETING_TEXT": GREETING, **environ}))
        application = service.make_app()
        runner = web.AppRunner(application)
        await runner.setup()
        try:
            await check(service, application)
        finally:
            await runner.cleanup()

    try:
        run(scenario())
    finally:
        gc.unfreeze()


async def status(application: web.Application) -> int:
    response = await application._handle(make_mocked_request("GET", "/ready"))
    return response.status


async def ready_after_s(application: web.Application) -> float:
    """Seconds until `/ready` says 200; no longer than is promised."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() - began <= PROMISED_S:
        if await status(application) == 200:
            return loop.time() - began
        await asyncio.sleep(0.05)
    return math.inf


@pytest.mark.parametrize(
    ("records", "voice"),
    [
        (Records(connects_in_s=math.inf), Voice()),
        (Records(connects_in_s=4.0), Voice()),
        (Records(reads_in_s=math.inf), Voice()),
        (Records(), Voice(others_s=math.inf)),
        (Records(), Voice(greeting_s=5.0)),
        (Records(connects_in_s=math.inf), Voice(greeting_s=5.0, others_s=math.inf)),
    ],
    ids=["no connection", "a slow one", "no answer", "no other sentence", "a slow greeting", "all of it"],
)
def test_calls_are_taken_in_time_whatever_firestore_and_synthesis_do(
    monkeypatch: pytest.MonkeyPatch, records: Records, voice: Voice
) -> None:
    """Of the ten seconds from the start of the process its imports take up to three."""

    async def check(service: MediaService, application: web.Application) -> None:
        assert await ready_after_s(application) <= PROMISED_S - 3.0

    start(monkeypatch, records, voice, check)


def test_the_first_call_gets_the_product_teams_greeting_when_firestore_is_quick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def check(service: MediaService, application: web.Application) -> None:
        assert await ready_after_s(application) <= 1.0
        assert service._parts is not None
        voice = service._parts.voice
        greeting = voice.announcements.for_call(await voice.assistant.settings(0))[Say.GREETING]
        assert greeting.text == "הגעתם אל הצפון"
        assert greeting.audio

    start(monkeypatch, Records(), Voice(), check)


def test_a_call_is_greeted_by_the_branch_that_its_stream_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The records do not hold the call, and name another number."""
    south = AssistantSettings(greeting="הגעתם אל הדרום")

    class Branches(Records):
        async def team_settings(self) -> TeamSettings:
            return TeamSettings(AssistantSettings(), {"97281234567": south})

    async def check(service: MediaService, application: web.Application) -> None:
        await ready_after_s(application)
        phone = Ear()
        call = NewCall("CA1", "MZ1", 1, Parties("+972501234567", "+97281234567"))
        runner, _ = await service._open_call(call, cast("SocketPhone", phone))
        async with runner:
            await asyncio.sleep(0.5)
            runner.take(events.CallerHungUp())
        assert phone.heard == spoken(south.greeting)

    start(monkeypatch, Branches(), Voice(), check)


def test_firestore_that_comes_late_is_used_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(service: MediaService, application: web.Application) -> None:
        await ready_after_s(application)
        assert service._parts is not None
        assert await service._parts.voice.assistant.settings(0) == AssistantSettings()
        await asyncio.sleep(40.0)
        assert (await service._parts.voice.assistant.settings(0)).greeting == "הגעתם אל הצפון"

    start(monkeypatch, Records(connects_in_s=20.0), Voice(), check)


def test_without_a_greeting_no_call_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller who is refused leaves a message; one who is taken would hear nothing at all."""

    async def check(service: MediaService, application: web.Application) -> None:
        assert await ready_after_s(application) == math.inf

    start(monkeypatch, Records(), Voice(greeting_s=math.inf), check)


def test_a_service_that_only_listens_needs_no_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(service: MediaService, application: web.Application) -> None:
        assert await ready_after_s(application) <= 1.5

    silent = Voice(greeting_s=math.inf, others_s=math.inf)
    start(monkeypatch, Records(), silent, check, CALL_MODE="listen")


def test_firestore_without_credentials_ends_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cloud Run has to see it exit; a service that never can write a reason or read a caller is not healthy."""

    class Refused(Records):
        @asynccontextmanager
        async def opened(self, *_: object) -> AsyncIterator[Records]:
            raise VendorRefused("no credentials")
            yield self

    ended: list[str] = []
    monkeypatch.setattr(MediaService, "_exit_if_failed", lambda _, task: ended.append(str(task.exception())))

    async def check(service: MediaService, application: web.Application) -> None:
        await asyncio.sleep(1.0)
        assert len(ended) == 1

    start(monkeypatch, Refused(), Voice(), check)


def test_what_is_there_when_the_service_is_ready_is_not_collected_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(service: MediaService, application: web.Application) -> None:
        before = gc.get_freeze_count()
        await ready_after_s(application)
        await asyncio.sleep(0.1)
        assert gc.get_freeze_count() > before + 10_000

    start(monkeypatch, Records(), Voice(), check)


@pytest.mark.parametrize(
    ("limits", "look_s", "rotate_s", "send_bytes"),
    [
        (RecognizerProfile("any", 305.0, 12_800), 240.0, 285.0, 6_400),
        (RecognizerProfile("any", 300.0, 7_500), 240.0, 285.0, 6_400),
        (RecognizerProfile("any", 120.0, 4_000), 60.0, 105.0, 4_000),
    ],
)
def test_streams_stay_within_what_the_recognizer_takes(
    limits: RecognizerProfile, look_s: float, rotate_s: float, send_bytes: int
) -> None:
    """What the operators set, and never past the recognizer's own end of a stream."""
    streams = app.within_limits(settings.read(ENVIRON).call, limits).listening.streams
    assert (streams.look_for_pause_after_s, streams.rotate_after_s) == (look_s, rotate_s)
    assert streams.largest_send_bytes == send_bytes


def test_every_sentence_from_memory_is_there_a_moment_after_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(service: MediaService, application: web.Application) -> None:
        await ready_after_s(application)
        await asyncio.sleep(0.5)
        assert service._parts is not None
        said = service._parts.voice.announcements.for_call(AssistantSettings())
        assert {say.value for say, each in said.items() if each.audio} == {
            "greeting",
            *texts.load().announcements,
        }

    start(monkeypatch, Records(), Voice(), check)
