"""The words of one language (`he/`, a file for each table), in the form they are compared in.

An entry may be a phrase of several words. Compared word by word, without punctuation, niqqud and case.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from calls.lead_fields import BY_NAME
from understanding.name_tables import NameWords, name_words
from understanding.number_tables import (
    CallbackWords,
    NumberKinds,
    NumberWords,
    RunWords,
    callback_words,
    number_kinds,
    number_words,
    run_words,
)
from understanding.phrase_index import PhraseIndex
from understanding.phrases import PhraseSet
from understanding.spoken_times import SpokenTimes, spoken_times
from understanding.tables import Phrases, indices_of, phrases_in, phrases_of, sets_of
from understanding.time_words import TimeWords, time_words
from understanding.turn_tables import TurnWords, turn_words

_FOLDER: Final = Path(__file__).with_name("he")


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
    it_is: Phrases
    lives: Phrases
    no_choice: Phrases
    ordinals: tuple[Phrases, ...]
    """The first, the second and so on, as a choice is told by its place."""


@dataclass(frozen=True, slots=True)
class QuestionWords:
    asks: Phrases
    acknowledges: Phrases
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
    reached: PhraseSet
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
class AnswerWords:
    """What an answer is told to be a yes or a no by."""

    yes: PhraseIndex
    yes_alone: PhraseIndex
    no: PhraseIndex
    unclear: PhraseIndex
    clear: PhraseIndex
    doubts: PhraseIndex
    openings: PhraseIndex
    changes: PhraseIndex
    turns: PhraseIndex
    after_all: PhraseIndex
    yes_at_the_end: PhraseIndex
    no_at_the_end: PhraseIndex
    asks: PhraseIndex
    negations: PhraseIndex
    thanks: PhraseIndex
    percent: str
    """The word for its sign."""


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """What each list is for stands beside it in the file. Compared by identity: what was read by one is kept by it."""

    fields: Mapping[str, FieldWords]
    kinds: KindWords
    questions: QuestionWords
    names: NameWords
    small_talk: SmallTalk
    yes_no: YesNoWords
    needs: NeedWords
    answers: AnswerWords
    numbers: NumberWords
    number_runs: RunWords
    number_kinds: NumberKinds
    callback: CallbackWords
    persons: PersonWords
    times: TimeWords
    turns: TurnWords
    spoken_times: SpokenTimes


def load() -> Language:
    """Raises `TypeError`, `KeyError` or `ValueError` for a file that lacks something or has one thing too many."""
    data = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in _FOLDER.glob("*.toml")}
    if unlike := set(data["fields"]) ^ set(BY_NAME):
        raise ValueError(f"fields without words, or words without a field: {', '.join(sorted(unlike))}")
    return Language(
        fields={name: _field_words(**words) for name, words in data["fields"].items()},
        kinds=_kind_words(data["kinds"]),
        questions=QuestionWords(**phrases_of(data["questions"])),
        names=name_words(**data["names"]),
        small_talk=SmallTalk(**sets_of(data["small_talk"])),
        yes_no=YesNoWords(phrases_in(data["yes_no"]["yes"]), phrases_in(data["yes_no"]["no"])),
        needs=NeedWords(**sets_of(data["needs"])),
        answers=_answer_words(data["yes_no"]),
        numbers=number_words(data["numbers"]),
        number_runs=run_words(data["numbers"]["runs"]),
        number_kinds=number_kinds(data["numbers"]["kinds"], data["numbers"]["identity"]["cues"]),
        callback=callback_words(data["numbers"]["callback"]),
        persons=_person_words(**data["persons"]),
        times=time_words(data["times"]),
        turns=turn_words(**data["turns"]),
        spoken_times=spoken_times(data["spoken_times"]),
    )


def _field_words(
    question: str,
    asked_by: list[list[list[str]]],
    asked_alone: list[str],
    not_with: list[str],
    label: str,
    description: str,
) -> FieldWords:
    rules = tuple(tuple(phrases_in(group) for group in groups) for groups in asked_by)
    return FieldWords(question, rules, phrases_in(asked_alone), phrases_in(not_with), label, description)


def _kind_words(table: Mapping[str, Any]) -> KindWords:
    apart = ("questions", "asked_by", "yes", "no", "ordinals")
    return KindWords(
        questions=table["questions"],
        asked_by=phrases_of(table["asked_by"]),
        yes=table["yes"],
        no=table["no"],
        ordinals=tuple(phrases_in(place) for place in table["ordinals"]),
        **phrases_of({name: phrases for name, phrases in table.items() if name not in apart}),
    )


def _answer_words(data: Mapping[str, Any]) -> AnswerWords:
    lists = {name: phrases for name, phrases in data.items() if name != "percent"}
    return AnswerWords(**indices_of(lists), percent=data["percent"])


def _person_words(who: Mapping[str, Any], wishes: Mapping[str, Any]) -> PersonWords:
    return PersonWords(Persons(**sets_of(who)), PersonWishes(**sets_of(wishes)))
