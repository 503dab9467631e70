"""The Hebrew phrases beside this file (`texts_he.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("texts_he.toml")


@dataclass(frozen=True, slots=True)
class Writes:
    with_need: str
    without_need: str
    call_at: str
    and_call_at: str
    call_number: str
    nothing_said: str
    unknown_caller: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """Each a sentence with `{who}` in it, but the last two."""

    call_back: str
    send_quote: str
    send_information: str
    book_visit: str
    ask_for_need: str
    ask_for_name: str
    no_number: str
    none: str


@dataclass(frozen=True, slots=True)
class ListensFor:
    fillers: tuple[str, ...]
    openings: tuple[str, ...]
    name_follows: tuple[str, ...]
    name_ends: tuple[str, ...]
    name_questions: tuple[str, ...]
    time_questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asks:
    instructions: str
    again: str


@dataclass(frozen=True, slots=True)
class Texts:
    writes: Writes
    next_step: NextStep
    listens_for: ListensFor
    asks: Asks


def load() -> Texts:
    """Raises `TypeError` if the file lacks a phrase or has one that nothing uses."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Texts(
        writes=Writes(**content["writes"]),
        next_step=NextStep(**content["next_step"]),
        listens_for=ListensFor(**{name: tuple(phrases) for name, phrases in content["listens_for"].items()}),
        asks=Asks(**content["asks"]),
    )
