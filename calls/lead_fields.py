"""The fields of a lead: what is found out about a caller. Four are everybody's and declared here; a business adds its
own in `settings/assistant`, `fields_to_collect`.

The words by which a field of everybody's is asked for, recognized and named stand under its name in
`understanding/he/`. How an answer is read, and what a quote must hold to prove a value, follows from the kind
(`understanding/fields.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final


class Kind(Enum):
    TEXT = "text"
    """The answer as it was given."""
    NAME = "name"
    PHONE = "phone"
    TIME = "time"
    """When something is to be, as the caller put it."""
    DATE = "date"
    """As the caller put it."""
    YES_NO = "yes_no"
    NUMBER = "number"
    """Digits, however they were spoken."""
    ID_NUMBER = "id_number"
    """Of an identity card: nine digits, the last of which checks the others."""
    CHOICE = "choice"
    """One of the field's `choices`."""


@dataclass(frozen=True, slots=True)
class LeadField:
    name: str
    kind: Kind
    column: str = ""
    """The column of the lead document that shows the value, beside the entry in its map `fields`; "" for none."""
    question: str = ""
    """How it is asked for, where the business worded that itself."""
    choices: tuple[str, ...] = ()
    required: bool = True
    """Asked a second time if the first was not answered."""


NEED: Final = "need"
NAME: Final = "name"
PHONE: Final = "phone"
CALLBACK_TIME: Final = "callback_time"

FIRM: Final = "firm"
"""Where the caller is from, as far as it was told with the name ("Yossi from the garage"). Nobody asks for it, and it
has no column: it stands in the map `fields` like the others, with the words that say so."""

LEAD_FIELDS: Final = (
    LeadField(NEED, Kind.TEXT, column="need"),
    LeadField(NAME, Kind.NAME, column="name"),
    LeadField(PHONE, Kind.PHONE, column="phone"),
    LeadField(CALLBACK_TIME, Kind.TIME, column="callback_time"),
)
"""In the order in which they are asked for."""

BY_NAME: Final = {field.name: field for field in LEAD_FIELDS}

MOST_FIELDS: Final = 20
_LONGEST_QUESTION: Final = 300
_MOST_CHOICES: Final = 20
_LONGEST_CHOICE: Final = 60
# A key of a map in Firestore, and of one on the wire: no dots, and not two underscores at either end.
_NAME: Final = re.compile(r"(?!__)\w[\w \-]{0,39}(?<!__)")
_KINDS: Final = {kind.value: kind for kind in Kind}


def is_field_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and name == name.strip()


def collected(entries: Any) -> tuple[tuple[LeadField, ...], tuple[str, ...]]:
    """The fields that people listed, in their order, and what is wrong with the list: a sentence for each fault.

    An entry is a name, or a map of `name`, `question`, `kind`, `choices` and `required`. One without a usable name is
    left out; of any other that much is kept which can be used. A field named like a kind is of that kind.
    """
    if entries is None:
        return (), ()
    if not isinstance(entries, list | tuple):
        return (), ("no list",)
    fields: dict[str, LeadField] = {}
    faults: list[str] = []
    for place, entry in enumerate(entries, start=1):
        if entry == "":
            continue
        field, wrong = _field(entry if isinstance(entry, Mapping) else {"name": entry})
        if field is not None and field.name in fields:
            field, wrong = None, ["named before"]
        elif field is not None and len(fields) >= MOST_FIELDS:
            field, wrong = None, ["one too many"]
        if field is not None:
            fields[field.name] = field
        faults += [f"entry {place}: {fault}" for fault in wrong]
    return tuple(fields.values()), tuple(faults)


def listed(fields: Iterable[LeadField]) -> list[dict[str, Any]]:
    """The entries that `collected` reads back as these fields."""
    entries = []
    for field in fields:
        entry: dict[str, Any] = {"name": field.name, "kind": field.kind.value, "required": field.required}
        if field.question:
            entry["question"] = field.question
        if field.choices:
            entry["choices"] = list(field.choices)
        entries.append(entry)
    return entries


def understood(fields: Iterable[LeadField]) -> tuple[LeadField, ...]:
    """What a caller of this business may tell: everybody's fields, worded as the business has them, and its own."""
    own = {field.name: field for field in fields}
    return (*(own.pop(field.name, field) for field in LEAD_FIELDS), *own.values())


def _field(entry: Mapping[Any, Any]) -> tuple[LeadField | None, list[str]]:
    name = entry.get("name")
    if not isinstance(name, str) or not is_field_name(name.strip()):
        return None, ["no usable name"]
    name, faults = name.strip(), []
    standard = BY_NAME.get(name)
    kind = standard.kind if standard else _KINDS.get(name, Kind.TEXT)
    if (given := entry.get("kind")) is not None and _KINDS.get(str(given)) is not kind:
        # The columns of the lead, its status and its summary know of what kind everybody's fields are.
        if standard or str(given) not in _KINDS:
            faults.append("no kind that it can have")
        else:
            kind = _KINDS[str(given)]
    choices = _choices(entry.get("choices"))
    if kind is Kind.CHOICE and not choices:
        kind = Kind.TEXT
        faults.append("nothing to choose from")
    question, required = entry.get("question", ""), entry.get("required", True)
    if not isinstance(question, str):
        faults.append("question is no text")
        question = ""
    if not isinstance(required, bool):
        faults.append("required is neither true nor false")
        required = True
    field = standard or LeadField(name, kind)
    question = " ".join(question.split())[:_LONGEST_QUESTION]
    return replace(field, kind=kind, question=question, choices=choices, required=required), faults


def _choices(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list | tuple):
        return ()
    texts = (" ".join(choice.split())[:_LONGEST_CHOICE] for choice in given if isinstance(choice, str))
    return tuple(dict.fromkeys(filter(None, texts)))[:_MOST_CHOICES]
