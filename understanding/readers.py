"""What the readers of the kinds make of an utterance, in the shapes in which fields are filled from it.

For now they are made of the functions there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from understanding.language import Language
from understanding.names import name_in
from understanding.needs import text_in
from understanding.numbers import spoken_number
from understanding.said import Said
from understanding.times import time_in
from understanding.words import digits_in
from understanding.yes_no import says_no, says_yes


class YesNo(Enum):
    YES = "yes"
    NO = "no"
    YES_BUT = "yes_but"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class PhoneReading:
    number: str = ""
    others: tuple[str, ...] = ()
    incomplete: str = ""
    is_caller_number: bool = False
    wants_other: bool = False


@dataclass(frozen=True, slots=True)
class NumberReading:
    number: str = ""
    incomplete: str = ""


@dataclass(frozen=True, slots=True)
class NameReading:
    name: str = ""
    firm: str = ""
    is_correction: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class TimeReading:
    text: str = ""
    at: datetime | None = None
    until: datetime | None = None
    refused: bool = False


def yes_or_no(said: Said, language: Language) -> YesNo:
    if says_yes(said, language):
        return YesNo.YES
    return YesNo.NO if says_no(said, language) else YesNo.UNCLEAR


def read_phone(said: Said, language: Language) -> PhoneReading:
    digits = spoken_number(said.text, language.digits) or spoken_number(
        " ".join((*said.earlier, said.text)), language.digits
    )
    asked = said.asked == "phone"
    number = f"+972{digits[1:]}" if digits.startswith("0") else f"+{digits.lstrip('+')}" if digits else ""
    part = "".join(filter(str.isdigit, " ".join(language.digits.get(word, word) for word in said.words)))
    return PhoneReading(
        number=number,
        incomplete="" if number or not asked else part,
        is_caller_number=asked and bool(said.caller_number) and not number and says_yes(said, language),
        wants_other=asked and not number and says_no(said, language),
    )


def read_name(said: Said, language: Language) -> NameReading:
    answer = name_in(said, asked=said.asked == "name", language=language)
    return NameReading(answer.value if answer else "", is_correction=says_no(said, language))


def read_need(said: Said, language: Language) -> str:
    if read_name(said, language).name or read_phone(said, language).number:
        return ""
    answer = text_in(said, asked=said.asked in ("", "need"), language=language)
    return answer.value if answer else ""


def read_time(said: Said, language: Language, *, asked: bool = True) -> TimeReading:
    answer = time_in(said, asked=asked, language=language)
    return TimeReading(answer.value if answer else "")


def read_number(said: Said, language: Language) -> NumberReading:
    return NumberReading(digits_in(" ".join(language.digits.get(word, word) for word in said.words)))


def read_id_number(said: Said, language: Language) -> NumberReading:
    digits = digits_in(" ".join(language.digits.get(word, word) for word in said.words))
    return NumberReading(digits if len(digits) == 9 and said.asked == "id_number" else "")
