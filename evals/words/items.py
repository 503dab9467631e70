"""The sets: lists of what a caller says, and what is to be known after it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from calls.lead_fields import LeadField, collected

OWN_SETS: Final = Path(__file__).parents[1] / "sets" / "words"
NOW: Final = datetime(2026, 1, 4, 9, 0, tzinfo=ZoneInfo("Asia/Jerusalem"))
"""A Sunday morning, for items that do not say when they are said."""


NOT_FIELDS: Final = ("confirmed", "intent", "reply_asks", "callback_at")
"""What `expect` may name beside fields."""


class BadSet(ValueError):
    """The file is no set. The message names the item and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    category: str
    texts: tuple[str, ...]
    """What the caller says, utterance by utterance."""
    expect: Mapping[str, Any]
    asked: str = ""
    caller_number: str = ""
    now: datetime = NOW
    known: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    """How the assistant put it, where that is to be understood as well."""
    fields_to_collect: tuple[LeadField, ...] = ()
    """The business's own, where one has more to it than a name that is its kind."""


def own_items() -> list[Item]:
    return [item for path in sorted(OWN_SETS.glob("*.json")) for item in items_of(path)]


def items_of(path: Path) -> list[Item]:
    """Raises `BadSet`, or `OSError` where the file cannot be read."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise BadSet(f"{path.name}: not JSON: {exc}") from exc
    if not isinstance(entries, list):
        raise BadSet(f"{path.name}: not a list of items")
    return [_item(entry, f"{path.name}, item {place}") for place, entry in enumerate(entries, start=1)]


def _item(entry: Any, where: str) -> Item:
    if not isinstance(entry, dict):
        raise BadSet(f"{where}: not an object")
    where = f"{where} ({entry.get('id', 'without id')})"
    try:
        texts = [entry["text"]] if "text" in entry else entry["texts"]
        if not texts or not all(isinstance(text, str) for text in texts):
            raise BadSet(f"{where}: text is no text")
        if not isinstance(entry["expect"], dict):
            raise BadSet(f"{where}: expect is no object")
        return Item(
            id=str(entry["id"]),
            category=str(entry.get("category", "")),
            texts=tuple(texts),
            expect=entry["expect"],
            asked=entry.get("asked") or "",
            caller_number=entry.get("caller_number") or "",
            now=_moment(entry["now"]) if entry.get("now") else NOW,
            known={name: value for name, value in (entry.get("known") or {}).items() if value},
            question=entry.get("question") or "",
            fields_to_collect=_fields(entry.get("fields_to_collect")),
        )
    except KeyError as exc:
        raise BadSet(f"{where}: {exc.args[0]} is missing") from exc
    except (TypeError, ValueError, AttributeError) as exc:
        raise BadSet(f"{where}: {exc}") from exc


def _fields(entries: Any) -> tuple[LeadField, ...]:
    fields, faults = collected(entries)
    if faults:
        raise ValueError("; ".join(faults))
    return fields


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=NOW.tzinfo)
