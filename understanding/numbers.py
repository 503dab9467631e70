"""The telephone number in what a caller says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from understanding.language import Language
from understanding.said import Answer, Said
from understanding.words import bare, digits_in
from understanding.yes_no import says_yes

_NATIONAL_NUMBER: Final = re.compile(r"(?:\+?972|0)[0-9]{8,9}\Z")
_SEPARATORS: Final = re.compile(r"[\s\-,.]+")
_AND: Final = "ו"

_DIGITS_COMPARED: Final = 9
"""The national and the international form of a number share these."""
_FEWEST_DIGITS: Final = 2


def phone_in(said: Said, *, asked: bool, language: Language) -> Answer | None:
    """A number that is spoken, or a yes to being called back on the one that called."""
    if number := spoken_number(said.text, language.digits):
        return Answer(number, confirmed=True)
    if asked and said.caller_number and says_yes(said, language):
        return Answer(said.caller_number, confirmed=True)
    return None


def spoken_number(text: str, digit_words: Mapping[str, str]) -> str:
    """The telephone number in a sentence, as digits; spoken as digits, in groups or in words. "" if there is none."""
    run, best = "", ""
    for word in _SEPARATORS.split(text):
        digits = word if word.isascii() and word.lstrip("+").isdigit() else digit_words.get(bare(word), "")
        if not digits and bare(word).startswith(_AND):
            digits = digit_words.get(bare(word)[1:], "")
        run = run + digits if digits else ""
        if _NATIONAL_NUMBER.match(run):
            best = run
    return best


def phone_stands_in(quote: str, value: str) -> bool:
    """A number is repeated and not interpreted, so its digits stand in the quote."""
    wanted = digits_in(value)[-_DIGITS_COMPARED:]
    return len(wanted) >= _FEWEST_DIGITS and wanted in digits_in(quote)
