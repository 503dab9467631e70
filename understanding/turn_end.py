"""Whether what a caller has said so far can be the whole turn.

Judged by the words alone, and by what was asked: a number that is whole, an answer with nothing left over, a sentence
that wants another word. Punctuation tells little: interims have none. Where the words leave it open, so does this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from calls.lead_fields import Kind, LeadField
from understanding.address_end import address_begun, address_goes_on, is_first_of_address
from understanding.answered import value_end, yes_no_end
from understanding.clauses import clauses_of, plain_words
from understanding.email_end import email_end
from understanding.language import Language
from understanding.number_end import number_end
from understanding.phrases import consist_of
from understanding.said import OTHER, Said
from understanding.sentence_end import sentence_end
from understanding.spelled_end import spelled_end
from understanding.turn_reading import TurnEnd, TurnReading
from understanding.unfinished import HUM, NOT, WANTING, unfinished, wants_a_noun

_LONG: Final = 3
"""Words. In more than these, "he has not repaired" has told what."""

__all__ = ["TurnEnd", "TurnReading", "turn_end"]


def turn_end(said: Said, field: LeadField | None, language: Language) -> TurnReading:
    """`field`: the one that `said.asked` names; None where that is none of ours."""
    plain = plain_words(clauses_of(said.text))
    if not plain:
        return TurnReading(TurnEnd.OPEN, "no words")
    open_because = unfinished(plain, language)
    if told := email_end(said, plain, language):
        return told
    dictated = spelled_end(said, field, plain, language) or number_end(said, field, plain, language)
    if dictated and (dictated.end is TurnEnd.DICTATING or not open_because):
        return dictated
    answer = yes_no_end(said, field, plain, language) if open_because in ("", WANTING) else None
    if answer and (not open_because or answer.answers):
        return answer
    if open_because:
        return _in_spite_of(open_because, said, field, plain, language)
    if answer := value_end(said, field, plain, language):
        return answer
    if wants_a_noun(plain, language):
        return TurnReading(TurnEnd.OPEN, "a noun that another follows")
    if begun := address_begun(plain, language):
        return begun
    if said.asked == OTHER and address_goes_on(plain, language):
        return TurnReading(TurnEnd.UNCERTAIN, "an address, perhaps not all of it")
    if is_first_of_address(said, plain, language):
        return TurnReading(TurnEnd.DICTATING, "the beginning of an address")
    return sentence_end(said, plain, language)


def _in_spite_of(
    reason: str, said: Said, field: LeadField | None, plain: Sequence[str], language: Language
) -> TurnReading:
    """Some names are words that hang ("to", "my"), and a question mark says that a question is over."""
    if field is not None and field.kind in (Kind.NAME, Kind.CHOICE) and reason != HUM:
        answer = value_end(said, field, plain, language)
        if answer and answer.answers and answer.end is TurnEnd.COMPLETE:
            return answer
    if reason != HUM and (said.text.rstrip().endswith("?") or consist_of(plain, language.turns.over.back_channels)):
        return TurnReading(TurnEnd.ORDINARY, "a question or a listener's word, perhaps all")
    if reason == WANTING and len(plain) > _LONG and plain[-2].removeprefix("ו") == NOT:
        return TurnReading(TurnEnd.UNCERTAIN, "what was not done, perhaps without its object")
    return TurnReading(TurnEnd.OPEN, reason)
