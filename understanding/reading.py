"""Read the lead's fields from what the caller says, one utterance after another.

Remembers nothing: what was asked is read from what was said before. So it can begin at any utterance, and reading the
stored events again comes to what was understood while the caller spoke.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from calls.events import CALLER_ID, KEYPAD, FieldValue
from calls.lead_fields import CALLBACK_TIME, FIRM, LEAD_FIELDS, NAME, NEED, PHONE, Kind, LeadField
from understanding.fields import has_number, stands_in, value_of
from understanding.language import Language
from understanding.questions import Asked, last_asked
from understanding.said import OTHER, Answer, Said, Turn
from understanding.words import contains, digits_in, is_beginning, is_part
from understanding.yes_no import YesNo, yes_or_no

_TYPED: Final = frozenset({Kind.PHONE, Kind.NUMBER, Kind.ID_NUMBER})
_LIKE: Final = {
    Kind.DATE: Kind.TIME,
    Kind.ID_NUMBER: Kind.PHONE,
    Kind.NUMBER: Kind.PHONE,
}
"""The kind whose values look the same: an answer of the first is none of the second."""
_TOLD_UNASKED: Final = frozenset({NAME, PHONE, CALLBACK_TIME})
"""Taken wherever they are clearly given; anything else only as an answer."""
_LONGEST_QUOTE: Final = 500


def learn_from(
    known: Mapping[str, FieldValue],
    before: Sequence[Turn],
    turn: Turn,
    caller_number: str,
    language: Language,
    fields: Sequence[LeadField] = LEAD_FIELDS,
) -> dict[str, FieldValue]:
    """The fields after the caller's `turn`, `before` being everything said until then."""
    if not turn.can_teach:
        return dict(known)
    asked = last_asked(before, language, fields, known)
    said = said_in(turn, asked, known, caller_number)
    shown = asked.read_back
    learned = dict(known)
    told = _told(said, turn, language, fields)
    if PHONE in shown and PHONE in told and told[PHONE].source == CALLER_ID:
        del told[PHONE]  # the yes was to the number that was read back
    for name in shown & told.keys():
        if not told[name].corrects and is_part(told[name].value, known[name].value):
            del told[name]  # of what was read back a part is said again: "yes, at ten"
    for name, answer in told.items():
        learned[name] = _learned(name, answer, known.get(name), asked, turn, language)
    return learned | _agreed(said, known, shown - told.keys(), told, language)


def read_again(
    lines: Sequence[Turn], caller_number: str, language: Language, fields: Sequence[LeadField] = LEAD_FIELDS
) -> dict[str, FieldValue]:
    """The fields after a whole conversation. What was kept of a line when it was said stands: more was known of it."""
    known: dict[str, FieldValue] = {}
    for place, line in enumerate(lines):
        if line.speaker == "caller":
            known = learn_from(known, lines[:place], line, caller_number, language, fields) | dict(line.fields)
    return known


def said_in(turn: Turn, asked: Asked, known: Mapping[str, FieldValue], caller_number: str) -> Said:
    """The utterance as the readers of the kinds see it."""
    return Said(
        text=turn.text,
        asked=asked.field,
        caller_number=caller_number,
        earlier=tuple(each.text for each in asked.earlier if each.can_teach),
        known={name: found.value for name, found in known.items()},
        at=turn.at,
    )


