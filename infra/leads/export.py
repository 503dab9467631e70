"""Write leads as a table or as JSON, each value with the words that prove it. Pure.

A table is opened in a spreadsheet, which takes some texts for formulas: what a caller said is never one.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from calls.lead_fields import LEAD_FIELDS

Lead = Mapping[str, Any]
"""A document of `leads`, with its name as `lead_id`."""

_COLUMNS: Final = (
    "lead_id",
    "status",
    "urgency",
    "phone",
    "name",
    "need",
    "callback_time",
    "callback_at",
    "callback_until",
    "summary",
    "next_step",
    "recording_url",
    "calls_count",
    "last_call_sid",
    "last_call_at",
    "called_number",
    "created_at",
    "updated_at",
)
_EVIDENCE: Final = ("value", "confirmed", "source", "confidence", "quote", "call_sid", "leg", "seq", "other")
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+\-]?[0-9]+(\.[0-9]+)?")


def as_csv(leads: Sequence[Lead]) -> str:
    """A line for each lead. Of every field that any of them has there is a column for each part of its evidence."""
    known = [field.name for field in LEAD_FIELDS]
    names = {name for lead in leads for name in _fields(lead)}
    ordered = [name for name in known if name in names] + sorted(names - set(known))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*_COLUMNS, *(f"{name}.{part}" for name in ordered for part in _EVIDENCE)])
    for lead in leads:
        evidence = [_fields(lead).get(name, {}) for name in ordered]
        row = [*(lead.get(column) for column in _COLUMNS), *(each.get(part) for each in evidence for part in _EVIDENCE)]
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def as_json(leads: Sequence[Lead]) -> str:
    """A list of whole documents."""
    return json.dumps(list(leads), ensure_ascii=False, indent=2, sort_keys=True, default=_plain) + "\n"


def _fields(lead: Lead) -> dict[str, Mapping[str, Any]]:
    fields = lead.get("fields")
    found = fields.items() if isinstance(fields, Mapping) else ()
    return {str(name): each for name, each in found if isinstance(each, Mapping)}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else _plain(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return str(value)


def newest_first(leads: Iterable[Lead]) -> list[Lead]:
    """Leads without a time, which somebody made by hand, come last."""

    def last_call(lead: Lead) -> float:
        at = lead.get("last_call_at")
        return at.timestamp() if isinstance(at, datetime) else 0.0

    return sorted(leads, key=lambda lead: (-last_call(lead), str(lead.get("lead_id"))))
