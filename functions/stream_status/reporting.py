"""Take one of Twilio's reports about a media stream: check it, have it stored, answer 204.

A report we cannot store is lost on purpose: Twilio does not send it again, and nothing depends on it alone.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from calls.event_wire import parse_time
from calls.missing_records import Documents
from calls.twilio_webhook import TwilioForm, WebhookRequest
from functions.shared.bounded_records import BoundedRecords
from functions.shared.webhook import Reply, answered

from .progress import EVENTS, Changes, Report, changes
from .settings import Settings

log = logging.getLogger("stream_status")


class Reporting:
    """Shared by all requests of an instance; keeps nothing of a call."""

    def __init__(self, settings: Settings, records: BoundedRecords) -> None:
        self._settings = settings
        self._records = records

    def reply(self, request: WebhookRequest) -> Reply:
        url = self._settings.stream_status_url
        return answered(request, url, self._settings.auth_tokens, self._taken, root=True)

    def _taken(self, form: TwilioForm) -> Reply:
        report = read_report(form, datetime.now(UTC))
        if report.event in EVENTS or report.call_status:
            self._store(report)
        else:
            # One line each is also their count: nothing else of a report we do not understand is of use.
            log.warning("stream_event_unknown", extra={"call_sid": report.call_sid, "stream_event": report.event})
        return Reply(204)

    def _store(self, report: Report) -> None:
        started, now = time.monotonic(), datetime.now(UTC)
        fields = {"stream_event": report.event, "stream_sid": report.stream_sid}

        def decide(documents: Documents) -> Changes:
            return changes(report, documents, now, self._settings.retention_days)

        if self._records.change(report.call_sid, report.lead_id, decide, **fields):
            elapsed_s = round(time.monotonic() - started, 3)
            log.info("stream_reported", extra={"call_sid": report.call_sid, **fields, "elapsed_s": elapsed_s})


def read_report(form: TwilioForm, now: datetime) -> Report:
    """`now` stands in for a `Timestamp` that is missing or unreadable."""
    try:
        at = parse_time(form.get("Timestamp"))
    except (ValueError, OverflowError):
        at = now
    return Report(
        call_sid=form.call_sid,
        event=form.shown("StreamEvent"),
        stream_sid=form.shown("StreamSid"),
        error=form.shown("StreamError"),
        call_status=form.get("CallStatus"),
        from_number=form.shown("From"),
        to_number=form.shown("To"),
        at=at,
    )
