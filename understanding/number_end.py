"""Whether a number is being dictated, and whether all of it has been said.

A telephone and an identity number tell by their length. Of any other number the length is not known: one that is
counted ends with itself, one that is told digit by digit may go on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from calls.lead_fields import PHONE, Kind, LeadField
from understanding.digit_runs import Run, read_runs, variants
from understanding.language import Language
from understanding.number_kinds import is_one_of
from understanding.number_words import number_word
from understanding.numbers import read_id_number, read_phone
from understanding.said import OTHER, Said
from understanding.telephone import ISRAEL
from understanding.turn_reading import TurnEnd, TurnReading
from understanding.words import bare, bare_words, contains, digits_in

_TOLD: Final = (Kind.PHONE, Kind.ID_NUMBER, Kind.NUMBER)
_ID_DIGITS: Final = 9
_LONGEST_NATIONAL: Final = 10
_SERVICE: Final = ("1", "*")
_LONG: Final = 5
"""Digits. So many together are no count and no house."""
_NO_COUNT: Final = 3
"""Digits. So many, alone, are rather of an order or a card than a count."""
_HOUR: Final = 2
_AT: Final = ("ב", "ל", "מ")
_CLOCK_OR_DATE: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}")
_CORRECTED: Final = 7
"""Digits. Fewer of them, beside a number that is known, put a part of it right."""


def number_end(said: Said, field: LeadField | None, plain: Sequence[str], language: Language) -> TurnReading | None:
    """None where the words (`plain`, as `bare` leaves them) do not end in a number, or in one that tells nothing."""
    kind = field.kind if field is not None and field.name == said.asked else None
    if kind is Kind.NUMBER and field is not None and (counted := _counted(said, field, plain, language)):
        return counted
    if kind in _TOLD and _ends_in_half_a_digit(plain, language):
        return TurnReading(TurnEnd.DICTATING, "half a digit")
    if not _ends_in_number(plain, language):
        return None
    is_told = kind in _TOLD or (len(plain) > 1 and _is_number(plain[-2], language))
    if _begins_more(plain[-1], language):
        if not is_told:
            return None
        return TurnReading(TurnEnd.DICTATING, "digits announced")
    if kind is Kind.PHONE:
        return _phone(said, language)
    if kind is Kind.ID_NUMBER:
        return _id_number(said, language)
    runs = read_runs([said.text], language)
    if not runs:
        return None
    if kind is Kind.NUMBER and field is not None:
        return _number(runs[-1], field, language)
    return _unasked(said, runs[-1], kind, plain, language)


def _phone(said: Said, language: Language) -> TurnReading | None:
    read = read_phone(replace(said, asked=PHONE, known=_known_as(said, PHONE)), language)
    number = next(iter((*read.others, read.number)), "")
    if number:
        if said.known.get(said.asked) and (part := _part(said, language)):
            return part
        if _is_round(said, language):
            return TurnReading(TurnEnd.ORDINARY, "whole number that ends in a round one", answers=True)
        if number.startswith((f"+{ISRAEL}", *_SERVICE)):
            if any(word in language.number_runs.corrections for word in bare_words(said.text.split())):
                return TurnReading(
                    TurnEnd.UNCERTAIN, "a number that was put right, perhaps not all of it", answers=True
                )
            return TurnReading(TurnEnd.COMPLETE, "whole telephone number", answers=True)
        return TurnReading(TurnEnd.ORDINARY, "number abroad, of no fixed length", answers=True)
    if len(digits_in(read.incomplete)) > _LONGEST_NATIONAL and not read.incomplete.startswith(("+", "972", "00")):
        return TurnReading(TurnEnd.ORDINARY, "more digits than a telephone number has")
    if not read.incomplete or _is_time(said, read.incomplete, language):
        return None
    return TurnReading(TurnEnd.DICTATING, "digits missing")


def _is_round(said: Said, language: Language) -> bool:
    """ "Twenty", which "and three" may be added to."""
    runs = read_runs([said.text], language)
    return bool(runs) and runs[-1].parts[-1].takes > 0 and not runs[-1].parts[-1].written


def _is_time(said: Said, digits: str, language: Language) -> bool:
    """ "At ten", "10:30" and a date are no beginning of a telephone number."""
    last = said.words[-1]
    found = number_word(bare(last), language.numbers)
    is_at = found is not None and found.prefix in _AT and len(digits) <= _HOUR
    return is_at or bool(_CLOCK_OR_DATE.search(last))


def _known_as(said: Said, name: str) -> dict[str, str]:
    return {name: said.known.get(said.asked, "")}


def _part(said: Said, language: Language) -> TurnReading | None:
    """Of digits that are too few for a number, where one is known already."""
    digits = "".join(_digits(run) for run in read_runs([said.text], language))
    if len(digits) >= _CORRECTED:
        return None
    if digits.startswith("0") and len(digits) > 1:
        return TurnReading(TurnEnd.DICTATING, "another number begun")
    return TurnReading(TurnEnd.ORDINARY, "part of a number put right")


def _id_number(said: Said, language: Language) -> TurnReading | None:
    read = read_id_number(
        replace(said, asked=Kind.ID_NUMBER.value, known=_known_as(said, Kind.ID_NUMBER.value)), language
    )
    if not read.number and not read.incomplete:
        return None
    runs = read_runs([*said.earlier, said.text], language)
    size = len(digits_in(read.incomplete)) or (sum(len(_digits(run)) for run in runs))
    if read.number and size >= _ID_DIGITS:
        return TurnReading(TurnEnd.COMPLETE, "whole identity number", answers=True)
    if size < _ID_DIGITS:
        return TurnReading(TurnEnd.DICTATING, "digits missing")
    return TurnReading(TurnEnd.ORDINARY, "nine digits that are no identity number", answers=True)


def _counted(said: Said, field: LeadField, plain: Sequence[str], language: Language) -> TurnReading | None:
    """ "Three rooms", where it is asked how many."""
    words = language.number_runs
    if not language.turns.finished.counts.is_in(bare_words(field.question.split())):
        return None
    runs = read_runs([said.text], language, counting=True)
    if len(runs) != 1 or len(next(variants(runs[0]))) > 1:
        return None
    after = [word for word in runs[0].after if word not in words.between]
    if any(not is_one_of(word, language.number_kinds.counted | words.half) for word in after):
        return None
    if not after and runs[0].parts[-1].takes and not runs[0].parts[-1].written:
        return TurnReading(TurnEnd.ORDINARY, "a round number, which may go on", answers=True)
    return TurnReading(TurnEnd.COMPLETE, "how many there are", answers=True)


def _number(run: Run, field: LeadField, language: Language) -> TurnReading:
    """Of unknown length: told digit by digit where a number is asked for by that name."""
    told = next(variants(run))
    is_called_so = contains(field.question.split(), language.questions.number)
    if len(told) == 1 and (not is_called_so or len(told[0]) >= _LONG):
        return TurnReading(TurnEnd.ORDINARY, "a number of unknown length", answers=True)
    return TurnReading(TurnEnd.DICTATING, "digits of a number of unknown length", answers=True)


def _unasked(said: Said, run: Run, kind: Kind | None, plain: Sequence[str], language: Language) -> TurnReading | None:
    """A number in a sentence: of a house, of an order, of a telephone that nobody asked for."""
    digits = _digits(run)
    is_dialled = bool(run.sign) or digits.startswith("0")
    if read_phone(replace(said, asked="", earlier=()), language).number:
        return TurnReading(TurnEnd.ORDINARY, "whole telephone number, not asked for")
    in_groups = len(next(variants(run))) > 1
    if kind in (Kind.TIME, Kind.DATE) and not (is_dialled and len(digits) >= _LONG):
        return None
    if is_dialled or in_groups or (len(digits) >= _LONG and run.parts[-1].written):
        return TurnReading(TurnEnd.DICTATING, "digits that may go on")
    if said.asked == OTHER and len(digits) >= _NO_COUNT and len(plain) == 1:
        return TurnReading(TurnEnd.UNCERTAIN, "a group of digits, perhaps the first")
    return None


def _digits(run: Run) -> str:
    return "".join(next(variants(run)))


def _ends_in_half_a_digit(plain: Sequence[str], language: Language) -> bool:
    """Interims show a word before it is quite recognized: "zero thr"."""
    last = plain[-1]
    if len(plain) < 2 or len(last) < 2 or _is_number(last, language) or last in language.number_runs.between:
        return False
    return _is_number(plain[-2], language) and any(digit.startswith(last) for digit in language.numbers.digits)


def _ends_in_number(plain: Sequence[str], language: Language) -> bool:
    """Whether only what is said between digits stands behind the last of them."""
    if plain[-1] in language.number_kinds.counted and len(plain) > 1 and _is_number(plain[-2], language):
        return False  # "ten years", which are written like a two
    for word in reversed(plain):
        if _is_number(word, language) or _begins_more(word, language):
            return True
        if word not in language.number_runs.between:
            return False
    return False


def _is_number(word: str, language: Language) -> bool:
    return any(ch.isdigit() for ch in word) or number_word(word, language.numbers) is not None


def _begins_more(word: str, language: Language) -> bool:
    """ "Double", "star", "plus": a digit comes after it."""
    runs = language.number_runs
    return word in runs.star or word in runs.plus or word.removeprefix("ו") in runs.twice | runs.thrice
