"""The tables of `he/numbers.toml`: how numbers are spoken, what is said around their digits, and what they are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from understanding.phrase_index import PhraseIndex
from understanding.tables import indices_of, words_in
from understanding.words import bare


@dataclass(frozen=True, slots=True)
class NumberWords:
    """How numbers are spoken. Values are digits, or what a word is worth."""

    digits: Mapping[str, str]
    construct: Mapping[str, str]
    ten: Mapping[str, int]
    tens: Mapping[str, int]
    hundreds: Mapping[str, int]
    thousands: Mapping[str, int]
    of_hundreds: frozenset[str]
    of_thousands: frozenset[str]
    forms: Mapping[str, tuple[str, str]]
    """For every word that is a number or part of one, with each prefix there is: the prefix and the word."""


@dataclass(frozen=True, slots=True)
class RunWords:
    """What is said between and around the digits of a number."""

    zeros: frozenset[str]
    times: frozenset[str]
    of_digits: frozenset[str]
    twice: frozenset[str]
    thrice: frozenset[str]
    half: frozenset[str]
    plus: frozenset[str]
    star: frozenset[str]
    between: frozenset[str]
    between_two: frozenset[str]
    corrections: frozenset[str]
    negations: frozenset[str]
    correcting: frozenset[str]
    correction_talk: frozenset[str]
    """All that may be said in a correction beside the digits."""
    at_the_end: frozenset[str]
    at_the_start: frozenset[str]
    another: frozenset[str]
    not_counts: frozenset[str]
    pointing: frozenset[str]


@dataclass(frozen=True, slots=True)
class NumberKinds:
    """Words that tell what a number is."""

    phone: frozenset[str]
    other: frozenset[str]
    numbered: frozenset[str]
    number: frozenset[str]
    neutral: frozenset[str]
    money: frozenset[str]
    counted: frozenset[str]
    times: frozenset[str]
    identity: frozenset[str]


@dataclass(frozen=True, slots=True)
class CallbackWords:
    this_number: PhraseIndex
    no_good: PhraseIndex
    do_not: PhraseIndex
    other_number: PhraseIndex
    refusals: PhraseIndex
    call_back: PhraseIndex


_COUNTS: Final = ("of_hundreds", "of_thousands")


def number_words(data: Mapping[str, Any]) -> NumberWords:
    names = ("digits", "construct", "ten", "tens", "hundreds", "thousands")
    tables: dict[str, Any] = {name: {bare(word): value for word, value in data[name].items()} for name in names}
    tables |= {name: words_in(data["runs"][name]) for name in _COUNTS}
    known = set[str]().union(*tables.values())
    # The word itself comes last: where it looks like a prefix and another word, it is neither.
    forms = {prefix + word: (prefix, word) for prefix in data["prefixes"] for word in known}
    return NumberWords(**tables, forms={**forms, **{word: ("", word) for word in known}})


def run_words(data: Mapping[str, Any]) -> RunWords:
    tables = {name: words_in(written) for name, written in data.items() if name not in _COUNTS}
    talk = ("corrections", "correcting", "between", "at_the_end", "at_the_start")
    return RunWords(**tables, correction_talk=frozenset().union(*(tables[name] for name in talk)))


def number_kinds(kinds: Mapping[str, Any], cues: list[str]) -> NumberKinds:
    """`cues`: what tells of an identity number."""
    return NumberKinds(**{name: words_in(written) for name, written in kinds.items()}, identity=words_in(cues))


def callback_words(data: Mapping[str, Any]) -> CallbackWords:
    return CallbackWords(**indices_of(data))
