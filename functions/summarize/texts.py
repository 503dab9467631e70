"""The Hebrew phrases beside this file (`texts_he.toml`), and the language that callers are understood in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from calls.lead_fields import LeadField
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
    voicemail: str
    voicemail_alone: str
    unknown_caller: str
    urgent: tuple[str, ...]
    """Words of a caller who cannot wait."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """Each a sentence with `{who}` in it, but the last two."""

    listen: str
    call_back: str
    send_quote: str
    send_information: str
    book_visit: str
    ask_for_need: str
    ask_for_name: str
    no_number: str
    none: str


@dataclass(frozen=True, slots=True)
class Basis:
    """Of what a summary was made: by whom, and from how much of the call."""

    model: str
    rules: str
    rules_instead: str
    whole: str
    part: str
    lost: str
    goes_on: str
    nothing: str
    voicemail: str


@dataclass(frozen=True, slots=True)
class Asks:
    instructions: str
    """`{fields}` is for a line about each."""
    again: str


@dataclass(frozen=True, slots=True)
class Texts:
    writes: Writes
    next_step: NextStep
    basis: Basis
    asks: Asks
    orders: tuple[tuple[str, ...], ...]
    """Groups of words; with one of each a caller orders a model about."""
    language: Language
    """By which callers are understood."""

    def instructions(self, fields: Iterable[LeadField]) -> str:
        """What the model is asked about a call of a business that wants to know these."""
        return self.asks.instructions.format(fields="\n".join(map(self._described, fields)))

    def _described(self, field: LeadField) -> str:
        words = self.language.fields.get(field.name)
        text = words.description if words else field.question or field.name
        choices = f" ({' / '.join(field.choices)})" if field.choices else ""
        return f"{field.name}: {text}{choices}."


def load() -> Texts:
    """Raises `TypeError`, `KeyError` or `ValueError` if the file lacks a phrase or has one that nothing uses."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    writes = content["writes"]
    return Texts(
        writes=Writes(**{**writes, "urgent": tuple(writes["urgent"])}),
        next_step=NextStep(**content["next_step"]),
        basis=Basis(**content["basis"]),
        asks=Asks(**content["asks"]),
        orders=tuple(tuple(group) for group in content["orders"]["groups"]),
        language=load_language(),
    )
