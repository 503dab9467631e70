"""What changes on the call document and on its lead once a call has ended.

Pure: from the documents as they are and what is known now, to the fields to be written. Whatever the order in which
the events of a call arrived, the last write leaves the same documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from calls import call_end, lead_calls
from calls.day import day_and_time
from calls.events import CallEnded, UtteranceFinal
from calls.lead_fields import CALLBACK_TIME, NAME, NEED, PHONE
from calls.phone_numbers import phone_number
from calls.records import advanced_status, transcript
from understanding.needs import without_opening
from understanding.words import bare_words

from .callback import when_to_call
from .found import Found
from .lead_update import OVER, Told, changed_lead
from .outcome import Outcome
from .rule_summary import Caller, next_step, summary_by_rule
from .texts import Texts

# A document holds 1,048,576 bytes; what else is in it is small and bounded.
_TRANSCRIPT_BYTES: Final = 900_000
_CUT: Final = "\n[…]"


PENDING: Final = "pending"
FALLBACK: Final = "fallback"
DONE: Final = "done"
_FINISHED: Final = (PENDING, FALLBACK, DONE)


@dataclass(frozen=True, slots=True)
class Summary:
    """What was found out about the call, by whichever engine."""

    status: str
    """`DONE`, `FALLBACK` or `PENDING`."""
    found: Mapping[str, Found]
    caller_spoke: bool
    text: str = ""
    """Empty: to be written by rule."""
    step: str = ""
    """One of the model's steps; empty: to be chosen by rule."""
    urgency: str = ""
    """The model's; empty: to be told by rule."""
    model_covers: int | None = None
    """How many events the model's text was made from; None: the text is not the model's."""
    look_again_s: float | None = None
    """In how many seconds the sweep is to look at the call again; None: there is nothing left to do."""


@dataclass(frozen=True, slots=True)
class Changes:
    call: dict[str, Any]
    lead: dict[str, Any] | None


def known_of(call: Mapping[str, Any], outcome: Outcome) -> int:
    """Grows with everything that becomes known of a call: its events, and the message that was left."""
    return outcome.events_count + bool(call.get("recording_url"))


def summarised_already(call: Mapping[str, Any] | None, outcome: Outcome, status: str = FALLBACK) -> bool:
    """Whether the call has a summary of at least this status, made from as much as is known of it now."""
    call = call or {}
    based_on, has = call.get("summary_based_on"), call.get("summary_status")
    if not isinstance(based_on, int) or has not in _FINISHED:
        return False
    return (based_on, _FINISHED.index(has)) >= (known_of(call, outcome), _FINISHED.index(status))


def was_connected_again(call: Mapping[str, Any], outcome: Outcome) -> bool:
    """Whether Twilio was given a leg above the last one that ended: nothing may be heard of it yet."""
    reconnects = call.get("reconnects")
    return isinstance(reconnects, int) and reconnects >= max(outcome.endings)


def may_go_on(call: Mapping[str, Any], outcome: Outcome) -> bool:
    """Whether the caller is probably still on the line, or about to be connected again."""
    if outcome.goes_on or (was_connected_again(call, outcome) and not call_end.is_over(call)):
        return True
    return outcome.last_ending.reason == call_end.DRAINED and not call_end.is_over(call)


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
        "disclosure_heard": any(ending.disclosure_heard for ending in outcome.endings.values()),
        **_end(call, outcome),
    }


