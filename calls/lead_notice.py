"""Whether somebody is to be told of a lead, and in what words: the messages of topic new-leads.

Pure. That a message is due is written on the lead in the commit that makes it due (`revision`, `notice`), and taken off
once it is out. So none is lost with an instance, and one that is sent again carries the same revision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from calls.event_wire import format_time
from calls.lead_calls import CAPTURED, NEEDS_CALLBACK

VERSION: Final = 1
TYPE: Final = "lead.ready"
DUE_AT: Final = "notice.due_at"
"""The field that the sweep asks by."""

_TOLD: Final = (
    "status",
    "name",
    "phone",
    "need",
    "callback_time",
    "callback_at",
    "callback_until",
    "summary",
    "next_step",
    "urgency",
    "recording_url",
)


@dataclass(frozen=True, slots=True)
class Message:
    lead_id: str
    """Also the ordering key."""
    revision: int
    data: bytes
    attributes: Mapping[str, str]


def due(lead: Mapping[str, Any], call_sid: str, ended_at: datetime | None, now: datetime) -> dict[str, Any]:
    """What changes on a lead about which there is something to tell; nothing where all was told before."""
    content = content_of(lead)
    if lead.get("status") not in (CAPTURED, NEEDS_CALLBACK) or _notice(lead).get("content") == content:
        return {}
    ready_after_s = round(max(0.0, (now - ended_at).total_seconds()), 3) if ended_at else None
    return {
        "revision": _revision(lead) + 1,
        "notice": {"due_at": now, "call_sid": call_sid, "ready_after_s": ready_after_s, "content": content},
    }


def is_due(lead: Mapping[str, Any]) -> bool:
    return isinstance(_notice(lead).get("due_at"), datetime)


def sent(lead: Mapping[str, Any], revision: int, now: datetime) -> dict[str, Any]:
    """What changes on a lead whose message of this revision is out; nothing if it has got another one since."""
    if _revision(lead) != revision or not is_due(lead):
        return {}
    return {"notified_at": now, "notice": {**_notice(lead), "due_at": None}}


def message(lead_id: str, lead: Mapping[str, Any]) -> Message:
    notice, revision = _notice(lead), _revision(lead)
    body = {
        "version": VERSION,
        "type": TYPE,
        "lead_id": lead_id,
        "revision": revision,
        "call_sid": notice.get("call_sid") or lead.get("last_call_sid") or "",
        "called_number": lead.get("called_number") or "",
        **{name: lead.get(name) for name in _TOLD},
        "fields": lead.get("fields") or {},
        "ready_after_s": notice.get("ready_after_s"),
    }
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_as_json).encode(errors="replace")
    # Attributes show up in consoles and metrics, so nothing personal goes in here: a lead's id is a number.
    return Message(lead_id, revision, data, {"type": TYPE, "revision": str(revision)})


def content_of(lead: Mapping[str, Any]) -> str:
    """Names what people are told of a lead: the same for the same content."""
    fields = lead.get("fields")
    values = {
        name: found.get("value")
        for name, found in (fields.items() if isinstance(fields, Mapping) else ())
        if isinstance(found, Mapping)
    }
    told = {name: lead.get(name) for name in _TOLD} | {"fields": values}
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=_as_json).encode()).hexdigest()[:32]


def _notice(lead: Mapping[str, Any]) -> Mapping[str, Any]:
    notice = lead.get("notice")
    return notice if isinstance(notice, Mapping) else {}


def _revision(lead: Mapping[str, Any]) -> int:
    revision = lead.get("revision")
    return revision if isinstance(revision, int) else 0


def _as_json(value: Any) -> str:
    return format_time(value) if isinstance(value, datetime) else str(value)
