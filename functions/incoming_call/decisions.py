"""Decide how a call goes on, and what changes on its two documents.

Pure: takes what Firestore holds and what Twilio said, returns the answer and the fields to write. Every decision
may be taken again on newer documents, after a lost answer, a race or a repeated webhook; taken on the documents it
has written itself, it gives the same answer and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from calls import call_end, lead_calls, lead_notice, records
from calls.day import day_and_time
from calls.missing_records import Documents, MetCall, missing

from .budgets import OVER_BUDGET
from .recordings import refusal


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a media stream."""

    leg: int
    """1 for the first stream of the call."""
    after_pause: bool = False
    """Say a word to the caller and wait first: the stream before this one never came about, and the next one, asked
    for at once, would not either."""


@dataclass(frozen=True, slots=True)
class Voicemail:
    pass


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


@dataclass(frozen=True, slots=True)
class OverBudget:
    """A sentence, and the end of the call."""


Answer = Connect | Voicemail | HangUp | OverBudget


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """What stands in the records of a caller who was turned away, for people to read."""

    summary: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Decision:
    answer: Answer
    call: Mapping[str, Any] = field(default_factory=dict)
    """Fields to write on the call; all of them where the document does not exist."""
    lead: Mapping[str, Any] = field(default_factory=dict)
    drop_placeholder: bool = False


def is_over(twilio_status: str) -> bool:
    """Whether Twilio's `CallStatus` says that nobody is on the line any more."""
    return records.TWILIO_CALL_STATUS.get(twilio_status) in call_end.ENDED


def at_ring(ringing: MetCall, documents: Documents) -> Decision:
    """The phone rings: put the caller through, unless the call is known to be over (a replayed webhook)."""
    call = documents.call or {}
    if call.get("end_reason") == OVER_BUDGET:
        return Decision(OverBudget())
    # A phone rings at the beginning: here an end is the end, whoever told it.
    over = call.get("status") in call_end.ENDED or call_end.is_over({**call, call_end.TOLD_BY: None})
    return _with_missing(ringing, documents, Decision(HangUp() if over else Connect(1)))


def above_budget(ringing: MetCall, texts: TurnedAway, documents: Documents) -> Decision:
    """The phone rings, and a budget is used up: somebody calls back.

    A call that is known already was put through before, and is not taken from its caller.
    """
    if documents.call is not None:
        return at_ring(ringing, documents)
    turned_away = {
        "status": "completed",
        "ended_at": ringing.now,
        "end_reason": OVER_BUDGET,
        "duration_s": 0.0,
        "summary": texts.summary,
        "summary_status": "done",
        "sweep_at": None,  # nothing more will come of it
    }
    decision = _with_missing(ringing, documents, Decision(OverBudget(), call=turned_away))
    return replace(decision, lead=_to_call_back(ringing, texts, documents.lead or {}, decision.lead))


def _to_call_back(
    ringing: MetCall, texts: TurnedAway, before: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """`changes` of the lead, with all that a summary would have made of this call. What an earlier call told is worth
    more and stays."""
    lead = {**before, **changes, "status": lead_calls.NEEDS_CALLBACK}
    entry = lead_calls.rang(ringing.call_sid, ringing.now) | {
        "when": day_and_time(ringing.now),
        "status": lead_calls.NEEDS_CALLBACK,
        "status_set": lead_calls.NEEDS_CALLBACK,
        "summary": texts.summary,
        "next_step": texts.next_step,
    }
    told = lead_calls.derived(lead, lead_calls.with_entry(lead, entry)) | {"updated_at": ringing.now}
    return {**changes, **told, **lead_notice.due({**lead, **told}, ringing.call_sid, ringing.now, ringing.now)}


def after_stream(
    ringing: MetCall, twilio_status: str, request_id: str, most_reconnects: int, in_time: bool, documents: Documents
) -> Decision:
    """The media stream ended.

    Twilio knows whether anybody is on the line. What ends a call against its word is an end that the service meant
    and wrote before it closed the stream, or one that Twilio itself told before.
    `request_id` names this webhook, the same for each of its deliveries if possible: a repeated one gets the leg
    that it got before. Once it is no longer `in_time` nobody waits for the answer, and no leg is given away.
    """
    call, lead = documents.call or {}, documents.lead or {}
    if is_over(twilio_status):
        ended = _end(call, records.TWILIO_CALL_STATUS[twilio_status], ringing.now)
        if twilio_status == "completed" and not call.get("end_reason"):
            # The stream of a caller who hangs up may never have started, or its instance be lost: nobody else says so.
            ended["end_reason"] = "caller_hangup"
        return _with_missing(ringing, documents, Decision(HangUp(), call=ended))
    if call_end.is_over(call):
        return Decision(HangUp())
    reconnects, started = _count(call.get("reconnects")), _count((call.get("stream") or {}).get("leg"))
    if reconnects and call.get("reconnect_request") == request_id:
        return Decision(Connect(reconnects + 1, after_pause=started < reconnects))
    # The leg given away last is known from our own count; a stream that never started has left no other trace.
    last_leg = max(reconnects + 1, started)
    if in_time and last_leg <= most_reconnects:
        counted = {"reconnects": last_leg, "reconnect_request": request_id, **call_end.goes_on(call)}
        next_leg = Connect(last_leg + 1, after_pause=started < last_leg)
        return _with_missing(ringing, documents, Decision(next_leg, call=counted))
    # Whether or not a message is left, somebody has to call back.
    wanted = {} if lead.get("status") == "needs_callback" else {"status": "needs_callback", "updated_at": ringing.now}
    return _with_missing(ringing, documents, Decision(Voicemail(), lead=wanted))


def after_recording(ringing: MetCall, recording_url: str, duration_s: str, documents: Documents) -> Decision:
    """The caller left a message."""
    call, lead = documents.call or {}, documents.lead
    recording = {"recording_url": recording_url} if not refusal(recording_url) else {}
    if call.get("end_reason") == "voicemail" and recording.items() <= call.items():
        return Decision(HangUp())  # stored before; what was changed by hand since then stays
    seconds = {"recording_duration_s": int(duration_s)} if re.fullmatch("[0-9]{1,5}", duration_s) else {}
    on_call = _end(call, "completed", ringing.now) | {"end_reason": "voicemail"} | recording | seconds
    on_call["sweep_at"] = ringing.now  # the summary is to tell of the message
    on_lead = {"status": "needs_callback", "updated_at": ringing.now} | recording
    if lead is None:  # even if someone removed the lead: now there is a message to listen to
        on_lead = ringing.new_lead() | on_lead
    return _with_missing(ringing, documents, Decision(HangUp(), call=on_call, lead=on_lead))


def _end(call: Mapping[str, Any], status: str, now: datetime) -> dict[str, Any]:
    """The fields of a call that is over; what is known of its end already stays."""
    advanced = records.advanced_status(call.get("status"), status)
    fields = {"status": advanced, "ended_at": call.get("ended_at") or now, call_end.TOLD_BY: call_end.TWILIO}
    return {name: value for name, value in fields.items() if call.get(name) != value}


def _with_missing(ringing: MetCall, documents: Documents, decision: Decision) -> Decision:
    """The decision, and whatever of the two documents is missing."""
    gap = missing(ringing, documents)
    # A lead that was removed stays removed, unless it is decided to make it anew.
    wanted = {} if gap.lead_was_deleted and "phone" not in decision.lead else decision.lead
    return replace(
        decision,
        call={**gap.call, **decision.call},
        lead={**gap.lead, **wanted},
        drop_placeholder=gap.drop_placeholder,
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
