"""Whether words that could be all are rather the first half: a subject alone, a condition, the beginning of a story.

Asked of what answers "how can I help". There is no grammar here: what a Hebrew sentence is made of is told by letters
and by short lists, and where these leave it open the sentence is taken to be whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from understanding.language import Language
from understanding.number_words import number_word
from understanding.phrases import consist_of, start_after

_AND: Final = "ו"
_THAT: Final = "ש"
_THE: Final = "ה"
_WHEN: Final = "כש"
_OF: Final = "של"
_SHORTEST: Final = 3
"""Letters of a noun with its article."""
_SHORTEST_JOINED: Final = 4
_WITH: Final = ("ב", "ל", "מה")
"""In, to, from the."""
_IN_CONSTRUCT: Final = ("ת", "י")
_REFLEXIVE: Final = re.compile(r"הת[^וי]{4,}")
"""Verbs that begin like a noun with its article: "broke down"."""
_CAUSATIVE: Final = re.compile(r"ה..?י.[הו]?")
"""So do these, "invited", and some nouns look the same: behind a subject it is rather the verb."""
_I: Final = "תי"
_WE: Final = "נו"
_YOU: Final = "תם"
_RELATIVE: Final = 3
"""Words of a clause within a subject, "that I bought from you": of more, some are the predicate."""
_CONDITION: Final = 4
"""Words. In more of them what follows from the condition has been told."""
_MAIN_AFTER: Final = 3
_INTRODUCTION: Final = 6
_LAST: Final = 5
"""Words at the end of a story that tell whether it has come to its point."""


def half_told(said: Sequence[str], language: Language) -> str:
    """Why the other half is to come; "" where this may well be all. `said`: as `bare` leaves the words."""
    talk, half = language.small_talk, language.turns.half
    greeting = said[start_after(said, language.turns.over.back_channels) :]
    if greeting and consist_of(greeting, talk.greetings, talk.day_greetings, talk.fillers):
        return "" if half.hello.is_in(greeting) else "a greeting"
    plain = said[start_after(said, talk.greetings, talk.day_greetings, talk.fillers) :]
    if not plain:
        return ""
    if half.told_so.at_end(plain) == len(plain):
        return "announces a story"
    if _is_subject(plain, language):
        return "a subject, perhaps without its predicate"
    if _is_condition(plain, language):
        return "a condition, perhaps without what follows"
    if _wishes(plain, language) or language.turns.unfinished.whole.at_end(plain) == len(plain):
        return ""
    introduces = half.introductions.at_start(plain) and not half.reasons.is_in(plain)
    if introduces and len(plain) <= _INTRODUCTION and not _makes_its_point(plain, language):
        return "says who is calling"
    if _is_story(plain, language):
        return "a story begun"
    return ""


def _is_subject(plain: Sequence[str], language: Language) -> bool:
    place = _head(plain, language)
    while 0 < place < len(plain):
        step = _belonging(plain, place, language)
        if not step:
            return False
        place += step
    return place > 0


def _head(plain: Sequence[str], language: Language) -> int:
    """How many words at the beginning are a noun that a predicate is told of; 0 if there is none."""
    half, things = language.turns.half, language.names.words.things
    if kin := half.kin.at_start(plain):
        return kin
    first, second = plain[0].removeprefix(_AND), plain[1] if len(plain) > 1 else ""
    if _has_article(first, language) and first not in things:
        return 1
    if not second:
        return 0
    if number_word(first, language.numbers) and not first.isdigit() and not number_word(second, language.numbers):
        return 2
    if first.endswith((_I, _WE)):
        return 0
    is_construct = first in things or first.endswith(_IN_CONSTRUCT) or (first,) in language.turns.unfinished.constructs
    return 2 if is_construct and _has_article(second, language) else 0


def _has_article(word: str, language: Language) -> bool:
    is_verb = (word,) in language.turns.unfinished.endings or _REFLEXIVE.fullmatch(word) or word.endswith((_I, _WE))
    return word.startswith(_THE) and len(word) >= _SHORTEST and not is_verb


def _belonging(plain: Sequence[str], place: int, language: Language) -> int:
    """How many words from `place` on belong to the noun before them: whose it is, which, where."""
    half, word = language.turns.half, plain[place]
    if owners := half.belonging.at_start(plain, place):
        return owners
    if word == _OF:
        return 2
    if word.startswith(_OF) or (_has_article(word, language) and not _CAUSATIVE.fullmatch(word)):
        return 1
    if word.startswith(_WITH) and len(word) >= _SHORTEST_JOINED and (word,) not in half.predicates:
        return 1
    if word.startswith(_THAT) and _is_verb_of_ours(word.removeprefix(_THAT), language):
        return len(plain) - place if len(plain) - place <= _RELATIVE else 0
    return 0


def _is_verb_of_ours(word: str, language: Language) -> bool:
    """ "Bought", "you installed", "was": in a clause of its own."""
    return word.endswith(language.turns.unfinished.past) or (word,) in language.turns.unfinished.endings


def _is_condition(plain: Sequence[str], language: Language) -> bool:
    half, finished = language.turns.half, language.turns.finished
    size = half.subordinating.at_start(plain)
    if not size and not (plain[0].startswith(_WHEN) and len(plain[0]) > len(_WHEN) + 1):
        return False
    if half.no_condition.at_start(plain) and len(plain) > half.no_condition.at_start(plain):
        return False
    if len(plain) > max(size, 1) + _CONDITION - 1:
        return False
    later = range(_MAIN_AFTER, len(plain))
    main = (half.main, half.seeking, finished.question_words, finished.openers)
    return not any(phrases.at_start(plain, place) for place in later for phrases in main)


def _wishes(plain: Sequence[str], language: Language) -> bool:
    turns = language.turns
    words = [word.removeprefix(_AND).removeprefix(_THAT) for word in plain]
    return any((word,) in turns.unfinished.modals or (word,) in turns.half.seeking for word in words)


def _makes_its_point(plain: Sequence[str], language: Language) -> bool:
    """What is not as it should be, now: with this a story may end."""
    half = language.turns.half
    return half.points.is_in(plain[-_LAST:]) or half.mishaps.is_in(plain)


def _is_story(plain: Sequence[str], language: Language) -> bool:
    half = language.turns.half
    if half.about.at_start(plain) or (half.subordinating.at_start(plain) and not half.past_times.at_start(plain)):
        return False
    if len(plain) > _LAST and _is_ours(plain[-1].removeprefix(_AND), language):
        return True
    tells = half.past_times.is_in(plain) or any(_is_past(word.removeprefix(_AND), language) for word in plain)
    return tells and not _makes_its_point(plain, language)


def _is_past(word: str, language: Language) -> bool:
    """ "I bought", "we were", "it turned out"."""
    return (word,) in language.turns.half.told_of or _is_ours(word, language)


def _is_ours(word: str, language: Language) -> bool:
    """A verb of what the caller did, or whoever is called."""
    is_one = len(word) >= _SHORTEST_JOINED and word.endswith((_I, _WE, _YOU)) and not word.startswith(_THAT)
    return is_one and (word,) not in language.turns.half.no_verbs
