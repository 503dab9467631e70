"""The Hebrew phrases beside this file (`texts_he.toml`), and the language that callers are understood in."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from understanding.language import Language
from understanding.language import load as load_language

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
class Asks:
    instructions: str
    again: str


@dataclass(frozen=True, slots=True)
class Texts:
    writes: Writes
    next_step: NextStep
    asks: Asks
    language: Language
    """By which callers are understood."""


def load() -> Texts:
    """Raises `TypeError`, `KeyError` or `ValueError` if the file lacks a phrase or has one that nothing uses."""
    language = load_language()
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Texts(
        writes=Writes(**content["writes"]),
        next_step=NextStep(**content["next_step"]),
        asks=_asks(language, **content["asks"]),
        language=language,
    )


def _asks(language: Language, instructions: str, again: str) -> Asks:
    fields = "\n".join(f"{name}: {words.description}." for name, words in language.fields.items())
    return Asks(instructions.format(fields=fields), again)
