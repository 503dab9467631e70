"""The numbers that come out of runs of digits: dictated in groups, corrected, or two of them.

What makes digits a number is told by `Fits`, so that telephone and identity numbers are dictated alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, islice, zip_longest
from typing import Final

from understanding.digit_runs import Run, variants
from understanding.number_tables import RunWords

Fits = Callable[[str, str], str]
"""From digits and the sign before them to the number that they are; "" if they are none."""

_MOST_READINGS: Final = 16
_MOST_DIGITS: Final = 20
"""No number is longer, with all its prefixes."""
_MOST_DIGITS_TOGETHER: Final = 60
"""No caller says more of them in one go; what has more is noise, and is not worth the time."""
_FEWEST_SAID_AGAIN: Final = 2
_AREA_CODE: Final = range(2, 5)
"""Digits of an area code with its trunk zero."""
_PREFIX_LETTERS: Final = 2
_SHORTEST_AFTER: Final = 2


@dataclass(slots=True)
class Dictated:
    number: str = ""
    readings: list[list[str]] = field(default_factory=list)
    """The groups of digits of the number, or of what was said of one; the likeliest reading first."""
    sign: str = ""
    others: list[str] = field(default_factory=list)
    changed_at: int = -1
    """Place of the utterance that last changed the number."""
    others_at: int = -1
    corrected: str = ""
    """The digits as they were before they were last corrected."""

    @property
    def digits(self) -> str:
        return "".join(self.readings[0]) if self.readings else ""


@dataclass(frozen=True, slots=True)
class _Mark:
    """How a run stands to what was said before it."""

    corrects: bool
    is_correction: bool
    """Nothing but words of correction stands before it."""
    negates: bool
    """ "Not 54, 52"."""
    excludes: bool
    """ "And not 54"."""
    is_another: bool
    at_the_end: bool
    at_the_start: bool

    @property
    def changes_part(self) -> bool:
        return self.is_correction or self.at_the_end or self.at_the_start


def dictate(runs: Sequence[Run], fits: Fits, words: RunWords, known: str = "") -> Dictated:
    """`known`: digits of the number as it was understood before; a correction applies to it."""
    dictated = Dictated(known, [list(known)] if known else [])
    not_meant: list[str] = []
    for run, following in zip_longest(runs, runs[1:]):
        mark = _mark(run, words)
        readings = list(islice(variants(run), _MOST_READINGS))
        is_paired = mark.negates and following is not None and following.utterance == run.utterance
        if is_paired and not following.before:
            # "Not this number, that one": written as two, only the second is meant.
            continue
        if is_paired and "".join(readings[0]) in dictated.digits and _only_corrects(following.before, words):
            not_meant = readings[0]
            continue
        if not_meant:
            readings = [[*not_meant, *groups] for groups in readings]
            mark = replace(mark, negates=True)
        if values := _first_numbers(readings, run.sign, fits):
            _take(dictated, run, values, readings, mark)
        elif dictated.readings and (mark.changes_part or _replaced(dictated.digits, readings[0], mark)):
            _correct(dictated, run, readings, mark, fits)
        elif not dictated.number:
            _go_on(dictated, run, readings, fits)
        not_meant = []
    return dictated


def _first_numbers(readings: Sequence[list[str]], sign: str, fits: Fits) -> list[str]:
    """The numbers of the first reading that is some."""
    if sum(map(len, readings[0])) > _MOST_DIGITS_TOGETHER:
        return []
    found = next(filter(None, (_numbers(groups, sign, fits) for groups in readings)), [])
    return found or next(filter(None, (_begun_again(groups, sign, fits) for groups in readings)), [])


def _begun_again(groups: Sequence[str], sign: str, fits: Fits) -> list[str]:
    """ "052, 052, 123 ...": whoever loses the thread begins with the same digits once more."""
    for end in range(1, len(groups)):
        said, again = "".join(groups[:end]), "".join(groups[end:])
        if (
            len(said) >= _FEWEST_SAID_AGAIN
            and again.startswith(said)
            and (numbers := _numbers(groups[end:], sign, fits))
        ):
            return numbers
    return []


def _numbers(groups: Sequence[str], sign: str, fits: Fits) -> list[str]:
    """The numbers that the groups are, one after the other, without a digit left over."""
    ends = [end for end, size in enumerate(accumulate(map(len, groups)), start=1) if size <= _MOST_DIGITS]
    for end in reversed(ends):
        if number := fits("".join(groups[:end]), sign):
            rest = _numbers(groups[end:], "", fits)
            if rest or end == len(groups):
                return [number, *rest]
    return []


def _mark(run: Run, words: RunWords) -> _Mark:
    before = run.before
    first = next((place for place, word in enumerate(before) if word in words.corrections), len(before))
    corrects = first < len(before)
    another = next((place for place, word in enumerate(before) if word in words.another), len(before))
    # The preposition written together with a number is a word of its own here.
    is_preposition = len(run.direct) <= _PREFIX_LETTERS and run.direct not in words.negations
    direct = before[-2] if run.direct and len(before) > 1 and is_preposition else run.direct
    return _Mark(
        corrects=corrects,
        is_correction=corrects and _only_corrects(before[first:], words),
        negates=direct in words.negations,
        excludes=direct in words.negations and direct != "לא",
        is_another=another < first,
        at_the_end=any(word in words.at_the_end for word in (*before, *run.after[:_SHORTEST_AFTER])),
        at_the_start=any(word in words.at_the_start for word in (*before, *run.after[:_SHORTEST_AFTER])),
    )


def _only_corrects(said: Iterable[str], words: RunWords) -> bool:
    """Whether these words introduce a correction and tell nothing else."""
    return all(word in words.correction_talk or len(word) == 1 for word in said)


def _take(dictated: Dictated, run: Run, values: list[str], readings: list[list[str]], mark: _Mark) -> None:
    if mark.negates and len(values) > 1:
        values = values[1:]
    elif mark.excludes and dictated.number:
        return
    same_utterance = run.utterance == dictated.changed_at
    if dictated.number and (mark.is_another or (same_utterance and not mark.corrects)):
        _keep_others(dictated, values, run)
        return
    dictated.number, dictated.sign, dictated.readings = values[0], run.sign, readings
    dictated.changed_at = run.last_utterance
    _keep_others(dictated, values[1:], run)


def _keep_others(dictated: Dictated, values: Sequence[str], run: Run) -> None:
    for value in values:
        if value != dictated.number and value not in dictated.others:
            dictated.others.append(value)
            dictated.others_at = run.last_utterance


def _go_on(dictated: Dictated, run: Run, readings: list[list[str]], fits: Fits) -> None:
    """Digits that are no number: the first group of one, or the next."""
    if run.sign or not dictated.readings:
        dictated.readings, dictated.sign = readings, run.sign
    else:
        dictated.readings = [[*said, *more] for said in dictated.readings for more in readings][:_MOST_READINGS]
    dictated.changed_at = run.last_utterance
    if values := _first_numbers(dictated.readings, dictated.sign, fits):
        dictated.number = values[0]
        _keep_others(dictated, values[1:], run)


def _correct(dictated: Dictated, run: Run, readings: list[list[str]], mark: _Mark, fits: Fits) -> None:
    """Put digits in the place of some that were said; the length of a number tells of how many."""
    said = dictated.readings[0]
    if mark.negates and run.follows and "".join(readings[0]) in dictated.corrected:
        # "54, not 52": what was taken back is named once more.
        return
    dictated.corrected = dictated.digits
    dictated.changed_at = run.last_utterance
    for groups in readings:
        for corrected in _corrections(said, groups, mark, complete=bool(dictated.number)):
            if number := fits("".join(corrected), dictated.sign):
                dictated.number, dictated.readings = number, [corrected]
                return
    dictated.number = ""
    corrected = next(iter(_corrections(said, readings[0], mark, complete=False)))
    dictated.readings = [corrected]


def _corrections(said: list[str], groups: list[str], mark: _Mark, *, complete: bool) -> Iterable[list[str]]:
    """What the digits can be after the correction, the likeliest first."""
    digits, new = "".join(said), "".join(groups)
    if replaced := _replaced(digits, groups, mark):
        yield replaced
    if mark.at_the_start or (complete and new.startswith("0") and len(new) in _AREA_CODE and not mark.at_the_end):
        yield [new, digits[len(new) :]]
    sizes = list(accumulate(len(group) for group in reversed(said)))
    if len(said[-1]) > len(new):
        # A number that was written in one piece has no groups to go by.
        sizes.insert(0, len(new))
    for size in sorted({len(new), len(groups[0]), *sizes}, key=lambda size: (size != len(new), size != len(groups[0]))):
        if size <= len(digits) and (size in sizes or size == len(groups[0])):
            yield [*_up_to(said, len(digits) - size), *groups]
    # "36. No, 63": of the same length, it is said instead of the last group, and more is still to come.
    if not complete and not (mark.is_correction and len(said) > 1 and len(said[-1]) == len(new)):
        yield [*said, *groups]


def _replaced(digits: str, groups: list[str], mark: _Mark) -> list[str]:
    """ "Not 54, 52": the first half of the groups stands in the number, the other comes in its place."""
    if not mark.negates and not mark.corrects:
        return []
    for end in range(1, len(groups)):
        old, new = "".join(groups[:end]), "".join(groups[end:])
        # "No, four three": one digit takes the place of another only where the first is said not to be it.
        if len(old) == len(new) and old in digits and (mark.negates or len(old) > 1):
            head, _, tail = digits.rpartition(old)
            return [part for part in (head, new, tail) if part]
    return []


def _up_to(said: list[str], size: int) -> list[str]:
    kept: list[str] = []
    for group in said:
        kept.append(group[: max(0, size - len("".join(kept)))])
    return [group for group in kept if group]
