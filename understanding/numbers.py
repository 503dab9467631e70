"""The numbers in what a caller says: to be called back on, of an identity card, or of anything counted.

Pure: the same words come to the same number, live and when the stored events are read again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from calls.lead_fields import BY_NAME, PHONE
from understanding.clauses import clauses_of
from understanding.dictation import dictate
from understanding.digit_runs import Run, read_runs, variants
from understanding.id_numbers import identity_number
from understanding.language import Language
from understanding.number_kinds import NumberKind, is_one_of, kind_of
from understanding.number_tables import CallbackWords
from understanding.said import Said
from understanding.telephone import ISRAEL, national, telephone
from understanding.words import bare_words, digits_in
from understanding.yes_no import YesNo, yes_or_no

_DIGITS_COMPARED: Final = 9
"""The national and the international form of a number share these."""
_FEWEST_DIGITS: Final = 2
_FEWEST_HEARD: Final = 7
"""Digits. Fewer of them, where no number was asked for, are not one that was begun."""
_DECIMAL: Final = re.compile(r"(?<![0-9.,])[0-9]+\.[0-9]+(?![0-9.])")
_NO: Final = "לא"
_SERVICE_OR_STAR: Final = re.compile(r"\*|1[0-9]{9}\Z")


@dataclass(frozen=True, slots=True)
class PhoneReading:
    number: str = ""
    """What this utterance gives, completes or corrects: +E.164, or as dialled where there is no such form (1-700,
    star numbers). "" if it does none of that."""
    others: tuple[str, ...] = ()
    """Numbers given beside it."""
    incomplete: str = ""
    """The digits said so far, with their sign, if they are one short, one too many, or the rest is still to come."""
    is_caller_number: bool = False
    """The number that called is meant: a yes to being called back on it, or "this number"."""
    wants_other: bool = False
    """Another number than the one asked about is meant, and not told yet."""


@dataclass(frozen=True, slots=True)
class NumberReading:
    number: str = ""
    incomplete: str = ""
    """The digits that were said, if they are no number of the kind."""


def read_phone(said: Said, language: Language, field: str = PHONE) -> PhoneReading:
    """`field`: the one that the number is for. A number is also taken unasked, if it can be nothing else."""
    asked = said.asked == field
    utterances = [*said.earlier, said.text]
    runs = [
        run for run in read_runs(utterances, language, is_whole=_is_phone) if _may_be_phone(run, said, asked, language)
    ]
    known = national(said.known.get(field, "")) if asked else ""
    dictated = dictate(runs, telephone, language.number_runs, known)
    here = len(utterances) - 1
    number = dictated.number if dictated.changed_at == here else ""
    others = tuple(dictated.others) if dictated.others_at == here else ()
    incomplete = ""
    if not dictated.number and (asked or len(dictated.digits) >= _FEWEST_HEARD):
        incomplete = dictated.sign + dictated.digits
    if number or dictated.changed_at == here:
        return PhoneReading(number, others, incomplete)
    is_caller_number, wants_other = _which_is_meant(said, asked=asked, known=known, language=language)
    return PhoneReading("", others, incomplete, is_caller_number, wants_other and not others)


def read_id_number(said: Said, language: Language, field: str = "id_number") -> NumberReading:
    """An identity number, asked for or called so; nine digits, the last of which proves the others."""
    asked = said.asked == field
    utterances = [*said.earlier, said.text]
    runs = [
        run for run in read_runs(utterances, language, is_whole=_is_identity) if _may_be_identity(run, asked, language)
    ]
    dictated = dictate(runs, identity_number, language.number_runs, said.known.get(field, "") if asked else "")
    if dictated.changed_at != len(utterances) - 1:
        return NumberReading()
    return NumberReading(dictated.number) if dictated.number else NumberReading("", dictated.digits)


def read_number(said: Said, language: Language) -> NumberReading:
    """A plain number: counted, or dictated digit by digit. A half is kept ("3.5")."""
    words = language.number_runs
    if decimal := _DECIMAL.search(said.text):
        return NumberReading(decimal[0])
    # "Nobody", "each": one of the words for 1 that count nothing.
    runs = [run for run in read_runs([said.text], language, counting=True) if run.direct not in words.not_counts]
    if not runs:
        return NumberReading()
    corrected = [run for run in runs[1:] if any(word in words.corrections for word in run.before)]
    run = corrected[-1] if corrected else runs[0]
    groups = next(variants(run))
    # "Not three, four": what comes after the no is taken back.
    digits = groups[-1] if run.direct in words.negations and len(groups) > 1 else "".join(groups)
    half = bool(run.after) and is_one_of(run.after[0], words.half)
    return NumberReading(f"{digits}.5" if half else digits)


def phone_stands_in(quote: str, value: str, language: Language | None = None) -> bool:
    """Whether a quote proves a number: it is repeated and not interpreted, so its digits stand there.

    As digits, or in the words of `language`; but not as the number of something else than a telephone.
    """
    wanted = digits_in(value)[-_DIGITS_COMPARED:]
    if len(wanted) < _FEWEST_DIGITS:
        return False
    if language is None:
        return wanted in digits_in(quote)
    found = read_runs([quote], language, is_whole=_is_phone)
    runs = [run for run in found if kind_of(run, language) is not NumberKind.OTHER]
    if wanted in "".join(digits for run in runs for digits in next(variants(run))):
        return True
    dictated = dictate(runs, telephone, language.number_runs)
    numbers = (dictated.number, *dictated.others, *("".join(groups) for run in runs for groups in variants(run)))
    return any(digits_in(number)[-_DIGITS_COMPARED:] == wanted for number in numbers)


def _is_phone(digits: str, sign: str) -> bool:
    number = telephone(digits, sign)
    # Numbers abroad have no fixed length: more of one may follow.
    return bool(number) and (sign != "+" or number.startswith(f"+{ISRAEL}"))


def _is_identity(digits: str, sign: str) -> bool:
    # Eight digits may be an identity number without its zero, or the beginning of one.
    return identity_number(digits, sign) == digits


def _may_be_phone(run: Run, said: Said, asked: bool, language: Language) -> bool:
    kind = kind_of(run, language)
    digits = "".join(next(variants(run)))
    whole = telephone(digits, run.sign)
    if kind is NumberKind.OTHER:
        return False
    if whole:
        sure = bool(run.sign) or whole.startswith(f"+{ISRAEL}") or bool(_SERVICE_OR_STAR.match(whole))
        return asked or kind is NumberKind.PHONE or (sure and (not said.asked or said.asked in BY_NAME))
    if kind is NumberKind.COUNT and not (asked and digits.startswith("0")):
        return False
    return asked or kind is NumberKind.PHONE or (bool(run.sign) or digits.startswith("0"))


def _may_be_identity(run: Run, asked: bool, language: Language) -> bool:
    called_so = any(is_one_of(word, language.number_kinds.identity) for word in (*run.before, *run.after))
    kind = kind_of(run, language)
    return called_so or (asked and kind is not NumberKind.PHONE and kind is not NumberKind.COUNT)


def _names_this(plain: list[str], words: CallbackWords) -> bool:
    """Whether the number that called is named, and not only to say that it is no good: "this number is cut off"."""
    for start in range(len(plain)):
        if size := words.this_number.at_start(plain, start):
            denied = words.do_not.is_in(plain[:start]) or plain[:start][-1:] == [_NO]
            return not denied and not words.no_good.at_start(plain, start + size)
    return False


def _which_is_meant(said: Said, *, asked: bool, known: str, language: Language) -> tuple[bool, bool]:
    """Whether the number that called is meant, and whether another one is."""
    words = language.callback
    plain = [word for word in bare_words(said.words) if word]
    if not asked and not words.call_back.is_in(plain):
        return False, False
    answer = yes_or_no(said, language) if asked else YesNo.UNCLEAR
    another = words.other_number.is_in(plain)
    asks = said.text.rstrip().endswith("?") and language.answers.asks.at_start(plain)
    this = any(_names_this(clause.plain, words) for clause in clauses_of(said.text)) and not another and not asks
    # "Yes, but": the rest is still to come. "Yes, but in the evening": a yes to the number all the same.
    breaks_off = language.answers.changes.at_end(plain) > 0
    agrees = not known and not another and (answer is YesNo.YES or (answer is YesNo.YES_BUT and not breaks_off))
    wants_other = not this and (another or answer is YesNo.NO) and not words.refusals.is_in(plain)
    return bool(said.caller_number) and (this or agrees), wants_other
