"""What the lead and call documents in Firestore hold, and the rules for changing them.

Plain dictionaries with `datetime` values; whoever owns a Firestore client writes them. The documents are made for
people who open the console, so every field is there from the start and has a value that reads well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from calls import lead_calls
from calls.events import UtteranceFinal
from calls.lead_fields import BY_NAME, LEAD_FIELDS, PHONE
from calls.phone_numbers import phone_number

LEADS: Final = "leads"
CALLS: Final = "calls"
UTTERANCES: Final = "utterances"
SETTINGS: Final = "settings"
GENERAL_SETTINGS: Final = "assistant"
"""The document for calls to any number; others are named by the digits of theirs."""
QUIET_S: Final = 160.0
"""A call that nothing new is known of for so long is looked at by the sweep. With a sweep every two minutes no lead
stays `in_call` for five."""

_CALL_STATUS_ORDER = {"ringing": 0, "in_progress": 1, "completed": 2, "failed": 2}
_TRANSCRIPT_LABELS = {"caller": "לקוח", "assistant": "מענה", "callee": "נציג"}

TWILIO_CALL_STATUS: Final = {
    "queued": "ringing",
    "ringing": "ringing",
    "in-progress": "in_progress",
    "completed": "completed",
    "busy": "failed",
    "failed": "failed",
    "no-answer": "failed",
    "canceled": "failed",
}


def phone_digits(number: str) -> str:
    """The digits of a caller's number, or "" if it was withheld or is no number."""
    return phone_number(number).lstrip("+")


def lead_id(from_number: str, call_sid: str) -> str:
    """One lead a phone number, however it is spelled; a withheld number gets one of its own for each call."""
    return phone_digits(from_number) or call_sid


def expires_at(now: datetime, retention_days: int) -> datetime:
    return now + timedelta(days=retention_days)


def new_call(
    call_sid: str, from_number: str, to_number: str, mode: str, now: datetime, retention_days: int
) -> dict[str, Any]:
    """The call document at ring."""
    return {
        "lead_id": lead_id(from_number, call_sid),
        "from": phone_number(from_number) or from_number,
        "to": to_number,
        "mode": mode,
        "status": "ringing",
        "started_at": now,
        "ended_at": None,
        "duration_s": None,
        "end_reason": None,
        "stream": {"sid": None, "leg": None, "started_at": None, "stopped_at": None, "error": None},
        "transcript": "",
        "transcript_complete": False,
        "summary": "",
        "summary_status": "pending",
        "summary_basis": "",
        "recognizer": None,
        "latency": None,
        "disclosure_heard": False,
        "recording_url": None,
        # When the sweep looks at it next; nothing once there is no more to do.
        "sweep_at": now + timedelta(seconds=QUIET_S),
        "expires_at": expires_at(now, retention_days),
    }


def new_lead(call_sid: str, from_number: str, to_number: str, now: datetime, retention_days: int) -> dict[str, Any]:
    """The lead document of a caller we have not met, at ring."""
    columns = dict.fromkeys((field.column for field in LEAD_FIELDS), "")
    return columns | {
        BY_NAME[PHONE].column: phone_number(from_number),
        "status": "new",
        "summary": "",
        "summary_basis": "",
        "next_step": "",
        "callback_at": None,
        "callback_until": None,
        "urgency": "normal",
        "fields": {},
        "calls": [lead_calls.rang(call_sid, now)],
        "revision": 0,
        "notified_at": None,
        "calls_count": 1,
        "last_call_sid": call_sid,
        "last_call_at": now,
        "called_number": to_number,
        "created_at": now,
        "updated_at": now,
        "expires_at": expires_at(now, retention_days),
    }


def another_call(
    lead: Mapping[str, Any], call_sid: str, to_number: str, now: datetime, retention_days: int
) -> dict[str, Any]:
    """What changes on a known lead when its owner calls again. Only for a call not counted before."""
    listed = lead_calls.with_entry(lead, lead_calls.rang(call_sid, now))
    changes: dict[str, Any] = {
        "calls": listed,
        "calls_count": int(lead.get("calls_count") or 0) + 1,
        "updated_at": now,
        "expires_at": expires_at(now, retention_days),
    }
    last_at = lead.get("last_call_at")
    if not isinstance(last_at, datetime) or now >= last_at:
        changes |= {"last_call_sid": call_sid, "last_call_at": now, "called_number": to_number}
    return changes


def advanced_status(current: str | None, reported: str) -> str:
    """Call status only moves forward; a late or repeated report changes nothing. An ended call keeps its ending."""
    if current not in _CALL_STATUS_ORDER:
        return reported
    return reported if _CALL_STATUS_ORDER[reported] > _CALL_STATUS_ORDER[current] else current


def utterance_id(leg: int, seq: int) -> str:
    """Document id below `utterances`; sorts as the call was spoken."""
    return f"{leg}-{seq:05d}"


def transcript(utterances: Iterable[UtteranceFinal]) -> str:
    """One readable string, a line per utterance, in the order of (`leg`, `seq`); repeats count once."""
    in_order = {(said.leg, said.seq): said for said in utterances}
    return "\n".join(f"{_TRANSCRIPT_LABELS[said.speaker]}: {said.text}" for _, said in sorted(in_order.items()))
