"""Entry point: one event of topic call-events a request; at `/sweep`, whatever is due and no event will bring.

An HTTP function, although it is started as a CloudEvent function: the framework's own CloudEvent entry answers a
malformed body with 500 before any code of ours sees it, and Pub/Sub then delivers it for days. The decorator wins
over `--signature-type cloudevent`, so it is started the same way.

Answers: 200 done, or never to be done (kept in `rejected_events`); 503 to be delivered again.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import asdict
from functools import cache

import flask
import functions_framework

from calls import log_context
from calls.event_wire import MalformedEvent, decode
from calls.json_logging import configure
from functions.shared.firestore_records import FirestoreRecords

from . import settings, texts
from .delivery import delivery_id, message_in
from .errors import NotNow, Rejected
from .gemini import GeminiSummaries
from .new_leads import NewLeads
from .plain_text import UTTERANCE_CHARS, clean
from .store import REQUEST_TIMEOUT_S, CallStore
from .summarizing import Clock, Summarizer
from .sweeping import Sweeper

configure(os.environ)
SWEEP = "/sweep"

log = logging.getLogger("summarize")
_settings = settings.read(os.environ)
_texts = texts.load()


@functions_framework.http
def summarize(request: flask.Request) -> tuple[str, int]:
    if request.method != "POST":
        return "", 405
    with log_context.handling(log_context.trace_in(request.headers)):
        return _swept() if request.path.rstrip("/") == SWEEP else _handled(request)


def _swept() -> tuple[str, int]:
    started = time.monotonic()
    try:
        swept = _sweeper().run()
    except (NotNow, Rejected) as exc:
        log.warning("sweep_failed", extra={"reason": str(exc)})
        return "try again", 503
    elapsed_s = round(time.monotonic() - started, 3)
    log.info("swept", extra={**asdict(swept), "elapsed_s": elapsed_s})
    return "OK", 200


def _handled(request: flask.Request) -> tuple[str, int]:
    body = request.get_data()
    name = delivery_id(request.headers, body)
    try:
        event = decode(message_in(request.headers, body).data)
    except (Rejected, MalformedEvent) as exc:
        _keep(name, body, str(exc))
        return "OK", 200
    with log_context.handling(call_sid=event.call_sid):
        try:
            _summarizer().take(event)
        except (Rejected, MalformedEvent) as exc:
            _keep(name, body, str(exc))
        except NotNow as exc:
            log.warning("event_deferred", extra={"message_id": name, "reason": str(exc)})
            return "try again", 503
    return "OK", 200


def _keep(name: str, body: bytes, reason: str) -> None:
    """Put away what can never be handled. If even that fails the delivery is still over: the log has its id."""
    log.warning("event_rejected", extra={"message_id": name, "reason": reason, "bytes": len(body)})
    text = clean(body[: 4 * UTTERANCE_CHARS].decode(errors="replace"), UTTERANCE_CHARS)
    try:
        _store().reject(name, {"reason": reason, "body": text}, Clock().now())
    except (NotNow, Rejected) as exc:
        log.warning("rejected_event_not_kept", extra={"message_id": name, "reason": str(exc)})


@cache
def _store() -> CallStore:
    firestore = FirestoreRecords(_settings.project, REQUEST_TIMEOUT_S)
    return CallStore(firestore, _settings.call_mode, _settings.retention_days)


@cache
def _summarizer() -> Summarizer:
    gemini = _settings.gemini
    topic = _settings.new_leads_topic
    return Summarizer(
        _store(),
        GeminiSummaries(gemini, _texts) if gemini else None,
        _texts,
        new_leads=NewLeads(_settings.project, topic, _settings.pubsub_emulator_host) if topic else None,
        # Two full requests, the writes around them, and some air.
        claim_lasts_s=2 * gemini.timeout_s + 20 if gemini else 0.0,
        log_transcripts=_settings.log_transcripts,
    )


@cache
def _sweeper() -> Sweeper:
    return Sweeper(_store(), _summarizer())
