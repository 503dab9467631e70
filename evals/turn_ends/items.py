"""The sets: what a caller has said so far, at a point where a pause may come, and whether that can be all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made_of
from pathlib import Path
from typing import Any, Final

from calls.lead_fields import BY_NAME, Kind, LeadField
from understanding.said import OTHER, Said
from understanding.turn_reading import TurnEnd

OWN_SETS: Final = Path(__file__).parents[1] / "sets" / "turn_ends"


class BadSet(ValueError):
    """The file is no set. The message names the item and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    text: str
    end: TurnEnd
    """As a caller would have it."""
    asked: str = ""
    field: LeadField | None = None
    earlier: tuple[str, ...] = ()
    known: Mapping[str, str] = made_of(default_factory=dict)
    caller_number: str = ""

    @property
    def said(self) -> Said:
        return Said(self.text, self.asked, self.caller_number, self.earlier, self.known)


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
    try:
        asked = entry.get("asked") or ""
        return Item(
            id=str(entry["id"]),
            text=str(entry["text"]),
            end=TurnEnd(entry["end"]),
            asked=asked,
            field=_field(asked, entry),
            earlier=tuple(entry.get("earlier") or ()),
            known=dict(entry.get("known") or {}),
            caller_number=entry.get("caller_number") or "",
        )
    except KeyError as exc:
        raise BadSet(f"{where}: {exc.args[0]} is missing") from exc
    except (TypeError, ValueError) as exc:
        raise BadSet(f"{where}: {exc}") from exc


def _field(asked: str, entry: Mapping[str, Any]) -> LeadField | None:
    if asked in ("", OTHER) or asked in BY_NAME:
        return BY_NAME.get(asked)
    kind = Kind(entry.get("kind") or "text")
    return LeadField(asked, kind, question=entry.get("question") or "", choices=tuple(entry.get("choices") or ()))
