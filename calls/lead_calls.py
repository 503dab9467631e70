"""What a lead keeps of each call of its owner, and what follows from all of them together.

Pure. The events of several calls arrive in any order. So every call has an entry of its own on the lead (`calls`),
which is replaced as more is known of it, and the columns that people read follow from all entries and fields:
whatever was written first, the same stands there in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from calls.lead_fields import BY_NAME, LEAD_FIELDS, NAME, NEED, PHONE

NEW: Final = "new"
IN_CALL: Final = "in_call"
CAPTURED: Final = "captured"
NEEDS_CALLBACK: Final = "needs_callback"
_OVER: Final = frozenset({CAPTURED, NEEDS_CALLBACK})

MOST_CALLS: Final = 10
"""Entries on a lead. Older calls have their own documents; what they told of the caller stays in `fields`."""
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_IDENTITY: Final = frozenset({NAME, PHONE})
"""Who somebody is does not change from call to call: what was confirmed once beats what is only heard later."""


def rang(call_sid: str, at: datetime) -> dict[str, Any]:
    """The entry of a call that nothing is known of yet."""
    return {
        "call_sid": call_sid,
        "at": at,
        "when": "",
        "status": NEW,
        "has_content": False,
        "recording_url": None,
        "summary": "",
        "summary_basis": "",
        "next_step": "",
        "urgency": "normal",
    }


def entries(lead: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Oldest first. What was known of a lead before it had entries is one; what people broke in the console is none."""
    given = lead.get("calls")
    listed = [dict(each) for each in given if _is_entry(each)] if isinstance(given, list) else []
    last_sid, last_at = lead.get("last_call_sid"), lead.get("last_call_at")
    if last_sid and isinstance(last_at, datetime) and all(each["call_sid"] != last_sid for each in listed):
        listed.append(rang(str(last_sid), last_at) | _before_entries(lead))
    return sorted(listed, key=_order)


def knows(lead: Mapping[str, Any], call_sid: str) -> bool:
    """Whether this call is counted on the lead."""
    return lead.get("last_call_sid") == call_sid or any(each["call_sid"] == call_sid for each in entries(lead))


def entry_of(lead: Mapping[str, Any], call_sid: str) -> dict[str, Any] | None:
    return next((each for each in entries(lead) if each["call_sid"] == call_sid), None)


