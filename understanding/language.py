"""The words of one language (`he/`, a file for each table), in the form they are compared in.

An entry may be a phrase of several words. Compared word by word, without punctuation, niqqud and case.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from calls.lead_fields import BY_NAME
from understanding.time_words import TimeWords, time_words
from understanding.words import bare, bare_words

_FOLDER: Final = Path(__file__).with_name("he")

Phrase = tuple[str, ...]
"""Words as `bare` leaves them."""
Phrases = tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class FieldWords:
    question: str
    asked_by: Phrases
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class NameWords:
    leads: Phrases
    leads_at_start: Phrases
    leads_when_asked: Phrases
    ends: Phrases


@dataclass(frozen=True, slots=True)
class SmallTalk:
    greetings: Phrases
    fillers: Phrases
    thanks: Phrases
    farewells: Phrases
    empty: Phrases


@dataclass(frozen=True, slots=True)
class YesNoWords:
    yes: Phrases
    no: Phrases


@dataclass(frozen=True, slots=True)
class NeedWords:
    openings: Phrases
    person: Phrases


@dataclass(frozen=True, slots=True)
class Language:
    """What each list is for stands beside it in the file."""

    fields: Mapping[str, FieldWords]
    names: NameWords
    small_talk: SmallTalk
    yes_no: YesNoWords
    needs: NeedWords
    digits: Mapping[str, str]
    times: TimeWords


def load() -> Language:
    """Raises `TypeError`, `KeyError` or `ValueError` for a file that lacks something or has one thing too many."""
    data = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in _FOLDER.glob("*.toml")}
    if unlike := set(data["fields"]) ^ set(BY_NAME):
        raise ValueError(f"fields without words, or words without a field: {', '.join(sorted(unlike))}")
    return Language(
        fields={name: _field_words(**words) for name, words in data["fields"].items()},
        names=NameWords(**_lists(data["names"])),
        small_talk=SmallTalk(**_lists(data["small_talk"])),
        yes_no=YesNoWords(**_lists(data["yes_no"])),
        needs=NeedWords(**_lists(data["needs"])),
        digits={bare(word): digit for word, digit in data["numbers"]["digits"].items()},
        times=time_words(data["times"]),
    )


def _field_words(question: str, asked_by: list[str], label: str, description: str) -> FieldWords:
    return FieldWords(question, _phrases(asked_by), label, description)


def _lists(table: Mapping[str, Any]) -> dict[str, Phrases]:
    return {name: _phrases(phrases) for name, phrases in table.items()}


def _phrases(written: Iterable[str]) -> Phrases:
    return tuple(tuple(bare_words(phrase.split())) for phrase in written)
