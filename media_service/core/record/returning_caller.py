"""A caller who has called before: greeted by name, and asked whether what is known still is so.

What earlier calls told is not what this call told: it stands in `Conversation.earlier`, and becomes a field of this
call when the caller says yes to it, or puts it right, in words of this call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from calls.events import RULE, FieldValue
from calls.lead_fields import CALLBACK_TIME, NAME, NEED, PHONE, Kind, LeadField
from calls.phone_numbers import phone_number
from media_service.core.conversation import Conversation, Turn
from media_service.core.record.spoken_number import DigitTexts, spoken_number
from understanding.fields import stands_in
from understanding.language import Language
from understanding.names import read_name
from understanding.questions import last_asked, question_for
from understanding.reading import learn_from
from understanding.said import Said

_OF_ONE_CALL: Final = frozenset({NEED, CALLBACK_TIME})
_PASSING: Final = frozenset({Kind.TIME, Kind.DATE})
# Whoever calls under a number, which can be forged, hears what is read back.
_SECRET: Final = frozenset({Kind.ID_NUMBER})


@dataclass(frozen=True, slots=True)
class ReturningTexts:
    """`{value}` is what is known."""

    greeting: str
    name: str
    phone: str
    other: str
    """Of any other field; `{question}` is the question for it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An utterance of the caller, and what it is read by: see `understanding.reading.learn_from`."""

    before: Sequence[Turn]
    turn: Turn
    caller_number: str
    language: Language
    fields: Sequence[LeadField]

    def learn(self, known: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
        return learn_from(known, self.before, self.turn, self.caller_number, self.language, self.fields)


def lasting(earlier: Mapping[str, FieldValue], fields: Iterable[LeadField]) -> dict[str, FieldValue]:
    """What may be so still, and may be said: the need and the time of a call were that call's."""
    left_out = _PASSING | _SECRET
    named = {field.name for field in fields if field.name not in _OF_ONE_CALL and field.kind not in left_out}
    return {name: found for name, found in earlier.items() if name in named}


def learned(
    known: Mapping[str, FieldValue], earlier: Mapping[str, FieldValue], reading: Reading
) -> dict[str, FieldValue]:
    """The fields of this call after the caller's turn."""
    told = reading.learn(known)
    # Not confirmed in this call, whatever was confirmed in another.
    offered = {name: replace(found, confirmed=False) for name, found in earlier.items() if name not in known}
    if not offered:
        return told
    with_offered = reading.learn({**offered, **known})
    asked = last_asked(reading.before, reading.language, reading.fields, {**offered, **known}).field
    turn = reading.turn
    for name, found in offered.items():
        now = with_offered[name]
        is_agreed = now.confirmed and now.value == found.value and name == asked
        if is_agreed or now.value != found.value:
            now = replace(now, seq=max(1, turn.seq), leg=turn.leg, quote=turn.text, confidence=turn.confidence)
            told[name] = replace(now, source=RULE) if is_agreed else now
    return told


def name_to_greet(conversation: Conversation, language: Language) -> str:
    """The name under which the caller is known for sure; "" for nobody, and for somebody who says to be another."""
    found = conversation.earlier.get(NAME)
    if found is None or not found.confirmed or NAME in conversation.fields:
        return ""
    return "" if _is_denied(found.value, conversation.turns, language) else found.value


def greeting(conversation: Conversation, language: Language, texts: ReturningTexts) -> str:
    """What the first reply begins with; "" for a caller who is not known by name, or has heard it."""
    name = name_to_greet(conversation, language)
    said = (turn.text for turn in conversation.turns if turn.speaker != "caller")
    return (
        texts.greeting.format(value=name) if name and not any(stands_in(name, each, language) for each in said) else ""
    )


def read_back_of(
    field: LeadField, conversation: Conversation, language: Language, texts: ReturningTexts, digits: DigitTexts
) -> str:
    """The question whether what is known of this field still is so; "" where it has to be asked for."""
    found = conversation.earlier.get(field.name)
    if found is None or field.name in conversation.fields:
        return ""
    if field.name == PHONE:
        # Whether it is the one that calls is asked without reading out ten digits.
        is_calling = found.value == phone_number(conversation.caller_number)
        return "" if is_calling else texts.phone.format(value=spoken_number(found.value, digits))
    text = texts.name if field.name == NAME else texts.other
    # Where a yes could not be told to be a yes to this value ("3", "yes"), it is asked for.
    question = text.format(question=question_for(field, language), value=found.value)
    return question if stands_in(found.value, question, language) else ""


def _is_denied(name: str, turns: Sequence[Turn], language: Language) -> bool:
    """Whether the caller said: that is not me."""
    for turn in turns:
        if turn.speaker == "caller" and turn.can_teach:
            reading = read_name(Said(turn.text, known={NAME: name}), language)
            if reading.is_correction and not reading.name:
                return True
    return False
