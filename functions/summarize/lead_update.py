"""What a call changes on the lead of its caller, while it lasts and once it is over.

Pure. A lead follows from all calls of its owner together (`calls/lead_calls.py`): each run replaces what its own call
told and leaves the rest alone, so that neither the order of runs nor their number matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from calls import lead_calls
from calls.lead_fields import BY_NAME, CALLBACK_TIME, Kind
from calls.phone_numbers import phone_number

from .found import Found

OVER: Final = lead_calls.NEEDS_CALLBACK
"""In an entry: the call has ended. Whether the lead is captured follows from all that is known."""


@dataclass(frozen=True, slots=True)
class Told:
    """One call, as it is known now."""

    call_sid: str
    began_at: datetime
    found: Mapping[str, Found]
    entry: Mapping[str, Any]
    """What is different from a call that nothing is known of: see `lead_calls.rang`."""
    has_written: bool
    """The call has written on the lead before: what differs since then is a person's."""


def changed_lead(lead: Mapping[str, Any], told: Told, now: datetime) -> dict[str, Any]:
    """The fields to write on the lead."""
    entry = {**lead_calls.rang(told.call_sid, told.began_at), **told.entry}
    if set_by_others := (lead_calls.entry_of(lead, told.call_sid) or {}).get("status_set"):
        entry["status_set"] = set_by_others
    listed = lead_calls.with_entry(lead, entry)
    before = lead.get("fields") if isinstance(lead.get("fields"), Mapping) else {}
    of_call = {name: found.as_document(told.call_sid) for name, found in told.found.items()}
    # What this call told earlier and does not any more was made of fewer of its events.
    of_others = {name: found for name, found in _maps(before).items() if found.get("call_sid") != told.call_sid}
    fields = lead_calls.strongest([_without_call(before), of_others, of_call], listed)
    changes: dict[str, Any] = {"fields": fields, "updated_at": now}
    is_newest = listed[-1]["call_sid"] == told.call_sid
    for name, found in fields.items():
        column = _column_to_write(name, found, lead, told, is_newest=is_newest)
        if column and lead.get(column) != found["value"]:
            changes[column] = found["value"]
    time = fields.get(CALLBACK_TIME, {})
    if time.get("call_sid") == told.call_sid:
        # The moment comes with the words, from whoever read them: `understanding.times.read_time`.
        changes |= {"callback_at": time.get("at"), "callback_until": time.get("until")}
    return changes | lead_calls.derived({**lead, **changes}, listed)


def _column_to_write(
    name: str, found: Mapping[str, Any], lead: Mapping[str, Any], told: Told, *, is_newest: bool
) -> str:
    """The column that is to show this field; "" where it is to stay as it is."""
    field = BY_NAME.get(name)
    if field is None or not field.column:
        return ""
    shown = lead.get(field.column)
    if field.kind is Kind.PHONE:
        # The number that called stays. One that was told stands in for it where it was withheld.
        return field.column if not shown and phone_number(str(found.get("value"))) else ""
    before = _maps(lead.get("fields")).get(name, {})
    follows = not shown or shown == before.get("value")
    ours_for_the_first_time = found.get("call_sid") == told.call_sid and is_newest and not told.has_written
    return field.column if follows or ours_for_the_first_time else ""


def _maps(fields: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(fields, Mapping):
        return {}
    return {name: found for name, found in fields.items() if isinstance(found, Mapping)}


def _without_call(fields: Any) -> dict[str, Mapping[str, Any]]:
    """Entries from before each named its call."""
    return {name: found for name, found in _maps(fields).items() if not found.get("call_sid")}
