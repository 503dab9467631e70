"""The lead and the call as the Firestore console shows them, and whether anything is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

_WANTED_OF_THE_LEAD: Final = ("name", "need", "phone", "callback_time")
_SAID: Final = ("name", "need", "callback_time")
"""The number may be that of the line, which nobody has to say."""


def missing(lead: Mapping[str, Any] | None, call: Mapping[str, Any] | None) -> list[str]:
    """In words, what the documents of an ended call still lack; empty for a complete lead."""
    if call is None:
        return ["there is no call document"]
    lacking = [] if lead is not None else ["there is no lead document"]
    if lead is not None:
        lacking += [f"the lead has no {name}" for name in _WANTED_OF_THE_LEAD if not lead.get(name)]
    if not call.get("end_reason"):
        lacking.append("the call has no end_reason")
    if not call.get("transcript_complete"):
        lacking.append("the transcript is not complete")
    if call.get("summary_status") != "done":
        lacking.append(f"summary_status is {call.get('summary_status')!r}")
    return lacking


def unproven(lead: Mapping[str, Any] | None, own: Sequence[str] = ()) -> list[str]:
    """In words, what a lead lacks of what the demonstration shows beside the values: the caller's words for each, the
    time as a moment, and the answers to the business's `own` questions."""
    lead = lead or {}
    fields = lead.get("fields") or {}
    lacking = [f"the lead has no {name}" for name in own if not fields.get(name, {}).get("value")]
    shown = dict.fromkeys((*_SAID, *own, *fields))
    lacking += [
        f"the lead has no words that prove its {name}" for name in shown if not fields.get(name, {}).get("quote")
    ]
    if not lead.get("callback_at"):
        lacking.append("the lead has no moment to call back at")
    return lacking


def document(path: str, content: Mapping[str, Any]) -> list[str]:
    """The path, then the fields by name, with maps and lists indented."""
    return [path, *(f"  {line}" for line in _map(content))]


def _map(content: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(content):
        yield from _field(name, content[name])


def _field(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield f"{name}:"
        yield from (f"  {line}" for line in _map(value))
    elif isinstance(value, list) and value:
        yield f"{name}:"
        for index, item in enumerate(value):
            yield from (f"  {line}" for line in _field(str(index), item))
    elif isinstance(value, str) and "\n" in value:
        yield f"{name}:"
        yield from (f"  {line}" for line in value.splitlines())
    else:
        yield f"{name}: {_scalar(value)}"


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case datetime():
            return f"{value:%d %B %Y at %H:%M:%S %Z}"
        case Mapping():
            return "{}"
        case list():
            return "[]"
    return str(value)
