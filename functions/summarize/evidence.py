"""Whether a quote proves what a model claims to have read in it.

Pure. A value is made of words that were said: digits may stand there as words and the other way round, and one letter
that Hebrew writes together with a word may be more or less. What cannot be found is not believed, however likely it is.
"""

from __future__ import annotations

from typing import Final

from calls.lead_fields import BY_NAME, CALLBACK_TIME, NAME, PHONE
from understanding.fields import can_mean
from understanding.language import Language
from understanding.numbers import phone_stands_in, read_number
from understanding.said import Said
from understanding.times import read_time
from understanding.words import digits_in, quoted_words

_PREFIXES: Final = frozenset("הובלמשכ")


def proves(quote: str, name: str, value: str, language: Language) -> bool:
    """Whether the quote, which the caller said, can mean this value of the field."""
    if name == PHONE:
        return can_mean(name, value, quote) or phone_stands_in(quote, value, language)
    if name == NAME:
        return can_mean(name, value, quote) and not digits_in(value)
    if name in BY_NAME and not can_mean(name, value, quote):
        return False
    return _words_stand_in(quote, value, language) or (name == CALLBACK_TIME and _same_time(quote, value, language))


def _words_stand_in(quote: str, value: str, language: Language) -> bool:
    said = set[str]().union(*(_forms(word, language) for word in quoted_words(quote)))
    # "ב-5": the letter is written apart from the number, and never said alone.
    wanted = [word for word in quoted_words(value) if word not in _PREFIXES]
    return bool(wanted) and all(said & _forms(word, language) for word in wanted)


def _forms(word: str, language: Language) -> set[str]:
    """The word, without the letter before it, and as digits where it is a number."""
    forms = {word}
    if len(word) > 2 and word[0] in _PREFIXES:
        forms.add(word[1:])
    return forms | {number for form in forms if (number := read_number(Said(form), language).number)}


def _same_time(quote: str, value: str, language: Language) -> bool:
    """ "10:30" for "half past ten": both are the same time to whoever reads times."""
    asked = CALLBACK_TIME
    meant, claimed = (read_time(Said(text, asked), language).text for text in (quote, value))
    return bool(claimed) and meant == claimed
