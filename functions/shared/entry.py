"""What a webhook's `main.py` needs of the web framework and of the instance it runs in."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

import flask

from calls import log_context
from calls.bounded_work import BoundedWork
from calls.twilio_webhook import SIGNATURE_HEADER, WebhookRequest, read_body
from functions.shared.bounded_records import BoundedRecords
from functions.shared.errors import RecordsUnavailable
from functions.shared.firestore_records import FirestoreRecords
from functions.shared.webhook import Reply

log = logging.getLogger(__name__)


def records_of_instance(records: FirestoreRecords, budget_s: float) -> BoundedRecords:
    """Call it once, at import. Nothing is connected before the first use or the fork, whichever comes first."""
    # More than enough for the webhooks that come within the 8 s that a write may take while Firestore is away.
    work = BoundedWork(threads=16, most_pending=64)

    def warm() -> None:
        try:
            records.warm()
        except RecordsUnavailable as exc:
            log.warning("records_not_warm", extra={"problem": str(exc)})

    # The framework loads `main.py` and then forks its worker; threads and connections made before would not live on.
    # Where nothing forks the first write makes the connection, within the budget of every write.
    os.register_at_fork(after_in_child=lambda: work.start(warm))
    return BoundedRecords(records, work, budget_s)


def respond(request: flask.Request, reply: Callable[[WebhookRequest], Reply]) -> flask.Response:
    webhook = WebhookRequest(
        method=request.method,
        query=request.query_string.decode("latin-1"),
        content_type=request.headers.get("Content-Type", ""),
        signature=request.headers.get(SIGNATURE_HEADER),
        body=read_body(request.stream),
    )
    with log_context.handling(log_context.trace_in(request.headers)):
        answer = reply(webhook)
    response = flask.Response(answer.body, answer.status, content_type="text/xml; charset=utf-8")
    if answer.status == 405:
        response.headers["Allow"] = "POST"
    return response
