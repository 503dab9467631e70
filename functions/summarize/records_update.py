"""What changes on the call and lead documents once a call has ended.

Pure: from the documents as they are and what is known now, to the fields to be written. Whatever the order in which
the events of a call arrived, the last write leaves the same documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from calls import call_end
from calls.events import CallEnded, UtteranceFinal
from calls.lead_fields import BY_NAME, CALLBACK_TIME, NAME, NEED, PHONE, Kind
from calls.phone_numbers import phone_number
from calls.records import advanced_status, transcript
from understanding.needs import without_opening

from .found import Found
from .outcome import Outcome
from .rule_summary import Caller, next_step, summary_by_rule
from .texts import Texts

# A document holds 1,048,576 bytes; what else is in it is small and bounded.
_TRANSCRIPT_BYTES: Final = 900_000
_CUT: Final = "\n[…]"


@dataclass(frozen=True, slots=True)
class Summary:
    """What was found out about the call, by whichever engine."""

    status: str
    """`done`, `fallback` or `pending`."""
    found: Mapping[str, Found]
    caller_spoke: bool
    text: str = ""
    """Empty: to be written by rule."""
    step: str = ""
    """One of the model's steps; empty: to be chosen by rule."""


@dataclass(frozen=True, slots=True)
class Changes:
    call: dict[str, Any]
    lead: dict[str, Any] | None


def summarised_already(call: Mapping[str, Any] | None, outcome: Outcome) -> bool:
    """Whether the call's summary was made from as many of its events as are known now, or from more."""
    based_on = (call or {}).get("summary_based_on")
    return isinstance(based_on, int) and based_on >= outcome.events_count


