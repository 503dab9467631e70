"""What was said so far, as a reply engine sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls.events import FieldValue
from calls.lead_fields import LeadField
from understanding.opening_hours import OpeningHours
from understanding.said import Turn

__all__ = ["AssistantSettings", "Conversation", "Turn"]


@dataclass(frozen=True, slots=True)
class AssistantSettings:
    """What the product team may change without a deployment. Empty means: use the built-in value."""

    business_name: str = ""
    greeting: str = ""
    notice: str = ""
    """Who speaks, and that the call is transcribed. Said in the greeting, and heard to its end."""
    instructions: str = ""
    fields_to_collect: tuple[LeadField, ...] = ()
    """In the order in which they are asked for."""
    working_hours: str = ""
    """As the assistant says them."""
    hours: OpeningHours | None = None
    """As they are reckoned with; None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything a reply may depend on."""

    turns: tuple[Turn, ...]
    """In the order spoken; the last one is the caller's."""
    settings: AssistantSettings = AssistantSettings()
    caller_number: str = ""
    """E.164 if known; "" when withheld."""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    """What the caller told us so far."""
    earlier: Mapping[str, FieldValue] = field(default_factory=dict)
    """What still stands of what they told in earlier calls."""