def _end(call: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """What the events say of the call's end; nothing where it goes on."""
    is_over = call_end.is_over(call)
    if not is_over and (outcome.goes_on or was_connected_again(call, outcome)):
        return {}
    last_at, ended_at = outcome.last_ending.ended_at, call.get("ended_at")
    told = {} if is_over else {call_end.TOLD_BY: call_end.EVENT}
    return told | {
        # Whoever saw the call end later (a voicemail, say) knows better.
        "ended_at": max(ended_at, last_at) if isinstance(ended_at, datetime) else last_at,
        "end_reason": end_reason(_known_reason(call, outcome), outcome.endings),
        "status": advanced_status(call.get("status"), "completed" if _was_answered(call, outcome) else "failed"),
    }


def _known_reason(call: Mapping[str, Any], outcome: Outcome) -> str | None:
    """The reason that somebody wrote who knew it. What only we said before, another event may know better; and that a
    call is over is no reason, although a webhook has to make one of it."""
    if not call_end.is_over(call):
        return None
    written = call.get("end_reason")
    is_guess = written == "caller_hangup" and call.get(call_end.TOLD_BY) == call_end.TWILIO
    knows_better = not outcome.lost_leg and outcome.last_ending.reason != call_end.DRAINED
    return None if is_guess and knows_better else written


def _was_answered(call: Mapping[str, Any], outcome: Outcome) -> bool:
    has_started = isinstance(stream := call.get("stream"), Mapping) and bool(stream.get("started_at"))
    return not outcome.lost_leg or bool(outcome.utterances) or has_started


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


def so_far(
    call_sid: str, call: Mapping[str, Any], lead: Mapping[str, Any], found: Mapping[str, Found], now: datetime
) -> Changes:
    """A call that goes on: what its caller has told stands on the lead before anybody has hung up."""
    if call_end.is_over(call) or call.get("status") in call_end.ENDED:
        return Changes({}, None)
    entry = _kept(lead, call_sid) | {"status": lead_calls.IN_CALL}
    told = Told(call_sid, _began_at(call, now), found, entry, has_written=_has_written(lead, call_sid))
    changes = changed_lead(lead, told, now)
    unchanged = all(lead.get(name) == value for name, value in changes.items() if name != "updated_at")
    of_call: dict[str, Any] = {} if "sweep_at" in call else {"sweep_at": now}
    if (status := advanced_status(call.get("status"), "in_progress")) != call.get("status"):
        of_call["status"] = status
    return Changes(of_call, {} if unchanged else changes)


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
    facts = call_facts(call, outcome)
    known = {**call, **facts}
    has_written = _has_written(lead or {}, call_sid)
    told = Told(call_sid, _began_at(known, now), summary.found, {}, has_written=has_written)
    after = {"phone": call.get("from")} if lead is None else {**lead, **changed_lead(lead, told, now)}
    texts_ = _summary_texts(
        _caller(after, summary.found, outcome, texts), summary, bool(call.get("recording_url")), texts
    )
    written = texts_ | {"summary_basis": _basis(call, outcome, summary, texts)}
    of_call = facts | {
        "summary": written["summary"],
        "summary_basis": written["summary_basis"],
        "summary_status": summary.status,
        "summary_based_on": known_of(call, outcome),
        "sweep_at": None if summary.look_again_s is None else now + timedelta(seconds=summary.look_again_s),
    }
    if lead is None:
        return Changes(of_call, None)
    entry = written | {
        "when": day_and_time(told.began_at),
        "status": lead_calls.IN_CALL if may_go_on(known, outcome) else OVER,
        "has_content": summary.caller_spoke or bool(call.get("recording_url")),
        "recording_url": call.get("recording_url"),
        "urgency": summary.urgency or _urgency(outcome, texts),
    }
    told = Told(call_sid, told.began_at, summary.found, entry, has_written=has_written)
    return Changes(of_call, changed_lead(lead, told, now))


def _kept(lead: Mapping[str, Any], call_sid: str) -> dict[str, Any]:
    entry = lead_calls.entry_of(lead, call_sid) or {}
    return {name: value for name, value in entry.items() if name not in ("call_sid", "at")}


def _has_written(lead: Mapping[str, Any], call_sid: str) -> bool:
    fields = lead.get("fields") or {}
    of_calls = (each.get("call_sid") for each in fields.values() if isinstance(each, Mapping))
    return call_sid in of_calls


def _began_at(call: Mapping[str, Any], now: datetime) -> datetime:
    started_at = call.get("started_at")
    return started_at if isinstance(started_at, datetime) else now


def _summary_texts(caller: Caller, summary: Summary, has_message: bool, texts: Texts) -> dict[str, str]:
    writes = texts.writes
    if has_message:
        text = summary.text or summary_by_rule(caller, writes) if summary.caller_spoke else ""
        alone = writes.voicemail_alone.format(who=caller.name or writes.unknown_caller)
        return {
            "summary": f"{text} {writes.voicemail}" if text else alone,
            "next_step": next_step(caller, "listen", texts),
        }
    if not summary.caller_spoke:
        return {"summary": writes.nothing_said, "next_step": next_step(caller, "", texts)}
    return {
        "summary": summary.text or summary_by_rule(caller, writes),
        "next_step": next_step(caller, summary.step, texts),
    }


def _basis(call: Mapping[str, Any], outcome: Outcome, summary: Summary, texts: Texts) -> str:
    """For people: who made the summary, and from how much of the call."""
    basis = texts.basis
    by = (
        basis.model
        if summary.model_covers is not None
        else basis.rules_instead
        if summary.status == FALLBACK
        else basis.rules
    )
    count = len(outcome.utterances)
    if not summary.caller_spoke:
        from_what = basis.nothing
    elif outcome.lost_leg:
        from_what = basis.lost.format(count=count)
    elif may_go_on(call, outcome):
        from_what = basis.goes_on.format(count=count)
    elif summary.model_covers is not None and summary.model_covers < outcome.events_count:
        from_what = basis.part.format(count=summary.model_covers)
    else:
        from_what = basis.whole if outcome.is_complete else basis.part.format(count=count)
    return ", ".join([by, from_what, *([basis.voicemail] if call.get("recording_url") else [])])


def _urgency(outcome: Outcome, texts: Texts) -> str:
    said = {word for utterance in outcome.caller_said for word in bare_words(utterance.text.split())}
    return "high" if said & set(texts.writes.urgent) else "normal"


def _caller(lead: Mapping[str, Any], found: Mapping[str, Found], outcome: Outcome, texts: Texts) -> Caller:
    """Who is known from earlier calls is greeted by name; needs and times of earlier calls are not this call's."""

    def value(name: str) -> str:
        return found[name].value if name in found else ""

    phone = str(lead.get("phone") or "")
    other = value(PHONE)
    return Caller(
        name=str(lead.get(NAME) or "") or value(NAME),
        need=without_opening(value(NEED), texts.language),
        callback_time=when_to_call(found.get(CALLBACK_TIME), outcome.utterances, texts.language),
        phone=phone or other,
        other_phone=other if _is_another_number(other, phone) else "",
    )


def _is_another_number(given: str, known: str) -> bool:
    return bool(phone_number(given)) and phone_number(given) != phone_number(known)
