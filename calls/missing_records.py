"""Create what is missing of a call's two documents, and never revive what a person deleted.

Pure. Whoever meets a call first makes its documents: `incoming_call` at ring, or, where its write failed or is late,
`stream_status` or `summarize`, which do not know who calls. Call and lead are always made in one commit, so a call
that names its lead had one; if it is gone, a person removed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from calls import lead_calls, records


@dataclass(frozen=True, slots=True)
class MetCall:
    """A call, as whoever meets it knows it; "" for what is not known."""

    call_sid: str
    from_number: str
    to_number: str
    mode: str
    now: datetime
    retention_days: int

    @property
    def lead_id(self) -> str:
        return records.lead_id(self.from_number, self.call_sid)

    def new_lead(self) -> dict[str, Any]:
        return records.new_lead(self.call_sid, self.from_number, self.to_number, self.now, self.retention_days)


@dataclass(frozen=True, slots=True)
class Documents:
    """What Firestore holds; None for a document that does not exist."""

    call: Mapping[str, Any] | None = None
    lead: Mapping[str, Any] | None = None
    """The one of `lead_of`."""
    placeholder: Mapping[str, Any] | None = None
    """The lead named by the call SID, if `lead` has another name."""
    read_at: datetime | None = None
    """On Firestore's clock, which all instances share."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Fields to write on each document; all of them where it does not exist."""

    call: Mapping[str, Any] = field(default_factory=dict)
    lead: Mapping[str, Any] = field(default_factory=dict)
    lead_was_deleted: bool = False
    """By a person: nothing is to be written on it."""
    drop_placeholder: bool = False
    """What stands on it is written on the lead."""


def lead_of(call: Mapping[str, Any] | None, call_sid: str, lead_id: str) -> str:
    """Which lead is the call's: the one it names, unless `lead_id` tells for the first time who calls."""
    named = (call or {}).get("lead_id")
    usable = isinstance(named, str) and named and "/" not in named
    return str(named) if usable and named != call_sid else lead_id


def missing(met: MetCall, documents: Documents) -> Missing:
    """What is to be written beside any other change. A call is counted on its lead exactly once."""
    call, lead = documents.call or {}, documents.lead
    if call.get("lead_id") and not _caller_was_unknown(met, call):
        known = {"from": met.from_number, "to": met.to_number, "mode": met.mode}
        filled = {name: value for name, value in known.items() if value and not call.get(name)}
        earlier = _began(met, call)
        began = lead_calls.began(lead, met.call_sid, met.now) if earlier and lead else {}
        return Missing(filled | earlier, began, lead_was_deleted=lead is None)
    whole = records.new_call(met.call_sid, met.from_number, met.to_number, met.mode, met.now, met.retention_days)
    on_call = {name: value for name, value in whole.items() if name == "lead_id" or not call.get(name)}
    on_call |= _began(met, call) | _kept(call)
    on_lead = _on_lead(met, lead)
    if documents.placeholder is None:
        return Missing(on_call, on_lead)
    taken = lead_calls.taken_over({**(lead or {}), **on_lead}, documents.placeholder)
    return Missing(on_call, {**on_lead, **taken}, drop_placeholder=True)


def _on_lead(met: MetCall, lead: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if lead is None:
        return met.new_lead()
    if lead_calls.knows(lead, met.call_sid):
        return {}
    return records.another_call(lead, met.call_sid, met.to_number, met.now, met.retention_days)


def _began(met: MetCall, call: Mapping[str, Any]) -> dict[str, Any]:
    """A write at ring that is late knows the call for longer than those who came before it."""
    started_at = call.get("started_at")
    return {"started_at": met.now} if isinstance(started_at, datetime) and met.now < started_at else {}


def _kept(call: Mapping[str, Any]) -> dict[str, Any]:
    """A call that is summarized is not looked at again, although it becomes known only now who called."""
    return {"sweep_at": call["sweep_at"]} if call.get("lead_id") and "sweep_at" in call else {}


def _caller_was_unknown(met: MetCall, call: Mapping[str, Any]) -> bool:
    """Whether the documents were made by somebody who did not know who calls, as we do."""
    return call.get("lead_id") == met.call_sid and met.lead_id != met.call_sid
