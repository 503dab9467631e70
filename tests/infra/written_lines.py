"""The log as the code writes it, as Cloud Logging would keep it: the entries that metrics are counted from.

What can be written without a vendor is written by running the code; the words of the rest are read from its source.
"""

from __future__ import annotations

import ast
import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from aiohttp.test_utils import make_mocked_request

from calls.bounded_work import BoundedWork
from calls.events import CallEvent
from calls.json_logging import JsonFormatter
from calls.lead_notice import Message
from calls.missing_records import Documents
from calls.records import new_call, new_lead, phone_digits
from calls.twilio_signature import signature
from calls.twilio_webhook import WebhookRequest
from evals import virtual_clock
from functions.incoming_call.answering import Answering
from functions.incoming_call.decisions import Decision
from functions.incoming_call.settings import load as incoming_call_settings
from functions.shared.bounded_records import BoundedRecords
from functions.shared.errors import RecordsUnavailable
from functions.stream_status.reporting import Reporting
from functions.stream_status.settings import load as stream_status_settings
from functions.summarize import texts
from functions.summarize.event_documents import storable
from functions.summarize.summarizing import Clock, Summarizer
from media_service.adapters.google_logging import CloudHandler
from media_service.adapters.google_stt_models import ProbeOutcome, choose_model, model_choices
from media_service.core import actions
from media_service.core.recognition.breaker import Breaker, BreakerSettings
from media_service.errors import VendorError, VendorRefused
from media_service.operations.load_report import report_load
from media_service.operations.outbox import Outbox
from media_service.operations.telemetry import CallTelemetry
from media_service.ports import Recognition
from media_service.recognizers.guarded_recognizer import GuardedRecognizer
from media_service.recognizers.request_fallback import PersistentRecognizer
from media_service.settings import TwilioSettings
from media_service.transport.call_registry import CallRegistry
from media_service.transport.twilio_media_socket import PATH, MediaSocket
from tests.fakes import FakeRecognizer, StreamPlan, Vocabulary
from tests.functions.summarize.example_calls import CALL_SID, CALLER, demo_call, demo_ending
from tests.functions.summarize.memory import Memory, MemoryStore

ROOT = Path(__file__).parents[2]
SOURCES = {
    "media-service": "media_service",
    "incoming-call": "functions/incoming_call",
    "stream-status": "functions/stream_status",
    "summarize": "functions/summarize",
}
SHARED = {
    "media-service": ("calls",),
    "incoming-call": ("calls", "functions/shared"),
    "stream-status": ("calls", "functions/shared"),
}
RING = {"CallSid": CALL_SID, "From": CALLER, "To": "+97231234567", "CallStatus": "ringing"}
ENVIRON = {
    "INCOMING_CALL_URL": "https://in.example",
    "STREAM_STATUS_URL": "https://status.example",
    "PUBLIC_HOST": "media.example",
    "TWILIO_AUTH_TOKEN": "t",
    "STREAM_TOKEN_SECRET": "s",
}
DENIED = VendorRefused("PERMISSION_DENIED")

Entry = dict[str, Any]


def written(service: str, act: Callable[[], object]) -> list[Entry]:
    """What `act` writes, as entries of `service`: each deployable has its own way to the log."""
    stream = io.StringIO()
    handler: logging.Handler
    if service == "media-service":
        handler = CloudHandler("p", stream)
    else:
        handler = logging.StreamHandler(stream)
        handler.setFormatter(JsonFormatter())
    with _caught() as records:
        act()
    for record in records:
        handler.handle(record)
    return [_entry(service, json.loads(line)) for line in stream.getvalue().splitlines()]


def named_in_source(service: str) -> list[Entry]:
    """An entry for every message that the source of `service` holds; each of its fields reads "?"."""
    folders = [ROOT / SOURCES[service], *(ROOT / shared for shared in SHARED.get(service, ()))]
    return [_entry(service, line) for folder in folders for path in folder.rglob("*.py") for line in _lines(path)]


def _entry(service: str, payload: Entry) -> Entry:
    resource = {"type": "cloud_run_revision", "labels": {"service_name": service}}
    return {"resource": resource, "jsonPayload": payload}


def _lines(path: Path) -> Iterator[Entry]:
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        match call:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="log" | "_log"), attr=_),
                args=[ast.Constant(value=str(message)), *_],
                keywords=keywords,
            ):
                extra = next((each.value for each in keywords if each.arg == "extra"), None)
                keys = extra.keys if isinstance(extra, ast.Dict) else []
                names = [key.value for key in keys if isinstance(key, ast.Constant)]
                yield {**{str(name): "?" for name in names}, "message": message}


