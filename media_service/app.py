"""The service: made of its parts, started, and taken down again. The one place that names concrete adapters."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp import web

from media_service import __version__, texts
from media_service.adapters.firestore_calls import FirestoreCalls
from media_service.adapters.gemini import GeminiSettings, gemini_replies
from media_service.adapters.google_stt import GoogleSpeechSettings, google_recognizer
from media_service.adapters.google_tts import GoogleVoiceSettings, google_synthesizer
from media_service.adapters.pubsub_events import PubsubEvents
from media_service.adapters.silero_voice import load_silero
from media_service.adapters.tts_cache import CachingSynthesizer
from media_service.adapters.whisper_stt import WhisperSettings, whisper_language, whisper_recognizer
from media_service.call_runner import CallRunner, CallServices, Logic
from media_service.core.call import CallLogic
from media_service.core.call_settings import CallSettings
from media_service.core.listen_call import SPEAKER_OF_TRACK, ListenLogic
from media_service.core.recognition.breaker import Breaker, BreakerSettings
from media_service.core.record.transcript import CallIdentity
from media_service.errors import VendorError, VendorRefused, reason_of
from media_service.operations.backlog import Backlog
from media_service.operations.late_records import LateRecords
from media_service.operations.load_report import report_load
from media_service.operations.outbox import Outbox
from media_service.operations.telemetry import CallTelemetry
from media_service.ports import CallRecords, EventPublisher, Recognizer, RecognizerProfile, ReplyEngine, Synthesizer
from media_service.recognizers.guarded_recognizer import GuardedRecognizer
from media_service.recognizers.request_fallback import (
    NOBODY_WAITS,
    LocalRecognizer,
    PersistentRecognizer,
    RequestSettings,
)
from media_service.replies.announcements import Announcements
from media_service.replies.current_assistant import CurrentAssistant
from media_service.replies.gemini_prompt import prompt_for
from media_service.replies.scripted_replies import ScriptedReplies
from media_service.settings import Settings
from media_service.transport.call_registry import CallRegistry
from media_service.transport.twilio_media_socket import PATH, MediaSocket, NewCall, SocketPhone

log = logging.getLogger(__name__)

DRAIN_S = 8.2
"""Cloud Run kills ten seconds after SIGTERM."""

_GREETING_WAITS_S = 0.06
"""How long a call waits for fresh settings before it greets; the greeting is due within 100 ms."""

_SETTINGS_WAIT_S = 3.0
"""How long the start waits for the product team's settings. Calls are taken without them: within 10 s of the start of
the process, of which 3 are for its imports."""

_LOOKING_TAKES_S = 60.0
_OPENING_TAKES_S = 15.0
"""Before the end of a recognition stream: long enough to find a pause in which to open the next one, and long enough
to open it where there was none."""

_WARM_AGAIN_S = 30.0
_TRY_AGAIN_S = 2.0
"""While there is no greeting, and so no call can be taken: a caller who is refused gets to leave a message, and one who
is taken would hear nothing."""


@dataclass(slots=True)
class Parts:
    """What exists between start and end of the process."""

    services: CallServices
    publisher: EventPublisher
    backlog: Backlog
    voice: _Voice


@dataclass(frozen=True, slots=True)
class _Voice:
    """What the assistant speaks with."""

    synthesizer: Synthesizer
    announcements: Announcements
    assistant: CurrentAssistant


class MediaService:
    """Routes, start and drain. `make_app` is how it is used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = replace(settings, call=with_second_vote(settings.call))
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
        """Everything at once, and what calls can do without is not waited for."""
        records = LateRecords()
        scripted = ScriptedReplies(self._texts.intake)
        async with asyncio.TaskGroup() as keeping:
            keeping.create_task(self._connect_records(stack, records), name="records")
            recognizer, voice, publisher, replies = await asyncio.gather(
                self._recognizer(stack),
                self._voice(stack, records, keeping),
                self._publisher(stack),
                self._reply_engine(stack, scripted),
            )
            services = CallServices(recognizer, voice.synthesizer, replies, scripted, records)
            self._parts = Parts(services, publisher, Backlog(publisher), voice)
            if not self._settings.listen_mode:
                await voice.announcements.until_warm()
            # What is there now stays. A full collection of it takes 100 ms (154,000 objects, mostly of the imports), in
            # which no caller's audio moves; of what calls add, less than 0.1 ms.
            gc.collect()
            gc.freeze()
            log.info("ready", extra={"version": __version__, "model": recognizer.model})

    async def _recognizer(self, stack: AsyncExitStack) -> Recognizer:
        google, whisper = await asyncio.gather(
            stack.enter_async_context(google_recognizer(self._speech_settings())), self._whisper(stack)
        )
        return self._guarded(google, whisper)

    async def _voice(self, stack: AsyncExitStack, records: CallRecords, keeping: asyncio.TaskGroup) -> _Voice:
        synthesizer = CachingSynthesizer(await stack.enter_async_context(google_synthesizer(self._voice_settings())))
        stack.push_async_callback(synthesizer.aclose)
        announcements = Announcements(synthesizer, self._texts, self._settings.greeting, self._settings.business_name)
        assistant = CurrentAssistant(records, announcements)
        stack.push_async_callback(assistant.aclose)
        keeping.create_task(_keep_warm(announcements, assistant), name="announcements")
        await assistant.settings(_SETTINGS_WAIT_S)
        return _Voice(synthesizer, announcements, assistant)

    async def _connect_records(self, stack: AsyncExitStack, records: LateRecords) -> None:
        settings = self._settings
        connecting = FirestoreCalls.opened(settings.project, settings.request_timeout_s)
        records.arrived(await stack.enter_async_context(connecting))

    async def _publisher(self, stack: AsyncExitStack) -> EventPublisher:
        settings = self._settings
        publisher = await stack.enter_async_context(
            PubsubEvents.opened(
                settings.project, settings.topic, settings.request_timeout_s, settings.pubsub_emulator_host
            )
        )
        publisher.connect()
        return publisher

    async def _whisper(self, stack: AsyncExitStack) -> LocalRecognizer | None:
        if not self._settings.speech.whisper_model:
            return None
        try:
            speech = self._settings.speech
            settings = WhisperSettings(speech.whisper_model, whisper_language(speech.language))
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
        called = call.parties.to_number if call.parties else ""
        assistant = await parts.voice.assistant.for_call(call.call_sid, _GREETING_WAITS_S, called)
        loop = asyncio.get_running_loop()
        profile = parts.services.recognizer.profile
        identity = CallIdentity(
            call_sid=call.call_sid,
            leg=call.leg,
            language=parts.services.recognizer.language,
            started=datetime.now(UTC),
            started_at=loop.time(),
            recognizer=profile.name,
        )
        settings = within_limits(self._settings.call, profile)
        logic: Logic
        if self._settings.listen_mode:
            logic = ListenLogic(identity, settings, self._texts.intake, assistant)
        else:
            announcements = parts.voice.announcements.for_call(assistant)
            logic = CallLogic(identity, settings, self._texts.intake, announcements, assistant)
        telemetry = CallTelemetry(call.call_sid, call.leg, log_transcripts=self._settings.log_transcripts)
        outbox = Outbox(parts.publisher, parties=call.parties, leave_to=parts.backlog.take)
        runner = CallRunner(identity, logic, phone, parts.services, outbox, telemetry, loop.time)
        return runner, telemetry

    def _speech_settings(self) -> GoogleSpeechSettings:
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

    def _voice_settings(self) -> GoogleVoiceSettings:
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
        return self._parts is not None and (self._settings.listen_mode or self._parts.voice.announcements.is_warm)

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
        if self._parts is not None:
            await self._parts.backlog.close(max(0.0, DRAIN_S - (time.monotonic() - began)))
        log.info("drained", extra={"in_time": emptied, "seconds": round(time.monotonic() - began, 2)})

    def _exit_if_failed(self, starting: asyncio.Task[None]) -> None:
        """A service that could not start must not look healthy: Cloud Run should see it exit and say why."""
        if not starting.cancelled():
            self.failed = True
            log.critical("start_failed", exc_info=starting.exception())
            raise web.GracefulExit


