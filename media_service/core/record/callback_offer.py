"""A wish to be called back when nobody can: the next possible time is offered, and nothing else is promised.

The wish stays the field's value, as it was said. Its moment (`at`) is one that can be kept: the wished one, or the one
that the caller agreed to; none until then. A person who answers (listen mode) may promise what they like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from calls.events import FieldValue
from calls.lead_fields import CALLBACK_TIME
from media_service.core.conversation import Conversation, Turn
from media_service.core.record.returning_caller import Reading
from understanding.language import Language
from understanding.opening_hours import OpeningHours, next_possible
from understanding.questions import last_asked
from understanding.reading import said_in
from understanding.said import Said
from understanding.spoken_times import spoken_time
from understanding.times import TimeReading, read_time
from understanding.yes_no import YesNo, yes_or_no

_SENTENCES: Final = re.compile(r"[^.!?\n]+[.!?]*")


@dataclass(frozen=True, slots=True)
class OfferTexts:
    not_then: str
    question: str
    """`{value}` is the time offered."""


@dataclass(frozen=True, slots=True)
class Wish:
    promised: str = ""
    """When the caller is called back, in words; "" where nothing was agreed."""
    offer: str = ""
    """The next possible time, in words, where the wished one is not, and no other was agreed to."""


def promised(
    known: Mapping[str, FieldValue], told: dict[str, FieldValue], reading: Reading, hours: OpeningHours | None
) -> dict[str, FieldValue]:
    """The fields after the caller's turn: `told`, with no moment that cannot be kept, and with the one agreed to."""
    found, now = told.get(CALLBACK_TIME), reading.turn.at
    if found is None or now is None or any(turn.speaker == "callee" for turn in reading.before):
        return told
    is_told_now = (found.leg, found.seq) == (reading.turn.leg, reading.turn.seq)
    if is_told_now and found.at is not None:
        if next_possible(found.at, found.until, hours, now).kept:
            return told
        return told | {CALLBACK_TIME: replace(found, at=None, until=None, confirmed=False)}
    if is_told_now or found.at is not None or not (offered := _agreed_to(known, reading, now)):
        return told
    if offered.at is None or not next_possible(offered.at, offered.until, hours, now).kept:
        return told
    return told | {CALLBACK_TIME: replace(found, at=offered.at, until=offered.until, confirmed=True)}


def wish_in(conversation: Conversation, language: Language) -> Wish:
    """What can be said of the time that the caller wished; nothing where none was."""
    found = conversation.fields.get(CALLBACK_TIME)
    if found is None:
        return Wish()
    said_at = next((turn.at for turn in conversation.turns if _is_quoted(found, turn)), None)
    wished = read_time(Said(found.value, CALLBACK_TIME, at=said_at), language)
    if said_at is None or wished.at is None:
        return Wish(found.value)
    hours, now = conversation.settings.hours, conversation.turns[-1].at or said_at
    if next_possible(wished.at, wished.until, hours, said_at).kept:
        return Wish(found.value)
    if found.at is not None:
        return Wish(spoken_time(found.at, now, language.spoken_times))
    soonest = next_possible(wished.at, wished.until, hours, now).at
    return Wish(offer=spoken_time(soonest, now, language.spoken_times))


def _agreed_to(known: Mapping[str, FieldValue], reading: Reading, now: datetime) -> TimeReading | None:
    """The time in the question to which the caller says yes, whoever worded it."""
    asked = last_asked(reading.before, reading.language, reading.fields, known)
    if asked.field != CALLBACK_TIME or not reading.turn.can_teach:
        return None
    said = said_in(reading.turn, asked, known, reading.caller_number)
    if yes_or_no(said, reading.language) is not YesNo.YES:
        return None
    question = next((turn.text for turn in reversed(reading.before) if turn.speaker != "caller"), "")
    # "Not on Saturday. On Sunday at nine?": the last time is the one that is offered.
    for sentence in reversed(_SENTENCES.findall(question)):
        if (time := read_time(Said(sentence, CALLBACK_TIME, at=now), reading.language)).text:
            return time
    return None


def _is_quoted(found: FieldValue, turn: Turn) -> bool:
    return (turn.leg, turn.seq, turn.speaker) == (found.leg, found.seq, "caller")
