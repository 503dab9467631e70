"""Entry point of the function `stream_status`: Twilio reports that a media stream started, stopped or failed."""

from __future__ import annotations

import logging
import os

import flask
import functions_framework

from calls import json_logging, log_context
from calls.bounded_work import BoundedWork
from calls.twilio_webhook import SIGNATURE_HEADER, WebhookRequest, read_body

from .reporting import Reporting
from .settings import load
from .store import FirestoreRecords, RecordsUnavailable

log = logging.getLogger("stream_status")

json_logging.configure(os.environ)
_settings = load(os.environ)
_records = FirestoreRecords(_settings.project)
# More than enough for the reports that come within the 8 s that a write may take while Firestore is away.
_work = BoundedWork(threads=16, most_pending=64)
_reporting = Reporting(_settings, _records, _work)


def _warm() -> None:
    try:
        _records.warm()
    except RecordsUnavailable as exc:
        log.warning("records_not_warm", extra={"problem": str(exc)})


# The framework loads this file and then forks its worker; threads and connections made before would not live on.
# Where nothing forks the first report's write makes the connection, within the budget of every write.
os.register_at_fork(after_in_child=lambda: _work.start(_warm))


@functions_framework.http
def stream_status(request: flask.Request) -> flask.Response:
    webhook = WebhookRequest(
        method=request.method,
        query=request.query_string.decode("latin-1"),
        content_type=request.headers.get("Content-Type", ""),
        signature=request.headers.get(SIGNATURE_HEADER),
        body=read_body(request.stream),
    )
    with log_context.handling(log_context.trace_in(request.headers)):
        status = _reporting.status(webhook)
    response = flask.Response(status=status)
    if status == 405:
        response.headers["Allow"] = "POST"
    return response