def taught(before: Mapping[str, FieldValue], after: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """What is new or changed."""
    return {name: found for name, found in after.items() if before.get(name) != found}


def _told(said: Said, turn: Turn, language: Language, fields: Sequence[LeadField]) -> dict[str, Answer]:
    """The values in what was said, by field."""
    told: dict[str, Answer] = {}
    asked = next((field for field in fields if field.name == said.asked), None)
    for field in fields:
        if turn.typed and field.kind not in _TYPED:
            continue
        if field is not asked and not (
            _may_be_told_unasked(field, asked, said, language)
            and (field.kind not in _TYPED or has_number(said.text, language))
        ):
            continue
        if answer := value_of(field, said, language):
            told[field.name] = answer
            if answer.firm and field.name == NAME:
                told.setdefault(FIRM, Answer(answer.firm))
    return told


def _may_be_told_unasked(field: LeadField, asked: LeadField | None, said: Said, language: Language) -> bool:
    if field.name == NEED:
        return asked is None or asked.kind is not Kind.TEXT
    if field.kind is Kind.ID_NUMBER:
        return asked is None or asked.kind not in (Kind.ID_NUMBER, Kind.NUMBER)
    if field.name not in _TOLD_UNASKED:
        return False
    if asked is not None and field.kind in (asked.kind, _LIKE.get(asked.kind)):
        return field.name == PHONE and asked.kind is not Kind.PHONE and _names_a_telephone(said, language)
    # The answer to "what is the number of your flat?".
    return not (field.name == PHONE and said.asked == OTHER) or _names_a_telephone(said, language)


def _names_a_telephone(said: Said, language: Language) -> bool:
    words = language.questions
    return contains(said.words, words.telephones) or contains(said.words, words.telephone_words)


def _learned(
    name: str, answer: Answer, old: FieldValue | None, asked: Asked, turn: Turn, language: Language
) -> FieldValue:
    """The field after this answer: a correction beats what was there, what was only said beside it does not."""
    if old is None:
        return _evidence(answer, turn, _quote(answer, old, asked, turn, language))
    if answer.value == old.value:
        found = replace(old, other=answer.other or old.other)
        return replace(found, confirmed=True) if answer.confirmed or turn.typed else found
    goes_on = any((each.leg, each.seq) == (old.leg, old.seq) for each in asked.earlier)
    if name == NEED and not goes_on and not is_beginning(old.value, answer.value):
        return old  # the first answer stands: what is said to it later explains it
    if old.confirmed and not (asked.field == name or answer.corrects or answer.confirmed or turn.typed):
        return replace(old, other=answer.value)
    return _evidence(answer, turn, _quote(answer, old, asked, turn, language))


def _evidence(answer: Answer, turn: Turn, quote: str) -> FieldValue:
    return FieldValue(
        value=answer.value,
        seq=max(1, turn.seq),
        confirmed=answer.confirmed or turn.typed,
        leg=turn.leg,
        quote=quote,
        confidence=turn.confidence,
        source=KEYPAD if turn.typed else answer.source,
        other=answer.other,
        at=answer.at,
        until=answer.until,
    )


def _quote(answer: Answer, old: FieldValue | None, asked: Asked, turn: Turn, language: Language) -> str:
    """The words that say so: with those of before, where it was said in several breaths or corrected in part."""
    if answer.source == CALLER_ID or not (asked.earlier or old) or stands_in(answer.value, turn.text, language):
        return turn.text
    breaths = [each.text for each in asked.earlier if each.can_teach]
    while breaths and stands_in(answer.value, " ".join([*breaths[1:], turn.text]), language):
        del breaths[0]
    before = breaths or ([old.quote] if old and digits_in(answer.value) else [])
    return " ".join(filter(None, [*before, turn.text]))[-_LONGEST_QUOTE:]


def _agreed(
    said: Said,
    known: Mapping[str, FieldValue],
    shown: frozenset[str],
    told: Mapping[str, Answer],
    language: Language,
) -> dict[str, FieldValue]:
    """What a yes confirms, or a no takes back, of the values that were read back and not corrected."""
    asked = said.asked
    offered = known[asked].source == CALLER_ID if asked in known and asked not in told else False
    if not shown and not offered:
        return {}
    answer = yes_or_no(said, language)
    if answer is YesNo.YES:
        return {name: replace(known[name], confirmed=True) for name in shown}
    if answer in (YesNo.NO, YesNo.YES_BUT) and (asked in shown or offered):
        return {asked: replace(known[asked], confirmed=False)}
    return {}
