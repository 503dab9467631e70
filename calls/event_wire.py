"""Events on the wire: JSON in UTF-8.

The envelope (type and identity) is read apart from the body: a type that is not known here makes an `OtherEvent`, and a
recognizer or a reason by a new name is read as it is. Else decoding is strict: what has not the promised shape is
`MalformedEvent`, never a half-filled event.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from calls.events import (
    CALL_ENDED,
    RULE,
    SPEAKERS,
    UTTERANCE_FINAL,
    CallEnded,
    CallEvent,
    FieldValue,
    LatencySummary,
    OtherEvent,
    Parties,
    UtteranceFinal,
    event_type,
    is_call_sid,
)
from calls.lead_fields import collected, listed

VERSION: Final = 1

_T = TypeVar("_T")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}(?:\.[a-z0-9_]{1,39})?")
"""What types, recognizers and reasons are called, those to come included."""


class MalformedEvent(ValueError):
    """The bytes are not an event of this version. Delivering them again will not help."""


def format_time(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)


def as_dict(event: CallEvent) -> dict[str, Any]:
    """The event's fields as JSON values."""
    if isinstance(event, OtherEvent):
        return dict(event.body)
    shared = {
        "version": VERSION,
        "type": event_type(event),
        "call_sid": event.call_sid,
        "leg": event.leg,
        "seq": event.seq,
    }
    if event.parties is not None:
        shared |= {"from": event.parties.from_number, "to": event.parties.to_number}
    if isinstance(event, UtteranceFinal):
        more: dict[str, Any] = {"fields": _fields_as_dict(event.fields)} if event.fields else {}
        if event.revision > 1:
            more["revision"] = event.revision
        return shared | {
            "speaker": event.speaker,
            "text": event.text,
            "started_at": format_time(event.started_at),
            "ended_at": format_time(event.ended_at),
            "confidence": event.confidence,
            "recognizer": event.recognizer,
            "language": event.language,
            **more,
        }
    return shared | {
        "ended_at": format_time(event.ended_at),
        "reason": event.reason,
        "duration_s": event.duration_s,
        "recognizer": event.recognizer,
        "fields": _fields_as_dict(event.fields),
        "latency": {
            "turns": event.latency.turns,
            "total_p50_s": event.latency.total_p50_s,
            "total_p95_s": event.latency.total_p95_s,
        },
        "fields_to_collect": listed(event.fields_to_collect),
        **({"disclosure_heard": True} if event.disclosure_heard else {}),
    }


def _fields_as_dict(fields: Mapping[str, FieldValue]) -> dict[str, Any]:
    return {name: _field_as_dict(found) for name, found in fields.items()}


def _field_as_dict(found: FieldValue) -> dict[str, Any]:
    """`other` and the moment only where there are any."""
    body: dict[str, Any] = {
        "value": found.value,
        "leg": found.leg,
        "seq": found.seq,
        "quote": found.quote,
        "confidence": found.confidence,
        "confirmed": found.confirmed,
        "source": found.source,
    }
    if found.other:
        body["other"] = found.other
    if found.at is not None:
        body["at"] = format_time(found.at)
    if found.until is not None:
        body["until"] = format_time(found.until)
    return body


