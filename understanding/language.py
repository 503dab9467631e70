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
from understanding.words import bare, bare_words

_FOLDER: Final = Path(__file__).with_name("he")

Phrase = tuple[str, ...]
"""Words as `bare` leaves them."""
Phrases = tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class FieldWords:
    question: str
    asked_by: tuple[tuple[Phrases, ...], ...]
    """Rules, each of which asks for a phrase of every group."""
    asked_alone: Phrases
    not_with: Phrases
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class KindWords:
    """For the fields of the business, by `calls.lead_fields.Kind`."""

    questions: Mapping[str, str]
    asked_by: Mapping[str, Phrases]
    yes: str
    no: str
    """How an answer to a question for yes or no is stored."""
    there_is: Phrases
    there_is_none: Phrases
    no_text: Phrases
    is_words: Phrases
    no_choice: Phrases
    ordinals: tuple[Phrases, ...]
    """The first, the second and so on, as a choice is told by its place."""


@dataclass(frozen=True, slots=True)
class QuestionWords:
    asks: Phrases
    requests: Phrases
    tags: Phrases
    presence: Phrases
    goes_on: Phrases
    number: Phrases
    number_of: Phrases
    telephones: Phrases
    telephone_words: Phrases
    common: Phrases
    prefixes: Phrases


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
    kinds: KindWords
    questions: QuestionWords
    names: NameWords
    small_talk: SmallTalk
    yes_no: YesNoWords
    needs: NeedWords
    digits: Mapping[str, str]


def load() -> Language:
    """Raises `TypeError`, `KeyError` or `ValueError` for a file that lacks something or has one thing too many."""
    data = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in _FOLDER.glob("*.toml")}
    if unlike := set(data["fields"]) ^ set(BY_NAME):
        raise ValueError(f"fields without words, or words without a field: {', '.join(sorted(unlike))}")
    return Language(
        fields={name: _field_words(**words) for name, words in data["fields"].items()},
        kinds=_kind_words(data["kinds"]),
        questions=QuestionWords(**_lists(data["questions"])),
        names=NameWords(**_lists(data["names"])),
        small_talk=SmallTalk(**_lists(data["small_talk"])),
        yes_no=YesNoWords(**_lists(data["yes_no"])),
        needs=NeedWords(**_lists(data["needs"])),
        digits={bare(word): digit for word, digit in data["numbers"]["digits"].items()},
    )


def _field_words(
    question: str,
    asked_by: list[list[list[str]]],
    asked_alone: list[str],
    not_with: list[str],
    label: str,
    description: str,
) -> FieldWords:
    rules = tuple(tuple(_phrases(group) for group in groups) for groups in asked_by)
    return FieldWords(question, rules, _phrases(asked_alone), _phrases(not_with), label, description)


def _kind_words(table: Mapping[str, Any]) -> KindWords:
    apart = ("questions", "asked_by", "yes", "no", "ordinals")
    return KindWords(
        questions=table["questions"],
        asked_by=_lists(table["asked_by"]),
        yes=table["yes"],
        no=table["no"],
        ordinals=tuple(_phrases(place) for place in table["ordinals"]),
        **_lists({name: phrases for name, phrases in table.items() if name not in apart}),
    )


def _lists(table: Mapping[str, Any]) -> dict[str, Phrases]:
    return {name: _phrases(phrases) for name, phrases in table.items()}


def _phrases(written: Iterable[str]) -> Phrases:
    return tuple(tuple(bare_words(phrase.split())) for phrase in written)
