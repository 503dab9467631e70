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
from understanding.phrase_index import PhraseIndex
from understanding.phrases import Phrase, PhraseSet
from understanding.time_words import TimeWords, time_words
from understanding.words import bare, bare_words

_FOLDER: Final = Path(__file__).with_name("he")

Phrases = tuple[Phrase, ...]
"""Of words as `bare` leaves them."""


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
class AnswerWords:
    """What an answer is told to be a yes or a no by."""

    yes: PhraseIndex
    yes_alone: PhraseIndex
    no: PhraseIndex
    unclear: PhraseIndex
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
    twice: frozenset[str]
    thrice: frozenset[str]
    half: frozenset[str]
    plus: frozenset[str]
    star: frozenset[str]
    between: frozenset[str]
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
    other_number: PhraseIndex
    refusals: PhraseIndex
    call_back: PhraseIndex


@dataclass(frozen=True, slots=True)
class UnfinishedWords:
    """What a turn does not end with."""

    endings: Mapping[Phrase, str]
    """By phrase, the list that it is on."""
    constructs: PhraseIndex
    whole: PhraseIndex
    intransitive: PhraseIndex
    begun: PhraseIndex
    corrects: PhraseIndex
    alone: PhraseIndex
    modals: PhraseIndex
    speakers: PhraseIndex
    past: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FinishedWords:
    """What a turn is told to be whole by."""

    question_words: PhraseIndex
    told_as_question: PhraseIndex
    whether: PhraseIndex
    short_questions: PhraseIndex
    openers: PhraseIndex
    actions: PhraseIndex
    deeds: PhraseIndex
    broad: PhraseIndex
    light: PhraseIndex
    telling: PhraseIndex
    around_answer: PhraseSet
    hours: PhraseIndex
    verbs_last: PhraseIndex
    conditions: PhraseIndex
    houses: PhraseIndex
    settlements: PhraseIndex
    births: PhraseIndex
    counts: PhraseIndex


@dataclass(frozen=True, slots=True)
class HalfWords:
    """What a sentence is told to be the first half by."""

    hello: PhraseIndex
    told_so: PhraseIndex
    kin: PhraseIndex
    belonging: PhraseIndex
    predicates: PhraseIndex
    subordinating: PhraseIndex
    no_condition: PhraseIndex
    main: PhraseIndex
    seeking: PhraseIndex
    introductions: PhraseIndex
    reasons: PhraseIndex
    about: PhraseIndex
    past_times: PhraseIndex
    told_of: PhraseIndex
    no_verbs: PhraseIndex
    points: PhraseIndex
    mishaps: PhraseIndex
    troubles: PhraseIndex
    trades: PhraseIndex
    at_signs: PhraseIndex
    email_marks: PhraseIndex
    top_levels: PhraseIndex


@dataclass(frozen=True, slots=True)
class OverWords:
    """What is said over the assistant."""

    back_channels: PhraseSet
    stops: PhraseSet
    before_stop: PhraseSet
    open_questions: PhraseSet


@dataclass(frozen=True, slots=True)
class TurnWords:
    unfinished: UnfinishedWords
    finished: FinishedWords
    half: HalfWords
    over: OverWords


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
    answers: AnswerWords
    numbers: NumberWords
    number_runs: RunWords
    number_kinds: NumberKinds
    callback: CallbackWords
    persons: PersonWords
    times: TimeWords
    turns: TurnWords


def load() -> Language:
    """Raises `TypeError`, `KeyError` or `ValueError` for a file that lacks something or has one thing too many."""
    data = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in _FOLDER.glob("*.toml")}
    if unlike := set(data["fields"]) ^ set(BY_NAME):
        raise ValueError(f"fields without words, or words without a field: {', '.join(sorted(unlike))}")
    return Language(
        fields={name: _field_words(**words) for name, words in data["fields"].items()},
        kinds=_kind_words(data["kinds"]),
        questions=QuestionWords(**_lists(data["questions"])),
        names=_name_words(**data["names"]),
        small_talk=SmallTalk(**_phrase_sets(data["small_talk"])),
        yes_no=YesNoWords(_phrases(data["yes_no"]["yes"]), _phrases(data["yes_no"]["no"])),
        needs=NeedWords(**_phrase_sets(data["needs"])),
        answers=_answer_words(data["yes_no"]),
        numbers=_number_words(data["numbers"]),
        number_runs=_run_words(data["numbers"]["runs"]),
        number_kinds=NumberKinds(
            **{name: _words(words) for name, words in data["numbers"]["kinds"].items()},
            identity=_words(data["numbers"]["identity"]["cues"]),
        ),
        callback=CallbackWords(**_indices(data["numbers"]["callback"])),
        persons=_person_words(**data["persons"]),
        times=time_words(data["times"]),
        turns=_turn_words(**data["turns"]),
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


_COUNTS: Final = ("of_hundreds", "of_thousands")


def _number_words(data: Mapping[str, Any]) -> NumberWords:
    names = ("digits", "construct", "ten", "tens", "hundreds", "thousands")
    tables: dict[str, Any] = {name: {bare(word): value for word, value in data[name].items()} for name in names}
    tables |= {name: _words(data["runs"][name]) for name in _COUNTS}
    known = set[str]().union(*tables.values())
    # The word itself comes last: where it looks like a prefix and another word, it is neither.
    forms = {prefix + word: (prefix, word) for prefix in data["prefixes"] for word in known}
    return NumberWords(**tables, forms={**forms, **{word: ("", word) for word in known}})


def _run_words(data: Mapping[str, Any]) -> RunWords:
    tables = {name: _words(words) for name, words in data.items() if name not in _COUNTS}
    talk = ("corrections", "correcting", "between", "at_the_end", "at_the_start")
    return RunWords(**tables, correction_talk=frozenset().union(*(tables[name] for name in talk)))


def _words(written: Iterable[str]) -> frozenset[str]:
    return frozenset(bare(word) or word for word in written)


def _answer_words(data: Mapping[str, Any]) -> AnswerWords:
    lists = {name: phrases for name, phrases in data.items() if name != "percent"}
    return AnswerWords(**_indices(lists), percent=data["percent"])


def _indices(table: Mapping[str, Any]) -> dict[str, PhraseIndex]:
    return {name: PhraseIndex(_phrases(phrases)) for name, phrases in table.items()}


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


def _turn_words(
    unfinished: Mapping[str, Any], finished: Mapping[str, Any], half: Mapping[str, Any], over: Mapping[str, Any]
) -> TurnWords:
    lists = {name: phrases for name, phrases in finished.items() if name != "around_answer"}
    return TurnWords(
        UnfinishedWords(
            endings={phrase: name for name, listed in unfinished["endings"].items() for phrase in _phrases(listed)},
            past=tuple(unfinished["past"]),
            **_indices({name: unfinished[name] for name in unfinished.keys() - {"endings", "past"}}),
        ),
        FinishedWords(around_answer=PhraseSet(_phrases(finished["around_answer"])), **_indices(lists)),
        HalfWords(**_indices(half)),
        OverWords(**_phrase_sets(over)),
    )


def _phrase_sets(table: Mapping[str, Any]) -> dict[str, PhraseSet]:
    return {name: PhraseSet(_phrases(phrases)) for name, phrases in table.items()}


def _lists(table: Mapping[str, Any]) -> dict[str, Phrases]:
    return {name: _phrases(phrases) for name, phrases in table.items()}


def _phrases(written: Iterable[str]) -> Phrases:
    return tuple(tuple(bare_words(phrase.split())) for phrase in written)