def call_facts(call: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """The fields of the call document that need no summary."""
    last = outcome.last_ending
    started_at = call.get("started_at")
    return {
        # A call document that had to be made late starts when its first event did.
        "started_at": min(started_at, outcome.first_at) if isinstance(started_at, datetime) else outcome.first_at,
        "duration_s": outcome.duration_s,
        "transcript": bounded_transcript(outcome.utterances),
        "transcript_complete": outcome.is_complete,
        "recognizer": last.recognizer,
        "latency": {
            "turns": last.latency.turns,
            "total_p50_s": last.latency.total_p50_s,
            "total_p95_s": last.latency.total_p95_s,
        },
        **_end(call, outcome),
    }


def _end(call: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """What the events say of the call's end; nothing where it goes on."""
    is_over = call_end.is_over(call)
    if not is_over and (outcome.goes_on or _was_connected_again(call, outcome)):
        return {}
    last_at, ended_at = outcome.last_ending.ended_at, call.get("ended_at")
    told = {} if is_over else {call_end.TOLD_BY: call_end.EVENT}
    return told | {
        # Whoever saw the call end later (a voicemail, say) knows better.
        "ended_at": max(ended_at, last_at) if isinstance(ended_at, datetime) else last_at,
        "end_reason": end_reason(call.get("end_reason"), outcome.endings),
        "status": advanced_status(call.get("status"), "completed"),
    }


def _was_connected_again(call: Mapping[str, Any], outcome: Outcome) -> bool:
    """Whether Twilio was given a leg above the last one that ended: nothing may be heard of it yet."""
    reconnects = call.get("reconnects")
    return isinstance(reconnects, int) and reconnects >= max(outcome.endings)


def end_reason(written: str | None, endings: Mapping[int, CallEnded]) -> str:
    """A reason the service wrote stays, unless it is that of an earlier leg: then the call went on after it."""
    of_legs = [endings[leg].reason for leg in sorted(endings)]
    return of_legs[-1] if not written or written == "drained" or written in of_legs else written


def bounded_transcript(utterances: tuple[UtteranceFinal, ...], limit: int = _TRANSCRIPT_BYTES) -> str:
    """The transcript, cut after a whole line where it would not fit into a document (`limit` in UTF-8 bytes)."""
    text = transcript(utterances)
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    kept = encoded[:limit].decode(errors="ignore")
    return kept[: kept.rfind("\n")] + _CUT if "\n" in kept else kept


def summarised(
    call_sid: str,
    call: Mapping[str, Any],
    lead: Mapping[str, Any] | None,
    outcome: Outcome,
    summary: Summary,
    texts: Texts,
    now: datetime,
) -> Changes:
    """Everything to be written. `lead` is None where there is none to write to; then the call document has it all."""
    of_lead = None if lead is None else _lead_values(lead, call_sid, call, summary)
    known = {"phone": call.get("from")} if lead is None else {**lead, **(of_lead or {})}
    text, step = _summary_texts(_caller(known, summary.found, texts), summary, texts)
    if lead is not None and of_lead is not None:
        of_lead["updated_at"] = now
        if _is_newest(lead, call_sid, call):
            of_lead |= {"summary": text, "next_step": step}
            if not outcome.goes_on:
                of_lead["status"] = _lead_status(known, call, summary)
    of_call = call_facts(call, outcome) | {
        "summary": text,
        "summary_status": summary.status,
        "summary_based_on": outcome.events_count,
    }
    return Changes(of_call, of_lead)


def _lead_values(lead: Mapping[str, Any], call_sid: str, call: Mapping[str, Any], summary: Summary) -> dict[str, Any]:
    """The newest call's findings replace older ones, and what it did not find leaves them alone.

    An older call that is summarised late only fills gaps. A value that somebody corrected in the console after this
    call was first summarised is theirs.
    """
    newest = _is_newest(lead, call_sid, call)
    fields = dict(lead.get("fields") or {})
    changes: dict[str, Any] = {}
    for name, found in summary.found.items():
        if (name in fields and not newest) or _corrected_by_a_person(lead, call, name):
            continue
        fields[name] = found.as_document(call_sid)
        column = _column(name)
        if column and (newest or not lead.get(column)):
            changes[column] = found.value
        elif _fills_gap(name, found.value, lead):
            changes[BY_NAME[name].column] = found.value
    return changes | {"fields": fields}


def _column(name: str) -> str:
    """The lead's column that shows this field and nothing else; "" if there is none."""
    field = BY_NAME.get(name)
    return field.column if field and field.kind is not Kind.PHONE else ""


def _fills_gap(name: str, value: str, lead: Mapping[str, Any]) -> bool:
    """The number that called stays. One that was told stands in for it where it was withheld."""
    field = BY_NAME.get(name)
    return field is not None and field.kind is Kind.PHONE and not lead.get(field.column) and bool(phone_number(value))


def _summary_texts(caller: Caller, summary: Summary, texts: Texts) -> tuple[str, str]:
    if not summary.caller_spoke:
        return texts.writes.nothing_said, next_step(caller, "", texts)
    return summary.text or summary_by_rule(caller, texts.writes), next_step(caller, summary.step, texts)


def _lead_status(lead: Mapping[str, Any], call: Mapping[str, Any], summary: Summary) -> str:
    has_all = bool(lead.get(NAME) and lead.get(NEED) and lead.get("phone"))
    # A recording means that the assistant could not finish, and that somebody has to listen to it.
    return "captured" if has_all and summary.caller_spoke and not call.get("recording_url") else "needs_callback"


def _caller(lead: Mapping[str, Any], found: Mapping[str, Found], texts: Texts) -> Caller:
    """Who is known from earlier calls is greeted by name; needs and times of earlier calls are not this call's."""

    def value(name: str) -> str:
        return found[name].value if name in found else ""

    phone = str(lead.get("phone") or "")
    other = value(PHONE)
    return Caller(
        name=str(lead.get(NAME) or "") or value(NAME),
        need=without_opening(value(NEED), texts.language),
        callback_time=value(CALLBACK_TIME),
        phone=phone or other,
        other_phone=other if _is_another_number(other, phone) else "",
    )


def _is_another_number(given: str, known: str) -> bool:
    return bool(phone_number(given)) and phone_number(given) != phone_number(known)


def _is_newest(lead: Mapping[str, Any], call_sid: str, call: Mapping[str, Any]) -> bool:
    if lead.get("last_call_sid") in (None, "", call_sid):
        return True
    last_at, started_at = lead.get("last_call_at"), call.get("started_at")
    if not isinstance(last_at, datetime) or not isinstance(started_at, datetime):
        return True
    return started_at >= last_at


def _corrected_by_a_person(lead: Mapping[str, Any], call: Mapping[str, Any], name: str) -> bool:
    column = _column(name)
    if call.get("summary_based_on") is None or not column or not lead.get(column):
        return False
    entry = (lead.get("fields") or {}).get(name)
    return not isinstance(entry, dict) or entry.get("value") != lead[column]
