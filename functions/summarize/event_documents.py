"""Events as documents below `calls/{CallSid}/utterances`, and back.

Whatever an event holds, its document can be stored: texts are cleaned and bounded, and so are names and numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from calls.event_wire import MalformedEvent, as_dict, format_time, from_dict
from calls.events import CallEvent, FieldValue, LatencySummary, OtherEvent, Parties, UtteranceFinal
from calls.lead_fields import LEAD_FIELDS, MOST_FIELDS, is_field_name

from .errors import Rejected
from .outcome import Closing
from .plain_text import UTTERANCE_CHARS, VALUE_CHARS, clean

CLOSED: Final = "call.closed"
"""The type of a document that is no event: the sweep ended the call, since nobody else did."""
_TIMES: Final = ("started_at", "ended_at")
_YEARS: Final = range(2000, 2200)
_MOST_FIELDS = MOST_FIELDS + len(LEAD_FIELDS)
_NUMBER_CHARS = 128
_MOST_TURNS = 1_000_000


def storable(event: CallEvent) -> CallEvent:
    """The same event with nothing in it that Firestore would refuse or a person could be misled by.

    Raises `Rejected` for times that no call can have: there is no reckoning with them.
    """
    if any(getattr(event, name).year not in _YEARS for name in _TIMES if hasattr(event, name)):
        raise Rejected("a time that cannot be")
    if isinstance(event, OtherEvent):
        return event
    if event.parties is not None:
        numbers = (event.parties.from_number, event.parties.to_number)
        event = replace(event, parties=Parties(*(clean(number, _NUMBER_CHARS) for number in numbers)))
    if isinstance(event, UtteranceFinal):
        text, language = clean(event.text, UTTERANCE_CHARS), clean(event.language, 20)
        return replace(event, text=text, language=language, fields=_storable(event.fields))
    return replace(
        event,
        fields=_storable(event.fields),
        fields_to_collect=tuple(
            replace(
                field,
                question=clean(field.question, VALUE_CHARS),
                choices=tuple(clean(choice, VALUE_CHARS) for choice in field.choices),
            )
            for field in event.fields_to_collect
        ),
        latency=LatencySummary(
            min(event.latency.turns, _MOST_TURNS), event.latency.total_p50_s, event.latency.total_p95_s
        ),
    )


def _storable(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    named = [(name, found) for name, found in fields.items() if is_field_name(name)]
    return {
        name: replace(
            found,
            value=clean(found.value, VALUE_CHARS),
            quote=clean(found.quote, VALUE_CHARS),
            other=clean(found.other, VALUE_CHARS),
        )
        for name, found in named[:_MOST_FIELDS]
    }


def to_document(event: CallEvent) -> dict[str, Any]:
    """The event's fields, with times as Firestore keeps them.

    The body of a type that is not known here becomes a text, since anything may be in it. Raises `Rejected`.
    """
    if isinstance(event, OtherEvent):
        envelope = {name: event.body[name] for name in ("version", "type", "call_sid", "leg", "seq")}
        try:
            return envelope | {"body": clean(json.dumps(event.body, ensure_ascii=False), UTTERANCE_CHARS)}
        except RecursionError as exc:
            raise Rejected("too many levels") from exc
    return as_dict(event) | {name: getattr(event, name) for name in _TIMES if hasattr(event, name)}


def is_newer(document: Mapping[str, Any], stored: Callable[[], Mapping[str, Any]]) -> bool:
    """Whether these are the words of an utterance as they read later than those that are stored. Hardly any document is
    a revision, so what is stored is only asked for where one is."""
    revision: int = document.get("revision", 1)
    return revision > 1 and revision > stored().get("revision", 1)


@dataclass(frozen=True, slots=True)
class StoredEvents:
    events: tuple[CallEvent, ...]
    closing: Closing | None = None
    """The end that the sweep gave the call, the last one if there are several."""
    unreadable: int = 0
    """Documents that are no events: people can edit these documents."""


def from_documents(documents: Iterable[Mapping[str, Any]]) -> StoredEvents:
    found: list[CallEvent] = []
    closings: list[Closing] = []
    unreadable = 0
    for document in documents:
        if document.get("type") == CLOSED:
            closings.append(Closing(document["leg"], document["closed_at"]))
            continue
        try:
            found.append(from_dict({name: _on_the_wire(value) for name, value in document.items()}))
        except MalformedEvent:
            unreadable += 1
    return StoredEvents(tuple(found), max(closings, key=lambda each: each.leg, default=None), unreadable)


def _on_the_wire(value: Any) -> Any:
    return format_time(value) if isinstance(value, datetime) else value
