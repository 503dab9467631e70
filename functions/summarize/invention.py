"""Whether the text of a summary repeats what its model has made up, or was told to write.

Pure. A sentence cannot be checked as a whole, but what people act on can: a name, a time or a number that the model
claimed and could not prove, and any telephone number that nobody said. Such a text is not believed at all. The
assistant is a model too: what it says proves no name and no number, only a time, which a caller may have agreed to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from calls.events import UtteranceFinal
from calls.lead_fields import CALLBACK_TIME, NAME, PHONE
from calls.phone_numbers import phone_number
from understanding.words import quoted_words

from .outcome import Outcome

_ACTED_ON: Final = (NAME, PHONE, CALLBACK_TIME)
_NUMBER: Final = re.compile(r"\+?\d[\d\-–() ]{5,}\d")


Orders = Sequence[Collection[str]]
"""Groups of words; an utterance with one of each is spoken to a model and proves nothing."""


def is_order(text: str, orders: Orders) -> bool:
    words = set(quoted_words(text))
    return bool(orders) and all(words & set(group) for group in orders)


def repeats_invention(summary: str, unproven: Mapping[str, str], outcome: Outcome, orders: Orders = ()) -> bool:
    """`unproven`: values that the model claimed, by field, and that do not stand in the caller's words."""
    text = quoted_words(summary)
    for name in _ACTED_ON:
        value = quoted_words(unproven.get(name, ""))
        spoken = outcome.utterances if name == CALLBACK_TIME else _by_people(outcome)
        rows = [quoted_words(said.text) for said in spoken if not is_order(said.text, orders)]
        if value and _stands_in(value, text) and not any(_stands_in(value, words) for words in rows):
            return True
    return not _numbers_in(summary) <= _known_numbers(outcome)


def _by_people(outcome: Outcome) -> tuple[UtteranceFinal, ...]:
    return tuple(said for said in outcome.utterances if said.speaker != "assistant")


def _stands_in(value: list[str], words: list[str]) -> bool:
    return any(words[start : start + len(value)] == value for start in range(len(words) - len(value) + 1))


def _numbers_in(text: str) -> set[str]:
    """Telephone numbers. A date, a price or the number of an order is none."""
    return {number for found in _NUMBER.findall(text) if (number := phone_number(found)).startswith("+")}


def _known_numbers(outcome: Outcome) -> set[str]:
    """Those that were said, in digits or in words, and the one that called."""
    known = set[str]().union(*(_numbers_in(said.text) for said in _by_people(outcome)))
    told = [value for field in outcome.told_to_service.values() for value in (field.value, field.other)]
    if outcome.parties:
        told.append(outcome.parties.from_number)
    return known | {phone_number(value) for value in told}