def encode(event: CallEvent) -> bytes:
    """Never fails on a text: half a surrogate pair, which has no UTF-8 form, becomes a question mark."""
    return json.dumps(as_dict(event), ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def decode(data: bytes) -> CallEvent:
    """Raises `MalformedEvent` for anything that is not a whole event of this version."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise MalformedEvent("not JSON") from exc
    return from_dict(body)


def from_dict(body: object) -> CallEvent:
    """Build an event from decoded JSON. Raises `MalformedEvent`, naming the first field that is wrong."""
    if not isinstance(body, dict):
        raise MalformedEvent("not a JSON object")
    _get(body, "version", _version)
    kind = _get(body, "type", _name)
    identity = _get(body, "call_sid", _sid), _get(body, "leg", _count), _get(body, "seq", _count)
    if kind == UTTERANCE_FINAL:
        return _utterance(body, *identity)
    if kind == CALL_ENDED:
        return _ending(body, *identity)
    return OtherEvent(*identity, kind, body)


def _utterance(body: Mapping[str, Any], call_sid: str, leg: int, seq: int) -> UtteranceFinal:
    return UtteranceFinal(
        call_sid=call_sid,
        leg=leg,
        seq=seq,
        speaker=_get(body, "speaker", _one_of(SPEAKERS)),
        text=_get(body, "text", _text),
        started_at=_get(body, "started_at", _time),
        ended_at=_get(body, "ended_at", _time),
        confidence=_get(body, "confidence", _number_or_none),
        recognizer=_get(body, "recognizer", _name),
        language=_get(body, "language", _text),
        parties=_parties(body),
        fields=_get(body, "fields", lambda value: {} if value is None else _fields(value, leg)),
        revision=_get(body, "revision", lambda value: 1 if value is None else _count(value)),
    )


def _ending(body: Mapping[str, Any], call_sid: str, leg: int, seq: int) -> CallEnded:
    return CallEnded(
        call_sid=call_sid,
        leg=leg,
        seq=seq,
        ended_at=_get(body, "ended_at", _time),
        reason=_get(body, "reason", _name),
        duration_s=_get(body, "duration_s", _number),
        recognizer=_get(body, "recognizer", _name),
        fields=_get(body, "fields", lambda value: _fields(value, leg)),
        latency=_get(body, "latency", _latency),
        disclosure_heard=body.get("disclosure_heard") is True,
        parties=_parties(body),
        # What people wrote in the console: what cannot be used of it is left out, as the service leaves it out.
        fields_to_collect=collected(body.get("fields_to_collect"))[0],
    )


def _parties(body: Mapping[str, Any]) -> Parties | None:
    if "from" not in body:
        return None
    return Parties(_get(body, "from", _text), _get({"to": "", **body}, "to", _text))


def _get(body: Mapping[str, Any], name: str, parse: Callable[[Any], _T]) -> _T:
    try:
        return parse(body.get(name))
    except (ValueError, TypeError, OverflowError) as exc:  # OverflowError: 1e400 as an int, year 1 east of Greenwich
        raise MalformedEvent(f"bad {name}") from exc


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _sid(value: Any) -> str:
    if not is_call_sid(_text(value)):
        raise ValueError
    return _text(value)


def _version(value: Any) -> int:
    if type(value) is not int or value != VERSION:  # True and 1.0 are equal to 1
        raise ValueError
    return VERSION


def _name(value: Any) -> str:
    if not _NAME.fullmatch(_text(value)):
        raise ValueError
    return _text(value)


def _one_of(allowed: frozenset[str]) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value not in allowed:
            raise ValueError
        return _text(value)

    return parse


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 99_999:
        raise ValueError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _number_or_none(value: Any) -> float | None:
    return None if value is None else _number(value)


def _time(value: Any) -> datetime:
    return parse_time(_text(value))


def field_values(value: Any, leg: int) -> dict[str, FieldValue]:
    """The `fields` of an event of this leg. Raises `MalformedEvent`."""
    return _get({"fields": value}, "fields", lambda fields: _fields(fields, leg))


def _fields(value: Any, leg: int) -> dict[str, FieldValue]:
    return {_text(name): _field(_mapping(found), leg) for name, found in _mapping(value).items()}


def _field(found: Mapping[str, Any], leg: int) -> FieldValue:
    """A service released earlier sends value, seq and confirmed alone, and means its own leg."""
    return FieldValue(
        value=_text(found.get("value")),
        seq=_count(found.get("seq")),
        confirmed=found.get("confirmed") is True,
        leg=_count(found.get("leg", leg)),
        quote=_text(found.get("quote", "")),
        confidence=_number_or_none(found.get("confidence")),
        source=_name(found.get("source", RULE)),
        other=_text(found.get("other", "")),
        at=_time_or_none(found.get("at")),
        until=_time_or_none(found.get("until")),
    )


def _time_or_none(value: Any) -> datetime | None:
    return None if value is None else _time(value)


def _mapping(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _latency(value: Any) -> LatencySummary:
    body = _mapping(value)
    turns = body.get("turns", 0)
    if not isinstance(turns, int) or turns < 0:
        raise ValueError
    return LatencySummary(turns, _number_or_none(body.get("total_p50_s")), _number_or_none(body.get("total_p95_s")))
