"""The fields of a lead: what is found out about a caller, each declared here and nowhere else.

The words by which a field is asked for, recognized and named stand under its name in `understanding/he/`. How an
answer is read, and what a quote must hold to prove a value, follows from the kind (`understanding/fields.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kind(Enum):
    TEXT = "text"
    """The answer as it was given."""
    NAME = "name"
    PHONE = "phone"
    TIME = "time"
    """As the caller put it."""


@dataclass(frozen=True, slots=True)
class LeadField:
    name: str
    kind: Kind
    column: str
    """The column of the lead document that shows the value, beside the entry in its map `fields`."""
    opens_calls: bool = False
    """Callers say it before anything was asked."""


NEED: Final = "need"
NAME: Final = "name"
PHONE: Final = "phone"
CALLBACK_TIME: Final = "callback_time"

LEAD_FIELDS: Final = (
    LeadField(NEED, Kind.TEXT, column="need", opens_calls=True),
    LeadField(NAME, Kind.NAME, column="name"),
    LeadField(PHONE, Kind.PHONE, column="phone"),
    LeadField(CALLBACK_TIME, Kind.TIME, column="callback_time"),
)
"""In the order in which they are asked for."""

BY_NAME: Final = {field.name: field for field in LEAD_FIELDS}