def within_limits(settings: CallSettings, limits: RecognizerProfile) -> CallSettings:
    """The same with streams that end before the recognizer ends them, and messages no larger than it takes."""
    streams = replace(
        settings.listening.streams,
        look_for_pause_after_s=min(
            settings.listening.streams.look_for_pause_after_s, limits.longest_stream_s - _LOOKING_TAKES_S
        ),
        rotate_after_s=min(settings.listening.streams.rotate_after_s, limits.longest_stream_s - _OPENING_TAKES_S),
        largest_send_bytes=min(settings.listening.streams.largest_send_bytes, limits.largest_message_bytes),
    )
    return replace(settings, listening=replace(settings.listening, streams=streams))


def with_second_vote(settings: CallSettings) -> CallSettings:
    """The same with the neural model that tells a voice from a cough. Without it the length of a sound has to do."""
    try:
        vote = load_silero().start
    except VendorRefused as error:
        log.warning("second_vote_missing", extra={"error": reason_of(error)})
        return settings
    return replace(settings, listening=replace(settings.listening, start_vote=vote))


async def _keep_warm(announcements: Announcements, assistant: CurrentAssistant) -> None:
    while True:
        await announcements.warm_up()
        await asyncio.sleep(_WARM_AGAIN_S if announcements.is_warm else _TRY_AGAIN_S)
        await assistant.settings(_SETTINGS_WAIT_S)
