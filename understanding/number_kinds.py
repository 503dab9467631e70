"""What kind of number a run of digits is, by the words around it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final

from understanding.digit_runs import Run
from understanding.language import Language
from understanding.number_tables import NumberKinds

_PREFIXES: Final = frozenset("והבלמשכ")
_LONGEST_PREFIX: Final = 2
_SHORTEST_WORD: Final = 3
"""Letters behind a prefix. With fewer the prefix is as likely part of the word."""
_WORDS_AFTER: Final = 5
"""How far behind a number "that is my order number" is looked for."""
_WORDS_POINTING: Final = 2
"""So few words between two numbers, of which the first points back, are said of the one before."""
_WORDS_BEFORE_COUNT: Final = 2
_MOST_WORDS_OF_CONTENT: Final = 1
"""Between the word for a thing and its number: "Dana's order". With more of them another clause has begun."""


class NumberKind(Enum):
    PHONE = "phone"
    OTHER = "other"
    """An identity card, an order, an address, a price: no number to call, whatever its digits."""
    COUNT = "count"
    """A time or an amount, if it has but a few digits."""
    UNTOLD = "untold"


def kind_of(run: Run, language: Language) -> NumberKind:
    kinds = language.number_kinds
    if told := _told_after(run, language):
        return told
    before = run.before
    points_back = run.follows and bool(before) and before[0] in language.number_runs.pointing
    if points_back and (not run.direct or len(before) <= _WORDS_POINTING):
        # "0541234567, that is the old one. 0521234567": said of the number before it.
        return NumberKind.UNTOLD
    last = range(max(0, len(before) - _WORDS_BEFORE_COUNT), len(before))
    is_count = any(_is_count(before, place, language) for place in last)
    for place in range(len(before) - 1, -1, -1):
        if is_one_of(before[place], kinds.phone):
            return NumberKind.COUNT if is_count else NumberKind.PHONE
        if _is_other(before, place, kinds):
            content = [word for word in before[place + 1 :] if word not in kinds.neutral]
            return NumberKind.OTHER if len(content) <= _MOST_WORDS_OF_CONTENT else NumberKind.UNTOLD
    return NumberKind.COUNT if is_count else NumberKind.UNTOLD


def is_one_of(word: str, words: frozenset[str]) -> bool:
    """Whether it is one of the words, with or without what Hebrew writes together with it (and, the, to ...)."""
    return word in words or any(
        word[size:] in words
        for size in range(1, min(_LONGEST_PREFIX, len(word) - _SHORTEST_WORD) + 1)
        if set(word[:size]) <= _PREFIXES
    )


def _told_after(run: Run, language: Language) -> NumberKind | None:
    kinds = language.number_kinds
    first = run.after[0] if run.after else ""
    if first in kinds.money:
        return NumberKind.OTHER
    if first in language.number_runs.pointing:
        for place in range(1, min(len(run.after), _WORDS_AFTER)):
            if is_one_of(run.after[place], kinds.phone):
                return NumberKind.PHONE
            if _is_other(run.after, place, kinds):
                return NumberKind.OTHER
    elif first and not run.is_followed and _is_other(run.after, 0, kinds):
        return NumberKind.OTHER
    return NumberKind.COUNT if first in kinds.counted else None


def _is_other(words: Sequence[str], place: int, kinds: NumberKinds) -> bool:
    if is_one_of(words[place], kinds.numbered):
        return bool(kinds.number.intersection(words[max(0, place - 1) : place + 2]))
    return is_one_of(words[place], kinds.other)


def _is_count(words: Sequence[str], place: int, language: Language) -> bool:
    # "After that", "after five": only the second is a time.
    following = words[place + 1] if place + 1 < len(words) else ""
    return is_one_of(words[place], language.number_kinds.times) and following not in language.number_runs.between
