"""Take one of Twilio's reports about a media stream: check it, have it stored, answer 204.

A report we cannot store is lost on purpose: Twilio does not send it again, and nothing depends on it alone.
"""

from __future__ import annotations

import logging
import time
import traceback
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from calls.bounded_work import BoundedWork, Overloaded, StillRunning
from calls.events import parse_time
from calls.twilio_webhook import Refused, TwilioForm, WebhookRequest, admit

from .progress import EVENTS, Changes, Report, changes
from .settings import Settings
from .store import Decide, Document, RecordsUnavailable

# A write goes on this long after the request came. Cloud Run allows 10 s between its wish that an instance ends
# and the end, so nothing is cut off.
_GIVE_UP_AFTER_S = 8.0

log = logging.getLogger("stream_status")


class Records(Protocol):
    def change(self, call_sid: str, lead_id: str, decide: Decide, give_up_at: float) -> None:
        """See `store.FirestoreRecords`."""


class Reporting:
    """Shared by all requests of an instance; keeps nothing of a call."""

    def __init__(self, settings: Settings, records: Records, work: BoundedWork) -> None:
        self._settings = settings
        self._records = records
        self._work = work

    def status(self, request: WebhookRequest) -> int:
        """The HTTP status to answer with, without a body."""
        url = self._settings.stream_status_url
        try:
            form = admit(request, [url, url + "/"], self._settings.auth_tokens)
        except Refused as refused:
            log.warning("webhook_refused", extra={"status": refused.status, "expected_url": url})
            return refused.status
        report = read_report(form, datetime.now(UTC))
        if report.event in EVENTS or report.call_status:
            self._store(report)
        else:
            # One line each is also their count: nothing else of a report we do not understand is of use.
            log.warning("stream_event_unknown", extra={"call_sid": report.call_sid, "stream_event": report.event})
        return 204

    def _store(self, report: Report) -> None:
        started, now = time.monotonic(), datetime.now(UTC)
        fields = {"call_sid": report.call_sid, "stream_event": report.event, "stream_sid": report.stream_sid}

        def decide(call: Document, lead: Document) -> Changes:
            return changes(report, call, lead, now, self._settings.retention_days)

        change = partial(self._records.change, report.call_sid, report.lead_id, decide, started + _GIVE_UP_AFTER_S)
        try:
            self._work.run(change, self._settings.write_budget_s, report.call_sid)
        except (StillRunning, Overloaded, RecordsUnavailable) as exc:
            log.warning("records_not_written", extra=fields | {"problem": f"{type(exc).__name__} {exc}".strip()})
        except Exception as exc:  # noqa: BLE001 - the edge of a call: Twilio gets its answer whatever else is broken
            # Places but no message: that may hold what the caller told us.
            where = "".join(traceback.format_tb(exc.__traceback__))
            log.error(  # noqa: TRY400 - its traceback would end with that message
                "records_failed", extra=fields | {"problem": type(exc).__name__, "where": where}
            )
        else:
            log.info("stream_reported", extra=fields | {"elapsed_s": round(time.monotonic() - started, 3)})


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
