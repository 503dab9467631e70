"""Decide what a report about a media stream changes on the call, and on the lead it belongs to.

Pure. Reports come late, twice and in any order, also across the streams of one call; whatever the order, the
documents end the same. That a stream stopped does not end the call: it may be reconnected, and the last word on a
call comes from `call.ended`, from a voicemail, or from a `CallStatus` in the report itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from calls import call_end, lead_calls, records
from calls.missing_records import Documents, MetCall, missing

STARTED: Final = "stream-started"
STOPPED: Final = "stream-stopped"
ERROR: Final = "stream-error"
EVENTS: Final = frozenset({STARTED, STOPPED, ERROR})

_NOT_ON_THE_LINE: Final = frozenset({lead_calls.NEW, lead_calls.CAPTURED, lead_calls.NEEDS_CALLBACK})
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Report:
    """What Twilio posted."""

    call_sid: str
    event: str
    """One of `EVENTS`, or anything else; then only `call_status` counts."""
    stream_sid: str
    error: str
    """Twilio's words on `stream-error`."""
    call_status: str
    """Twilio's `CallStatus`; usually not in these reports, and then ""."""
    from_number: str
    to_number: str
    """Usually not in these reports either."""
    at: datetime
    """When it happened, by Twilio's clock."""

    @property
    def lead_id(self) -> str:
        return records.lead_id(self.from_number, self.call_sid)


@dataclass(frozen=True, slots=True)
class Changes:
    """Fields to write on each document; all of them where it does not exist. Empty: leave it alone."""

    call: Mapping[str, Any] = field(default_factory=dict)
    lead: Mapping[str, Any] = field(default_factory=dict)
    drop_placeholder: bool = False


def changes(report: Report, documents: Documents, now: datetime, retention_days: int) -> Changes:
    """A report that tells nothing new changes nothing."""
    # The mode is not ours to know; incoming_call puts it in, with the caller's number, if its write comes later.
    met = MetCall(report.call_sid, report.from_number, report.to_number, "", now, retention_days)
    gap = missing(met, documents)
    known = {**(documents.call or {}), **gap.call}
    on_call = {**gap.call, **_news(known, _told(report, known, now))}
    on_lead = dict(gap.lead)
    lead = {**(documents.lead or {}), **on_lead}
    if report.event == STARTED and _goes_on(known | on_call) and lead.get("status") in _NOT_ON_THE_LINE:
        on_lead |= {**lead_calls.on_the_line(lead, report.call_sid), "updated_at": now}
    return Changes(on_call, on_lead, gap.drop_placeholder)


def _told(report: Report, call: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The fields as they are after the report, changed or not."""
    fields: dict[str, Any] = {}
    status = call.get("status")
    if report.event in EVENTS and report.stream_sid:
        fields["stream"] = _stream(report, call.get("stream") or {})
    if report.event == STARTED:
        status = records.advanced_status(status, "in_progress")
    if reported := records.TWILIO_CALL_STATUS.get(report.call_status):
        status = records.advanced_status(status, reported)
    if reported in call_end.ENDED:
        fields[call_end.TOLD_BY] = call_end.TWILIO
    if status in call_end.ENDED:
        fields["ended_at"] = call.get("ended_at") or now
    return fields | {"status": status}


def _stream(report: Report, before: Mapping[str, Any]) -> dict[str, Any]:
    """The map tells of one stream: the one Twilio told of last, by its own clock. The leg is not ours to know."""
    stream = {"sid": None, "leg": None, "started_at": None, "stopped_at": None, "error": None, **before}
    if stream["sid"] not in {None, report.stream_sid}:
        newest = max(at for at in (stream["started_at"], stream["stopped_at"], _LONG_AGO) if at is not None)
        # In the same instant one stream can have ended and the next one started, not the other way round.
        if report.at < newest or (report.at == newest and report.event != STARTED):
            return dict(before)
        stream |= {"started_at": None, "stopped_at": None, "error": None}
    stream["sid"] = report.stream_sid
    field_name = "started_at" if report.event == STARTED else "stopped_at"
    stream[field_name] = min(report.at, stream[field_name] or report.at)
    if report.event == ERROR:
        stream["error"] = stream["error"] or report.error or "no reason given"
    return stream


def _news(known: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if known.get(name) != value}


def _goes_on(call: Mapping[str, Any]) -> bool:
    return call.get("status") == "in_progress" and not call.get("end_reason")
