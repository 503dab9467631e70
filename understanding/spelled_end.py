"""Whether a name is being spelled, and whether the word that it spells was said before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from calls.lead_fields import Kind, LeadField
from understanding.language import Language
from understanding.said import Said
from understanding.spelling import with_final_form
from understanding.turn_reading import TurnEnd, TurnReading
from understanding.words import quoted_words

_AS_IN: Final = "כמו"


def spelled_end(said: Said, field: LeadField | None, plain: Sequence[str], language: Language) -> TurnReading | None:
    """Letters told one by one; a single one only as the answer to the question for a name."""
    letters = language.names.letters
    asked_for_name = field is not None and field.name == said.asked and field.kind is Kind.NAME
    if asked_for_name and plain[0] in letters and _AS_IN in plain:
        return TurnReading(TurnEnd.DICTATING, "letters are being spelled, each with a word")
    count = 0
    while count < len(plain) and plain[-1 - count] in letters:
        count += 1
    # Some letters are called like words: "here", "eye".
    if count < 2 and not (asked_for_name and count == len(plain)):
        return None
    spelled = with_final_form("".join(letters[word] for word in plain[len(plain) - count :]))
    before = [*plain[: len(plain) - count], *quoted_words(" ".join((*said.earlier, *said.known.values())))]
    if spelled in before:
        return TurnReading(TurnEnd.ORDINARY, "a name spelled to its end")
    return TurnReading(TurnEnd.DICTATING, "letters are being spelled")
