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
from understanding.phrases import Phrase, PhraseSet
from understanding.words import bare, bare_words

_FOLDER: Final = Path(__file__).with_name("he")

Phrases = tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class FieldWords:
    question: str
    asked_by: Phrases
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class NameAnnouncing:
    """What stands around a name, or in the place of one."""

    leads: PhraseSet
    leads_at_start: PhraseSet
    weak_leads: PhraseSet
    leads_when_asked: PhraseSet
    on_name_of: PhraseSet
    after_name: PhraseSet
    adverbs: PhraseSet
    hums: PhraseSet
    refusals: PhraseSet
    others_do: PhraseSet
    left_message: PhraseSet


@dataclass(frozen=True, slots=True)
class NameParts:
    """What is said within a name."""

    family_leads: PhraseSet
    inside: PhraseSet
    titles: PhraseSet
    titles_with_mark: PhraseSet
    particles: PhraseSet
    compounds: PhraseSet


@dataclass(frozen=True, slots=True)
class NameCorrections:
    """How a name is put right or spelled."""

    corrections: PhraseSet
    not_that: PhraseSet
    but_this: PhraseSet
    spelled_out: PhraseSet
    like: PhraseSet
    letter_with: PhraseSet
    letter_without: PhraseSet


@dataclass(frozen=True, slots=True)
class NameLists:
    given: frozenset[str]
    family: frozenset[str]
    also_words: frozenset[str]
    family_endings: frozenset[str]
    never: frozenset[str]
    common: frozenset[str]
    things: frozenset[str]
    cities: frozenset[str]
    firms: frozenset[str]


@dataclass(frozen=True, slots=True)
class NameWords:
    announcing: NameAnnouncing
    parts: NameParts
    putting_right: NameCorrections
    words: NameLists
    letters: Mapping[str, str]
    """By what a letter is called, the letter."""


@dataclass(frozen=True, slots=True)
class SmallTalk:
    greetings: PhraseSet
    day_greetings: PhraseSet
    fillers: PhraseSet
    answers: PhraseSet
    thanks: PhraseSet
    farewells: PhraseSet
    wishes: PhraseSet
    closings: PhraseSet
    with_farewell: PhraseSet
    after_farewell: PhraseSet
    requests: PhraseSet
    empty: PhraseSet


@dataclass(frozen=True, slots=True)
class YesNoWords:
    yes: Phrases
    no: Phrases


@dataclass(frozen=True, slots=True)
class NeedWords:
    openings: PhraseSet
    incomplete: PhraseSet
    no_need: PhraseSet
    volunteered: PhraseSet
    volunteered_for_name: PhraseSet
    about_the_call: PhraseSet
    number_leads: PhraseSet
    number_words: PhraseSet
    adverbs: PhraseSet


@dataclass(frozen=True, slots=True)
class Persons:
    people: PhraseSet
    teams: PhraseSet
    human: PhraseSet
    machines: PhraseSet
    callers_own: PhraseSet
    present: PhraseSet


@dataclass(frozen=True, slots=True)
class PersonWishes:
    refusing: PhraseSet
    negations: PhraseSet
    speaking: PhraseSet
    talk: PhraseSet
    asking_for: PhraseSet
    transfer: PhraseSet
    wish: PhraseSet
    between: PhraseSet
    after: PhraseSet


@dataclass(frozen=True, slots=True)
class PersonWords:
    who: Persons
    wishes: PersonWishes


@dataclass(frozen=True, slots=True)
class Language:
    """What each list is for stands beside it in the file."""

    fields: Mapping[str, FieldWords]
    names: NameWords
    small_talk: SmallTalk
    yes_no: YesNoWords
    needs: NeedWords
    persons: PersonWords
    digits: Mapping[str, str]


def load() -> Language:
    """Raises `TypeError`, `KeyError` or `ValueError` for a file that lacks something or has one thing too many."""
    data = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in _FOLDER.glob("*.toml")}
    if unlike := set(data["fields"]) ^ set(BY_NAME):
        raise ValueError(f"fields without words, or words without a field: {', '.join(sorted(unlike))}")
    return Language(
        fields={name: _field_words(**words) for name, words in data["fields"].items()},
        names=_name_words(**data["names"]),
        small_talk=SmallTalk(**_phrase_sets(data["small_talk"])),
        yes_no=YesNoWords(**_lists(data["yes_no"])),
        needs=NeedWords(**_phrase_sets(data["needs"])),
        persons=_person_words(**data["persons"]),
        digits={bare(word): digit for word, digit in data["numbers"]["digits"].items()},
    )


def _field_words(question: str, asked_by: list[str], label: str, description: str) -> FieldWords:
    return FieldWords(question, _phrases(asked_by), label, description)


def _name_words(
    announcing: Mapping[str, Any],
    parts: Mapping[str, Any],
    putting_right: Mapping[str, Any],
    words: Mapping[str, str],
    letters: Mapping[str, str],
) -> NameWords:
    return NameWords(
        announcing=NameAnnouncing(**_phrase_sets(announcing)),
        parts=NameParts(**_phrase_sets(parts)),
        putting_right=NameCorrections(**_phrase_sets(putting_right)),
        words=NameLists(**{name: frozenset(map(bare, listed.split())) for name, listed in words.items()}),
        letters={bare(called): letter for letter, names in letters.items() for called in names.split()},
    )


def _person_words(who: Mapping[str, Any], wishes: Mapping[str, Any]) -> PersonWords:
    return PersonWords(Persons(**_phrase_sets(who)), PersonWishes(**_phrase_sets(wishes)))


def _phrase_sets(table: Mapping[str, Any]) -> dict[str, PhraseSet]:
    return {name: PhraseSet(_phrases(phrases)) for name, phrases in table.items()}


def _lists(table: Mapping[str, Any]) -> dict[str, Phrases]:
    return {name: _phrases(phrases) for name, phrases in table.items()}


def _phrases(written: Iterable[str]) -> Phrases:
    return tuple(tuple(bare_words(phrase.split())) for phrase in written)
