"""The service: made of its parts, started, and taken down again. The one place that names concrete adapters."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp import web

from media_service import __version__, texts
from media_service.adapters.firestore_calls import FirestoreCalls
from media_service.adapters.gemini import GeminiSettings, gemini_replies
from media_service.adapters.google_stt import GoogleSpeechSettings, google_recognizer
from media_service.adapters.google_tts import GoogleVoiceSettings, google_synthesizer
from media_service.adapters.pubsub_events import PubsubEvents
from media_service.adapters.tts_cache import CachingSynthesizer
from media_service.adapters.whisper_stt import WhisperSettings, whisper_recognizer
from media_service.call_registry import CallRegistry
from media_service.call_runner import CallRunner, CallServices, Logic
from media_service.core.call import CallLogic
from media_service.core.conversation import AssistantSettings
from media_service.core.listen_call import SPEAKER_OF_TRACK, ListenLogic
from media_service.core.recognition.breaker import Breaker, BreakerSettings
from media_service.core.record.transcript import CallIdentity
from media_service.errors import VendorError, reason_of
from media_service.gemini_prompt import prompt_for
from media_service.guarded_recognizer import GuardedRecognizer
from media_service.load_report import report_load
from media_service.media_socket import PATH, MediaSocket, NewCall, SocketPhone
from media_service.outbox import Outbox
from media_service.ports import EventPublisher, Recognizer, ReplyEngine
from media_service.prompts import PromptBook
from media_service.request_fallback import NOBODY_WAITS, LocalRecognizer, PersistentRecognizer, RequestSettings
from media_service.scripted_replies import ScriptedReplies
from media_service.settings import Settings
from media_service.telemetry import CallTelemetry

log = logging.getLogger(__name__)

DRAIN_S = 8.2
"""Cloud Run kills ten seconds after SIGTERM."""

_GREETING_WAITS_S = 0.06
"""How long a call waits for fresh settings before it greets; the greeting is due within 100 ms."""

_WARM_AGAIN_S = 30.0
_TRY_AGAIN_S = 2.0
"""While there is no greeting, and so no call can be taken."""


@dataclass(slots=True)
class Parts:
    """What exists between start and end of the process."""

    services: CallServices
    publisher: EventPublisher
    prompts: PromptBook
    assistant: AssistantSettings = AssistantSettings()
    """The newest settings read."""


class MediaService:
    """Routes, start and drain. `make_app` is how it is used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._texts = texts.load()
        self._registry = CallRegistry(settings.max_calls)
        self._parts: Parts | None = None
        self._starting: asyncio.Task[None] | None = None
        self.failed = False
        """It could not start, or what keeps it going broke."""

    def make_app(self) -> web.Application:
        app = web.Application()
        socket = MediaSocket(
            self._settings.twilio,
            self._registry,
            self._settings.keepalive_s,
            self._open_call,
            self._is_ready,
            SPEAKER_OF_TRACK if self._settings.listen_mode else ("inbound",),
        )
        app.router.add_get(PATH, socket.handle)
        app.router.add_get("/health", self._health)
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/status", self._status)
        app.cleanup_ctx.append(self._life)
        app.on_shutdown.append(self._drain)
        return app

    async def _life(self, _: web.Application) -> AsyncIterator[None]:
        """Listening starts at once, so that the probes get an answer; calls wait until everything is there."""
        log.info("🚀 Streaming STT enabled: %s", self._settings.call.listening.streaming)
        log.info("[CFG] ENABLE_STREAMING_STT=%s", self._settings.call.listening.streaming)
        async with AsyncExitStack() as stack:
            self._starting = asyncio.create_task(self._start(stack), name="start")
            self._starting.add_done_callback(self._exit_if_failed)
            reporting = asyncio.create_task(report_load(self._registry), name="load")
            yield
            reporting.cancel()
            self._starting.cancel()
            await asyncio.wait([self._starting, reporting])

    async def _start(self, stack: AsyncExitStack) -> None:
        settings = self._settings
        timeout_s = settings.request_timeout_s
        google, plain_synthesizer, whisper = await asyncio.gather(
            stack.enter_async_context(google_recognizer(self._speech())),
            stack.enter_async_context(google_synthesizer(self._voice())),
            self._whisper(stack),
        )
        recognizer = self._guarded(google, whisper)
        synthesizer = CachingSynthesizer(plain_synthesizer)
        stack.push_async_callback(synthesizer.aclose)
        records = await stack.enter_async_context(FirestoreCalls.opened(settings.project, timeout_s))
        publisher = await stack.enter_async_context(
            PubsubEvents.opened(settings.project, settings.topic, timeout_s, settings.pubsub_emulator_host)
        )
        publisher.connect()
        scripted = ScriptedReplies(self._texts.intake)
        replies = await self._reply_engine(stack, scripted)
        prompts = PromptBook(synthesizer, self._texts, settings.greeting, settings.business_name)
        services = CallServices(recognizer, synthesizer, replies, scripted, records)
        parts = Parts(services, publisher, prompts)
        await prompts.warm_up()
        await self._read_assistant_settings(parts)
        self._parts = parts
        log.info("ready", extra={"version": __version__, "model": recognizer.model})
        while True:
            await asyncio.sleep(_WARM_AGAIN_S if prompts.is_warm else _TRY_AGAIN_S)
            await self._read_assistant_settings(parts)
            await prompts.warm_up()

    async def _whisper(self, stack: AsyncExitStack) -> LocalRecognizer | None:
        if not self._settings.speech.whisper_model:
            return None
        try:
            settings = WhisperSettings(self._settings.speech.whisper_model)
            return await stack.enter_async_context(whisper_recognizer(settings))
        except VendorError as error:
            # It is only a last resort: calls are taken without it.
            log.error("whisper_unavailable: %s", reason_of(error))  # noqa: TRY400 (the cause is in the text)
            return None

    def _guarded(self, google: Recognizer, whisper: LocalRecognizer | None) -> Recognizer:
        """What every call hears through: one breaker for streams, one for single requests."""
        clock = asyncio.get_running_loop().time
        attempts = self._settings.call.listening.streams.start_attempts
        streams = Breaker(BreakerSettings(failures=max(2, attempts)), random.random)
        requests = Breaker(BreakerSettings(failures=1, counts=(VendorError,)), random.random)
        persistence = NOBODY_WAITS if self._settings.listen_mode else RequestSettings()
        return PersistentRecognizer(GuardedRecognizer(google, streams, clock), whisper, requests, clock, persistence)

    async def _reply_engine(self, stack: AsyncExitStack, scripted: ReplyEngine) -> ReplyEngine:
        reply = self._settings.reply
        if reply.engine == "script":
            return scripted
        gemini = GeminiSettings(
            project=self._settings.project,
            model=reply.model,
            location=reply.location,
            thinking_level=reply.thinking_level,
            base_url=reply.base_url,
        )
        prompt = prompt_for(self._texts, self._settings.business_name)
        try:
            texts = self._texts.gemini
            replies = await stack.enter_async_context(gemini_replies(gemini, prompt, texts.end_marker, texts.end_words))
        except VendorError as error:
            log.error("gemini_unavailable", extra={"error": reason_of(error)})  # noqa: TRY400 (the cause is in the text)
            return scripted
        try:
            await replies.warm_up()
        except VendorError as error:
            # Each turn tries it again, and is answered by the script if it fails.
            log.warning("gemini_not_warm", extra={"error": reason_of(error)})
        return replies

    async def _open_call(self, call: NewCall, phone: SocketPhone) -> tuple[CallRunner, CallTelemetry]:
        parts = self._parts
        if parts is None:
            raise RuntimeError("a call was admitted before the service was ready")
        assistant = await self._assistant_for_call(parts)
        loop = asyncio.get_running_loop()
        identity = CallIdentity(
            call_sid=call.call_sid,
            leg=call.leg,
            language=parts.services.recognizer.language,
            started=datetime.now(UTC),
            started_at=loop.time(),
        )
        logic: Logic
        if self._settings.listen_mode:
            logic = ListenLogic(identity, self._settings.call, self._texts.intake)
        else:
            prompts = parts.prompts.prompts(assistant)
            logic = CallLogic(identity, self._settings.call, self._texts.intake, prompts, assistant)
        telemetry = CallTelemetry(call.call_sid, call.leg, log_transcripts=self._settings.log_transcripts)
        outbox = Outbox(parts.publisher)
        runner = CallRunner(identity, logic, phone, parts.services, outbox, telemetry, loop.time)
        return runner, telemetry

    async def _assistant_for_call(self, parts: Parts) -> AssistantSettings:
        """Fresh if Firestore is quick, else as last read: the greeting does not wait for a database."""
        reading = asyncio.ensure_future(self._read_assistant_settings(parts))
        await asyncio.wait([reading], timeout=_GREETING_WAITS_S)
        return parts.assistant

    async def _read_assistant_settings(self, parts: Parts) -> None:
        try:
            assistant = await parts.services.records.assistant_settings() or AssistantSettings()
        except VendorError as error:
            log.warning("assistant_settings_not_read", extra={"error": reason_of(error)})
            return
        await parts.prompts.prepare(assistant)
        parts.assistant = assistant

    def _speech(self) -> GoogleSpeechSettings:
        speech, listening = self._settings.speech, self._settings.call.listening
        return GoogleSpeechSettings(
            model=speech.model,
            language=speech.language,
            punctuation=listening.wording.punctuate_interims or listening.wording.punctuate_finals,
            endpoint=speech.endpoint,
            emulator_host=speech.emulator_host,
            project=self._settings.project,
            max_streams=4 * self._settings.max_calls,
            request_timeout_s=self._settings.request_timeout_s,
        )

    def _voice(self) -> GoogleVoiceSettings:
        voice = self._settings.voice
        return GoogleVoiceSettings(
            voice=voice.voice,
            rate=voice.rate,
            pitch=voice.pitch,
            emulator_host=voice.emulator_host,
            max_requests=2 * self._settings.max_calls,
            timeout_s=min(5.0, self._settings.request_timeout_s),
            request_timeout_s=self._settings.request_timeout_s,
        )

    def _is_ready(self) -> bool:
        # A service that only listens says nothing, and so needs nothing to say.
        return self._parts is not None and (self._settings.listen_mode or self._parts.prompts.is_warm)

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _ready(self, _: web.Request) -> web.Response:
        ready = self._is_ready() and not self._registry.draining
        return web.Response(status=HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "version": __version__,
                "streaming_stt": self._settings.call.listening.streaming,
                "recognition_model": self._parts.services.recognizer.model if self._parts else "",
                "calls": self._registry.calls,
                "max_calls": self._registry.max_calls,
                "draining": self._registry.draining,
            }
        )

    async def _drain(self, _: web.Application) -> None:
        began = time.monotonic()
        emptied = await self._registry.drain(DRAIN_S)
        log.info("drained", extra={"in_time": emptied, "seconds": round(time.monotonic() - began, 2)})

    def _exit_if_failed(self, starting: asyncio.Task[None]) -> None:
        """A service that could not start must not look healthy: Cloud Run should see it exit and say why."""
        if not starting.cancelled():
            self.failed = True
            log.critical("start_failed", exc_info=starting.exception())
            raise web.GracefulExit
