"""The phrases that callers say in demonstrations and tests, read from `he.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something a caller may say, and what recognition makes of it."""

    text: str
    """What recognition returns, without punctuation at its end."""
    spoken: str
    """What is said: the text itself, or numbers as words."""
    question: bool = False
    voice: str = "caller"
    """Which side says it: `caller` or `assistant`."""


@cache
def phrases() -> tuple[Phrase, ...]:
    """All phrases, in the order of the file."""
    return tuple(
        Phrase(
            text=entry["text"],
            spoken=entry.get("spoken", entry["text"]),
            question=entry.get("question", False),
            voice=entry.get("voice", "caller"),
        )
        for entry in _file()["phrase"]
    )


@cache
def pronunciation() -> Mapping[str, str]:
    """Words as espeak-ng phonemes."""
    words: dict[str, str] = _file()["pronunciation"]
    return words


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("he.toml").read_text(encoding="utf-8"))
