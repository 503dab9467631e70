"""The tables of `he/names.toml`: what stands around a name, is said within one, puts one right, or is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from understanding.phrases import PhraseSet
from understanding.tables import sets_of
from understanding.words import bare

_DIMINUTIVE: Final = "לה"
_TAKES_DIMINUTIVE: Final = "ה"
"""Of the names that end so, "little Sarah" is one word."""


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


def name_words(
    announcing: Mapping[str, Any],
    parts: Mapping[str, Any],
    putting_right: Mapping[str, Any],
    words: Mapping[str, str],
    letters: Mapping[str, str],
) -> NameWords:
    lists = {name: frozenset(map(bare, listed.split())) for name, listed in words.items()}
    lists["given"] |= {name + _DIMINUTIVE for name in lists["given"] if name.endswith(_TAKES_DIMINUTIVE)}
    return NameWords(
        announcing=NameAnnouncing(**sets_of(announcing)),
        parts=NameParts(**sets_of(parts)),
        putting_right=NameCorrections(**sets_of(putting_right)),
        words=NameLists(**lists),
        letters={bare(called): letter for letter, names in letters.items() for called in names.split()},
    )
