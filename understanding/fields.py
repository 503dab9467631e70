"""How a field of each kind is read from an answer, and what proves a value of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from calls.lead_fields import BY_NAME, Kind
from understanding.language import Language
from understanding.names import name_in, name_stands_in
from understanding.needs import text_in
from understanding.numbers import phone_in, phone_stands_in
from understanding.said import Answer, Said
from understanding.times import time_in


class Read(Protocol):
    def __call__(self, said: Said, *, asked: bool, language: Language) -> Answer | None:
        """The value in what was said; `asked`: it was the question for this field that was answered."""


@dataclass(frozen=True, slots=True)
class Rules:
    read: Read
    stands_in: Callable[[str, str], bool]
    """Whether a quote (first) can mean a value (second)."""


def _anything(quote: str, value: str) -> bool:
    return True


RULES: Final[Mapping[Kind, Rules]] = {
    Kind.TEXT: Rules(text_in, _anything),
    Kind.NAME: Rules(name_in, name_stands_in),
    Kind.PHONE: Rules(phone_in, phone_stands_in),
    Kind.TIME: Rules(time_in, _anything),
}


def can_mean(field: str, value: str, quote: str) -> bool:
    """Whether the quote proves the value of this field. `field` is one of ours."""
    return RULES[BY_NAME[field].kind].stands_in(quote, value)
