"""Whether an answer is a yes, a no, a yes with a change, or none of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from itertools import chain
from typing import Final, NamedTuple

from understanding.digit_runs import read_runs
from understanding.language import AnswerWords, Language
from understanding.phrases import consist_of, end_before
from understanding.said import Said
from understanding.words import bare_words

_CLAUSES: Final = re.compile(r"[,.;:!?…]+(?:\s+|$)|\s+[-–—]\s+")
_NUMBER_DIGITS: Final = 7
"""A yes beside so many digits is one to another number than that which was asked about."""
_LONGEST_REMARK: Final = 8
"""Words. Behind more of them a yes or a no belongs to a story."""


class YesNo(Enum):
    YES = "yes"
    NO = "no"
    YES_BUT = "yes, but"
    """A yes with a change: not to what was asked."""
    UNCLEAR = "unclear"


_OPPOSITE: Final = {YesNo.YES: YesNo.NO, YesNo.NO: YesNo.YES}


def yes_or_no(said: Said, language: Language) -> YesNo:
    """What the answer as a whole comes to: the caller may take back how it began."""
    text = said.text.replace("%", f" {language.answers.percent}")
    clauses = [words for part in _CLAUSES.split(text) if (words := [word for word in bare_words(part.split()) if word])]
    clauses = _without_thanks(clauses, language)
    given = _given(clauses, language)
    if given is None:
        given = _at_the_end(said, clauses, language.answers)
    elif given.answer is not YesNo.UNCLEAR and _asks(said, clauses, given, language.answers):
        return YesNo.UNCLEAR
    if given.answer is YesNo.YES and _changes(said, clauses, given.rest, language):
        return YesNo.YES_BUT
    return given.answer


def _without_thanks(clauses: Sequence[list[str]], language: Language) -> list[list[str]]:
    """Thanks at the end answer nothing, unless they are all there is."""
    kept = list(clauses)
    while len(kept) > 1 and consist_of(kept[-1], language.small_talk.thanks):
        kept.pop()
    if kept and (end := end_before(kept[-1], language.small_talk.thanks)):
        kept[-1] = kept[-1][:end]
    return kept


class _Given(NamedTuple):
    answer: YesNo
    clause: int = 0
    """Place of the clause in which it is given."""
    rest: Sequence[str] = ()
    """What is said after it."""


def _given(clauses: Sequence[list[str]], language: Language) -> _Given | None:
    """The answer that a clause begins with, if there is one; a later one may take it back."""
    words = language.answers
    given: _Given | None = None
    said_before = 0
    for place, clause in enumerate(clauses):
        found, behind = _beginning(clause, language)
        onwards = [*chain(*clauses[place:])]
        if found is YesNo.YES and words.unclear.at_start(onwards) > max(1, words.clear.at_start(onwards)):
            found = YesNo.UNCLEAR
        if given is None:
            if found is not None and said_before <= _LONGEST_REMARK:
                given = _Given(found, place, behind)
        elif found is not None and _takes_back(given, found, clause, words):
            given = _Given(found, place, behind)
        else:
            given = given._replace(rest=[*given.rest, *clause])
        if given is not None and words.turns.at_start(given.rest):
            turned, behind = _beginning(words.turns.after_leading(given.rest), language)
            if turned is not None and turned is _OPPOSITE.get(given.answer):
                given = _Given(turned, place, behind)
        said_before += len(clause)
    return given


def _beginning(clause: list[str], language: Language) -> tuple[YesNo | None, list[str]]:
    """What the clause begins with, by the longest phrase that fits, and the words after that."""
    words = language.answers
    for said in (clause, words.openings.after_leading(clause)):
        yes, no, unclear = _yes_at_start(said, language), words.no.at_start(said), words.unclear.at_start(said)
        # "Well then" begins with a yes, and is none.
        if (size := max(yes, no, unclear)) and (size >= words.openings.at_start(said) or size == len(said)):
            is_doubt = size == no and words.doubts.at_start(said, size)
            is_negated = size == yes and words.negations.at_start(said, size)
            answer = YesNo.YES if size == yes and not is_negated else YesNo.NO
            return (YesNo.UNCLEAR if size == unclear or is_doubt else answer), said[size:]
    return None, []


def _yes_at_start(said: list[str], language: Language) -> int:
    """How many words the yes has; 0 if there is none."""
    words, callback = language.answers, language.callback
    alone = words.yes_alone.at_start(said)
    rest = said[alone:]
    is_whole = (
        not rest
        or words.thanks.at_start(rest)
        or words.yes.at_start(rest)
        or callback.call_back.is_in(rest)
        or callback.this_number.is_in(rest)
    )
    return max(words.yes.at_start(said), alone if is_whole else 0)


def _takes_back(given: _Given, found: YesNo, clause: list[str], words: AnswerWords) -> bool:
    is_opposite = found is _OPPOSITE.get(given.answer)
    return is_opposite and (bool(words.turns.at_start(clause)) or tuple(clause) in words.after_all)


def _at_the_end(said: Said, clauses: Sequence[list[str]], words: AnswerWords) -> _Given:
    """The answer at the end of a sentence that begins otherwise: "this number is fine"."""
    last = clauses[-1] if clauses else []
    if sum(map(len, clauses)) > _LONGEST_REMARK or _is_question(said) or words.asks.at_start(last):
        return _Given(YesNo.UNCLEAR)
    yes, no = words.yes_at_the_end.at_end(last), words.no_at_the_end.at_end(last)
    if no > yes or (yes and words.negations.at_end(last[:-yes])):
        return _Given(YesNo.NO)
    return _Given(YesNo.YES, rest=last) if yes else _Given(YesNo.UNCLEAR)


def _asks(said: Said, clauses: Sequence[list[str]], given: _Given, words: AnswerWords) -> bool:
    """ "Yes?", "may I ask you something?", "why not by mail?": but "why not?" is an answer."""
    if not _is_question(said) or given.clause != len(clauses) - 1:
        return False
    return bool(given.rest) or not words.asks.at_start(words.openings.after_leading(clauses[given.clause]))


def _is_question(said: Said) -> bool:
    return said.text.rstrip().endswith("?")


def _changes(said: Said, clauses: Sequence[list[str]], rest: Sequence[str], language: Language) -> bool:
    if language.answers.changes.is_in(rest) or language.callback.other_number.is_in([*chain(*clauses)]):
        return True
    runs = read_runs([said.text], language)
    return any(run.sign or sum(len(part.digits) for part in run.parts) >= _NUMBER_DIGITS for run in runs)