class _Keeping(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def _caught() -> Iterator[list[logging.LogRecord]]:
    handler = _Keeping()
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield handler.records
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


# --- media-service


def telemetry(act: Callable[[CallTelemetry], object]) -> list[Entry]:
    """With every word in the log: what callers say must not be counted as something else."""
    return written("media-service", lambda: act(CallTelemetry(CALL_SID, 1, log_transcripts=True)))


def turn() -> list[Entry]:
    return telemetry(lambda call: call.report(actions.ReportTurn(0.52, 0.31, 0.18, 0.74)))


def turn_without_interim() -> list[Entry]:
    return telemetry(lambda call: call.report(actions.ReportTurn(None, 0.31, None, 0.74)))


def load() -> list[Entry]:
    async def twice(registry: CallRegistry) -> None:
        passed: list[float] = []

        async def minute(seconds: float) -> None:
            passed.append(seconds)
            if len(passed) > 1:
                raise asyncio.CancelledError

        await asyncio.wait([asyncio.ensure_future(report_load(registry, minute))])

    return written("media-service", lambda: asyncio.run(twice(CallRegistry(30))))


def undelivered() -> list[Entry]:
    async def close() -> None:
        outbox = Outbox(cast(Any, _NoPublisher()), sleep=lambda _: asyncio.sleep(0))
        outbox.add(demo_call()[0])
        await outbox.close(0.0)

    return [line for line in written("media-service", lambda: asyncio.run(close())) if "event" in line["jsonPayload"]]


class _NoPublisher:
    async def publish(self, event: CallEvent) -> None:
        await asyncio.Event().wait()


def streaming_suspended() -> list[Entry]:
    async def refused_until_suspended() -> None:
        vocabulary = Vocabulary()
        google = FakeRecognizer(vocabulary, *[StreamPlan(refusal=DENIED)] * 3)
        guard = GuardedRecognizer(google, Breaker(BreakerSettings(), lambda: 0.5), asyncio.get_running_loop().time)
        for _ in range(3):
            stream = await guard.open_stream()
            stream.send(vocabulary.speech("שלום"))
            with suppress(VendorError):
                async for _ in stream:
                    pass
            await stream.cancel()

    return written("media-service", lambda: virtual_clock.run(refused_until_suspended()))


def whisper() -> list[Entry]:
    async def recognized() -> None:
        google = FakeRecognizer(Vocabulary())
        google.single_fails = DENIED
        breaker = Breaker(BreakerSettings(failures=1, counts=(VendorError,)), lambda: 0.5)
        clock = asyncio.get_running_loop().time
        await PersistentRecognizer(google, _Whisper(), breaker, clock).recognize(b"")

    return written("media-service", lambda: asyncio.run(recognized()))[-1:]


class _Whisper:
    async def recognize(self, audio: bytes) -> Recognition:
        return Recognition([], "whisper")


def model_chosen() -> list[Entry]:
    async def choose() -> None:
        async def probe(choice: object) -> ProbeOutcome:
            return ProbeOutcome.ACCEPTED if "default" in str(choice) else ProbeOutcome.REFUSED

        await choose_model(model_choices("phone_call"), probe, "iw-IL", 5.0)

    return written("media-service", lambda: asyncio.run(choose()))[-1:]


def upgrade(*, signed: bool, max_calls: int = 30) -> list[Entry]:
    """A WebSocket upgrade; with `max_calls` 0 it meets a full instance."""

    async def handle() -> None:
        twilio = TwilioSettings("media.example", ("t",), "s", allow_unsigned=False)
        socket = MediaSocket(twilio, CallRegistry(max_calls), 18.0, cast(Any, None), lambda: True, ("inbound",))
        headers = {"Upgrade": "websocket"}
        if signed:
            headers["X-Twilio-Signature"] = signature("t", f"wss://media.example{PATH}", ())
        await socket.handle(make_mocked_request("GET", PATH, headers=headers))

    return written("media-service", lambda: asyncio.run(handle()))


# --- functions


def rings(key: str = "t") -> list[Entry]:
    return _incoming("", RING, key)


def stream_ended() -> list[Entry]:
    return _incoming("/after-stream", {**RING, "CallStatus": "in-progress"}, "t")


def ring_without_records() -> list[Entry]:
    return _incoming("", RING, "t", _Broken())


def recording_elsewhere() -> list[Entry]:
    return _incoming("/recording", {**RING, "RecordingUrl": "https://evil.example/RE1"}, "t")


def status_callback(key: str) -> list[Entry]:
    reporting = Reporting(stream_status_settings(ENVIRON), _bounded(_Broken()))
    form = {"CallSid": CALL_SID, "StreamEvent": "stream-started"}
    return written("stream-status", lambda: reporting.reply(_request("https://status.example", form, key)))


def _incoming(path: str, form: dict[str, str], key: str, records: Any = None) -> list[Entry]:
    answering = Answering(incoming_call_settings(ENVIRON), _bounded(records or _Empty()))
    return written("incoming-call", lambda: answering.reply(path, _request("https://in.example" + path, form, key)))


def _bounded(records: Any) -> BoundedRecords:
    return BoundedRecords(records, BoundedWork(1, 1), budget_s=5.0)


def _request(url: str, form: dict[str, str], key: str) -> WebhookRequest:
    signed = signature(key, url, form.items())
    return WebhookRequest("POST", "", "application/x-www-form-urlencoded", signed, urlencode(form).encode())


class _Empty:
    def change(self, _: str, __: str, decide: Callable[[Documents], Decision], ___: float) -> Decision:
        return decide(Documents())


class _Broken:
    def change(self, *_: object) -> Decision:
        raise RecordsUnavailable("away")


# --- summarize


def summarised(after_s: float, *, reason: str = "assistant_goodbye", without_last_words: bool = False) -> list[Entry]:
    """The demonstration call is handed over, and taken up this long after its end."""
    words, ending = demo_call()[:-1], replace(demo_ending(), reason=reason)
    handed_over = [*(words[1:] if without_last_words else words), ending]
    now = ending.ended_at + timedelta(seconds=after_s)
    memory = Memory(now)
    memory.calls[CALL_SID] = new_call(CALL_SID, CALLER, "+97231234567", "assistant", now, 365)
    memory.leads[phone_digits(CALLER)] = new_lead(CALL_SID, CALLER, "+97231234567", now, 365)
    store = MemoryStore(memory)
    for event in handed_over[:-1]:
        store.add_event(storable(event), now)
    summarizer = Summarizer(
        store,
        None,
        texts.load(),
        claim_lasts_s=1.0,
        new_leads=_Published(),
        clock=Clock(now=lambda: now, sleep=lambda _: None),
    )
    return written("summarize", lambda: summarizer.take(handed_over[-1]))


class _Published:
    def publish(self, message: Message) -> None:
        """Somebody was told."""