def with_entry(lead: Mapping[str, Any], entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lead's entries with this one in the place of what was known of its call. The latest are kept."""
    others = [each for each in with_status_set(lead) if each["call_sid"] != entry["call_sid"]]
    return sorted([*others, dict(entry)], key=_order)[-MOST_CALLS:]


def on_the_line(lead: Mapping[str, Any], call_sid: str) -> dict[str, Any]:
    """What changes on a lead while its owner is heard: what a person made of its status is kept for afterwards."""
    listed = with_status_set(lead)
    for each in listed:
        if each["call_sid"] == call_sid and each["status"] == NEW:
            each["status"] = IN_CALL
    return {"status": IN_CALL, "calls": listed}


def began(lead: Mapping[str, Any], call_sid: str, at: datetime) -> dict[str, Any]:
    """What changes on a lead of whose call it becomes known late that it began earlier."""
    listed = entries(lead)
    late = [each for each in listed if each["call_sid"] == call_sid and at < each["at"]]
    for each in late:
        each["at"] = at
    return {"calls": sorted(listed, key=_order), **_last_call(sorted(listed, key=_order))} if late else {}


def with_status_set(lead: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries, the last call that ended holding the status that somebody else has set since: a person who called
    back, or a webhook that knows of a message."""
    listed = entries(lead)
    set_to, last = lead.get("status"), _last_word(listed)
    if set_to == IN_CALL and listed and listed[-1]["status"] == NEW:
        listed[-1]["status"] = IN_CALL  # `stream_status` knows of the stream, and of no entry
    if last is not None and set_to in _OVER and set_to != derived(lead, listed)["status"]:
        last["status_set"] = set_to
    return listed


def derived(lead: Mapping[str, Any], listed: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The columns that follow from the entries (oldest first); `lead` has the columns that do not."""
    entries_ = list(listed)
    columns: dict[str, Any] = {"calls": entries_, "status": _status(lead, entries_), **_last_call(entries_)}
    if last := _last_word(entries_):
        columns |= {"next_step": last["next_step"], "urgency": last["urgency"]}
        told = [each for each in entries_ if each["has_content"] and each["summary"]] or [last]
        columns["summary"] = _in_order(told)
        basis = str(last["summary_basis"])
        columns["summary_basis"] = f"{basis} ({len(told)})" if len(told) > 1 and basis else basis
    return columns


def strongest(fields: Iterable[Mapping[str, Any]], listed: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Of several maps of fields the entry of each field that stands, whatever their order.

    A later call is right about what somebody needs; about who they are, unless an earlier one had it confirmed.
    """
    began = {each["call_sid"]: each["at"] for each in listed}

    def rank(name: str, found: Mapping[str, Any]) -> tuple[Any, ...]:
        # What was stored without its call was called confirmed for having been heard.
        is_confirmed = found.get("confirmed") is True and bool(found.get("call_sid"))
        at = began.get(found.get("call_sid"), _LONG_AGO)
        place = _count(found.get("leg")), _count(found.get("seq"))
        return (is_confirmed and name in _IDENTITY, at, is_confirmed, *place)

    standing: dict[str, Any] = {}
    for each in fields:
        for name, found in each.items():
            if isinstance(found, Mapping) and (name not in standing or rank(name, found) > rank(name, standing[name])):
                standing[name] = dict(found)
    return standing


def taken_over(lead: Mapping[str, Any], placeholder: Mapping[str, Any]) -> dict[str, Any]:
    """The fields to write on the lead of a caller who has become known, so that nothing of the lead that stood in for
    it is lost."""
    own = {each["call_sid"]: each for each in with_status_set(lead)}
    told = {each["call_sid"]: each for each in with_status_set(placeholder)}
    for call_sid in own.keys() & told.keys():
        told[call_sid]["at"] = min(own[call_sid]["at"], told[call_sid]["at"])
    listed = sorted((own | told).values(), key=_order)[-MOST_CALLS:]
    fields = strongest([_fields(lead), _fields(placeholder)], listed)
    changes: dict[str, Any] = {"fields": fields}
    for field in LEAD_FIELDS:
        if placeholder.get(field.column) and (not lead.get(field.column) or _came_along(field.name, fields, told)):
            changes[field.column] = placeholder[field.column]
    if lead.get(BY_NAME[PHONE].column):
        changes.pop(BY_NAME[PHONE].column, None)
    for column in ("callback_at", "callback_until", "recording_url"):
        if placeholder.get(column):
            changes[column] = placeholder[column]
    return changes | derived({**lead, **changes}, listed)


def _came_along(name: str, fields: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    return (fields.get(name) or {}).get("call_sid") in told


def _last_call(listed: list[Any]) -> dict[str, Any]:
    return {"last_call_sid": listed[-1]["call_sid"], "last_call_at": listed[-1]["at"]} if listed else {}


def _status(lead: Mapping[str, Any], listed: list[Mapping[str, Any]]) -> str:
    if any(each["status"] == IN_CALL for each in listed):
        return IN_CALL
    last = _last_word(listed)
    if last is None:
        return NEW
    if last.get("status_set") in _OVER:
        return str(last["status_set"])
    has_all = all(lead.get(BY_NAME[name].column) for name in (NAME, NEED, PHONE))
    # A recording means that the assistant could not finish, and that somebody has to listen to it.
    return CAPTURED if has_all and last["has_content"] and not last["recording_url"] else NEEDS_CALLBACK


def _last_word(listed: list[Any]) -> Any | None:
    """The last call that ended and had something in it; the last silent one where there is no other."""
    over = [each for each in listed if each["status"] in _OVER]
    return next((each for each in reversed(over) if each["has_content"]), over[-1] if over else None)


def _in_order(told: list[Mapping[str, Any]]) -> str:
    if len(told) == 1:
        return str(told[0]["summary"])
    return "\n".join(f"{each['when']}: {each['summary']}" if each["when"] else str(each["summary"]) for each in told)


def _is_entry(each: Any) -> bool:
    return isinstance(each, Mapping) and rang("", _LONG_AGO).keys() <= each.keys() and isinstance(each["at"], datetime)


def _before_entries(lead: Mapping[str, Any]) -> dict[str, Any]:
    status = lead.get("status")
    if not lead.get("summary"):
        return {"status": status if status in (IN_CALL, *_OVER) else NEW}
    return {
        "status": status if status in (IN_CALL, *_OVER) else NEEDS_CALLBACK,
        "has_content": True,
        "summary": str(lead.get("summary") or ""),
        "next_step": str(lead.get("next_step") or ""),
        "recording_url": lead.get("recording_url"),
    }


def _order(each: Mapping[str, Any]) -> tuple[datetime, str]:
    return each["at"], str(each["call_sid"])


def _fields(lead: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = lead.get("fields")
    return fields if isinstance(fields, Mapping) else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0
