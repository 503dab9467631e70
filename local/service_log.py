"""Read the lines of the media service's log that tell of a call (CONTRACT section 6). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_FIELDS: Final = r'(?: [a-z_]+=(?:"[^"]*"|\S*))*\s*$'
_WORDS: Final = re.compile(rf"(?P<kind>🟡 Partial|🟢 Final): (?P<text>.*?){_FIELDS}")
_CONNECTED: Final = re.compile(r"\[WS\] connected call=(?P<call_sid>CA\w+)")
_LATENCY: Final = re.compile(r"\[LATENCY\] (?P<figures>(?:[a-z]+=\S+ ?)+)")
_FIGURE: Final = re.compile(r"(?P<name>partial|final|tts|total)=(?P<seconds>\d+(?:\.\d+)?)s")


@dataclass(frozen=True, slots=True)
class Connected:
    call_sid: str


@dataclass(frozen=True, slots=True)
class Recognized:
    text: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class TurnLatency:
    """Seconds; None for what did not happen in the turn."""

    partial_s: float | None
    final_s: float | None
    tts_s: float | None
    total_s: float | None


def read_line(line: str) -> Connected | Recognized | TurnLatency | None:
    """None for every other line."""
    if found := _WORDS.search(line):
        return Recognized(found["text"], found["kind"].endswith("Final"))
    if found := _LATENCY.search(line):
        figures = {each["name"]: float(each["seconds"]) for each in _FIGURE.finditer(found["figures"])}
        return TurnLatency(*(figures.get(name) for name in ("partial", "final", "tts", "total")))
    if found := _CONNECTED.search(line):
        return Connected(found["call_sid"])
    return None
