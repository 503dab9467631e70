"""How a field of each kind is read from an answer, and what proves a value of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol

from calls.events import CALLER_ID
from calls.lead_fields import BY_NAME, CALLBACK_TIME, NAME, NEED, PHONE, Kind, LeadField
from calls.phone_numbers import phone_number
from understanding.choices import choice_in
from understanding.free_text import text_in
from understanding.language import Language
from understanding.names import name_stands_in, read_name
from understanding.needs import read_need
from understanding.numbers import phone_stands_in, read_id_number, read_number, read_phone
from understanding.prefixes import stems
from understanding.said import Answer, Said
from understanding.small_talk import is_no_answer
from understanding.times import read_time
from understanding.words import bare_words, digits_in, starts_with
from understanding.yes_no import YesNo, yes_or_no

_PHONE_DIGITS: Final = 7
"""A value with so many digits is looked for as a number, also where it was spelled out in words."""
_SHORTEST: Final = 3
"""Letters. A shorter value stands in many sentences that do not mean it."""


class Read(Protocol):
    def __call__(self, said: Said, field: LeadField, language: Language) -> Answer | None:
        """The value in what was said. `said.asked` is the field's name where it was the question for it that was
        answered; the readers of the kinds know it by the name of everybody's field of that kind."""


def value_of(field: LeadField, said: Said, language: Language) -> Answer | None:
    """The field's value in what was said: unasked as well, where its kind can be told by itself."""
    return _READ[field.kind](said, field, language)


def stands_in(value: str, text: str, language: Language) -> bool:
    """Whether the value was said in this text, which is not the caller's."""
    if len(digits_in(value)) >= _PHONE_DIGITS or value.startswith("*"):
        return phone_stands_in(text, value) or _is_spelled_out(value, text, language)
    return len(value) >= _SHORTEST and name_stands_in(text, value)


def _is_spelled_out(value: str, text: str, language: Language) -> bool:
    """Whether the number is there in words."""
    if not has_number(text, language):
        return False
    spoken = read_phone(Said(text, PHONE), language)
    return value in (spoken.number, *spoken.others)


def has_number(text: str, language: Language) -> bool:
    """Whether there is a digit in it, or a word for a number. Most texts have none, and this costs next to nothing."""
    numbers = language.numbers.forms
    return any(word in numbers or not word.isalpha() for word in bare_words(text.split()) if word)


def can_mean(field: str, value: str, quote: str) -> bool:
    """Whether the quote proves the value of this field. `field` is one of ours."""
    return _PROVES[BY_NAME[field].kind](quote, value)


def _as_everybodys(said: Said, field: LeadField, name: str) -> Said:
    """As if the field were everybody's of this kind."""
    if field.name == name:
        return said
    asked = name if said.asked == field.name else ""
    return replace(said, asked=asked, known={name: said.known.get(field.name, "")})


def _text(said: Said, field: LeadField, language: Language) -> Answer | None:
    if field.name == NEED:
        text = read_need(said, language)
    else:
        text = text_in(said, field, language) if said.asked == field.name else ""
    return Answer(text) if text else None


def _name(said: Said, field: LeadField, language: Language) -> Answer | None:
    read = read_name(_as_everybodys(said, field, NAME), language)
    if not read.name or read.refused:
        return None
    return Answer(read.name, corrects=read.is_correction, firm=read.firm)


def _phone(said: Said, field: LeadField, language: Language) -> Answer | None:
    """A number that is told, or the one that called, if that is meant: the caller calls from it, which confirms it."""
    read = read_phone(_as_everybodys(said, field, PHONE), language)
    calling = phone_number(said.caller_number) or said.caller_number
    if read.number:
        return Answer(read.number, confirmed=read.number == calling, other=next(iter(read.others), ""))
    # "Yes" between two groups of digits is only a yes.
    if read.is_caller_number and calling and not read.incomplete:
        return Answer(calling, confirmed=True, source=CALLER_ID)
    known = said.known.get(field.name)
    return Answer(known, other=read.others[0]) if known and read.others else None


def _time(said: Said, field: LeadField, language: Language) -> Answer | None:
    asked = said.asked == field.name
    read = read_time(_as_everybodys(said, field, CALLBACK_TIME), language, asked=asked)
    return Answer(read.text, at=read.at, until=read.until) if read.text and not read.refused else None


def _yes_no(said: Said, field: LeadField, language: Language) -> Answer | None:
    if said.asked != field.name:
        return None
    kinds = language.kinds
    match yes_or_no(said, language):
        case YesNo.YES | YesNo.YES_BUT:
            return Answer(kinds.yes)
        case YesNo.NO:
            return Answer(kinds.no)
        case YesNo.UNCLEAR:
            words = language.answers.openings.after_leading([word for word in bare_words(said.words) if word])
            is_no = starts_with(words, kinds.there_is_none)
            is_yes = starts_with(words, kinds.there_is)
            return Answer(kinds.no) if is_no else Answer(kinds.yes) if is_yes else None


def _number(said: Said, field: LeadField, language: Language) -> Answer | None:
    if said.asked != field.name:
        return None
    number = read_number(said, language).number or _ordinal(said, language)
    return Answer(number) if number else None


def _ordinal(said: Said, language: Language) -> str:
    """ "On the third", of a floor."""
    if is_no_answer(said, language) or starts_with(said.words, language.kinds.no_text):
        return ""  # "one moment" is written like "the second"
    words = {stem for word in bare_words(said.words) for stem in stems(word)}
    places = enumerate(language.kinds.ordinals, start=1)
    return next((str(place) for place, names in places if any(word in words for (word,) in names)), "")


def _id_number(said: Said, field: LeadField, language: Language) -> Answer | None:
    number = read_id_number(_as_everybodys(said, field, Kind.ID_NUMBER.value), language).number
    return Answer(number) if number else None


def _choice(said: Said, field: LeadField, language: Language) -> Answer | None:
    choice = choice_in(said, field.choices, language) if said.asked == field.name else ""
    return Answer(choice) if choice else None


_READ: Final[Mapping[Kind, Read]] = {
    Kind.TEXT: _text,
    Kind.NAME: _name,
    Kind.PHONE: _phone,
    Kind.TIME: _time,
    Kind.DATE: _time,
    Kind.YES_NO: _yes_no,
    Kind.NUMBER: _number,
    Kind.ID_NUMBER: _id_number,
    Kind.CHOICE: _choice,
}


def _anything(quote: str, value: str) -> bool:
    return True


_PROVES: Final[Mapping[Kind, Callable[[str, str], bool]]] = {
    **dict.fromkeys(Kind, _anything),
    Kind.NAME: name_stands_in,
    Kind.PHONE: phone_stands_in,
    Kind.ID_NUMBER: phone_stands_in,
}
"""Whether a quote (first) can mean a value (second)."""
