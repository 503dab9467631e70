"""The events a call leaves on Pub/Sub. What they look like on the way: `calls/event_wire.py`.

Delivery is at least once and unordered, so an event carries its own identity: (`call_sid`, `leg`, `seq`). Whoever sent
it may have been released before its reader, so a type that is not known here is an event like any other (`OtherEvent`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from calls.lead_fields import LeadField

UTTERANCE_FINAL: Final = "utterance.final"
CALL_ENDED: Final = "call.ended"

SPEAKERS: Final = frozenset({"caller", "assistant", "callee"})
# What is sent today; names that are not here are read all the same.
RECOGNIZERS: Final = frozenset({"google_streaming", "google_single", "whisper"})
END_REASONS: Final = frozenset(
    {"caller_hangup", "assistant_goodbye", "silence", "max_duration", "drained", "error", "voicemail"}
)

_CALL_SID = re.compile(r"CA[0-9a-zA-Z]{1,62}\Z")

RULE: Final = "rule"
MODEL: Final = "model"
KEYPAD: Final = "keypad"
CALLER_ID: Final = "caller_id"
"""Who found a value: our reading of the words, a model, the caller's keys, or a yes to the number that called."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """Something the caller told us, with the utterance that says so."""

    value: str
    seq: int
    confirmed: bool = False
    """The caller said yes to a read-back, typed it, or calls from it. That it was understood confirms nothing."""
    leg: int = 1
    quote: str = ""
    """The caller's own words."""
    confidence: float | None = None
    """The recognizer's for those words, 0 to 1."""
    source: str = RULE
    other: str = ""
    """A second value, where there are two: from the caller, or where rule and model disagree."""
    at: datetime | None = None
    until: datetime | None = None
    """The moment or span that a time means, reckoned from when it was said."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who calls whom, as Twilio gave it; "" for what is not known."""

    from_number: str
    to_number: str


@dataclass(frozen=True, slots=True)
class UtteranceFinal:
    """One side said something, and its words will not change any more."""

    call_sid: str
    leg: int
    """1 for the first media stream of the call, one more after each reconnection."""
    seq: int
    """Counts the events of its leg from 1, without gaps."""
    speaker: str
    text: str
    started_at: datetime
    ended_at: datetime
    confidence: float | None
    """0 to 1; None where there is none to give (what the assistant said)."""
    recognizer: str
    language: str
    parties: Parties | None = None
    """On the first of a leg, so that the caller is known even if nobody could write it down when the phone rang."""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    """What this utterance taught or changed."""
    revision: int = 1
    """Counts how often its words were published. A higher one replaces those before: the recognizer's last word came
    after they had to be safe."""


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """Seconds from the caller's last voiced frame to the first reply frame, over the turns of a leg."""

    turns: int = 0
    total_p50_s: float | None = None
    total_p95_s: float | None = None


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The last event of its leg."""

    call_sid: str
    leg: int
    seq: int
    ended_at: datetime
    reason: str
    duration_s: float
    recognizer: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    """All that is known by the end of the leg."""
    latency: LatencySummary = LatencySummary()
    parties: Parties | None = None
    fields_to_collect: tuple[LeadField, ...] = ()
    """What the business wanted to know; none: everybody's fields."""
    disclosure_heard: bool = False
    """The caller heard to its end, on this leg, who speaks and that the call is transcribed."""


@dataclass(frozen=True, slots=True)
class OtherEvent:
    """An event of a type that is not known here. It takes its place among the events of its leg."""

    call_sid: str
    leg: int
    seq: int
    type: str
    body: Mapping[str, Any]
    """Everything it came with, envelope included."""


CallEvent = UtteranceFinal | CallEnded | OtherEvent


def event_type(event: CallEvent) -> str:
    match event:
        case UtteranceFinal():
            return UTTERANCE_FINAL
        case CallEnded():
            return CALL_ENDED
        case OtherEvent():
            return event.type


def attributes(event: CallEvent) -> dict[str, str]:
    """Pub/Sub attributes. They show up in consoles and metrics, so nothing personal goes in here."""
    return {"type": event_type(event), "call_sid": event.call_sid}


def is_call_sid(text: str) -> bool:
    """Whether this may be used as a call SID, and so as a document id."""
    return _CALL_SID.match(text) is not None
