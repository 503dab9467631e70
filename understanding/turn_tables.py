"""The words by which it is told whether a turn is over, as `turns.toml` has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from understanding.phrase_index import PhraseIndex
from understanding.phrases import Phrase, PhraseSet
from understanding.tables import indices_of, phrases_in, sets_of


@dataclass(frozen=True, slots=True)
class UnfinishedWords:
    """What a turn does not end with."""

    endings: Mapping[Phrase, str]
    """By phrase, the list that it is on."""
    constructs: PhraseIndex
    whole: PhraseIndex
    intransitive: PhraseIndex
    begun: PhraseIndex
    fetching: PhraseIndex
    moment: PhraseIndex
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
    asks_address: PhraseIndex
    asks_email: PhraseIndex


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


def turn_words(
    unfinished: Mapping[str, Any], finished: Mapping[str, Any], half: Mapping[str, Any], over: Mapping[str, Any]
) -> TurnWords:
    lists = {name: phrases for name, phrases in finished.items() if name != "around_answer"}
    return TurnWords(
        UnfinishedWords(
            endings={phrase: name for name, listed in unfinished["endings"].items() for phrase in phrases_in(listed)},
            past=tuple(unfinished["past"]),
            **indices_of({name: unfinished[name] for name in unfinished.keys() - {"endings", "past"}}),
        ),
        FinishedWords(around_answer=PhraseSet(phrases_in(finished["around_answer"])), **indices_of(lists)),
        HalfWords(**indices_of(half)),
        OverWords(**sets_of(over)),
    )
