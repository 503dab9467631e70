"""What the system makes of an item: the reading of production, over the item's utterances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from calls.events import FieldValue
from calls.lead_fields import BY_NAME, CALLBACK_TIME, PHONE, LeadField, collected, understood
from evals.words.items import NOT_FIELDS, Item
from media_service.core.conversation import AssistantSettings, Conversation
from media_service.core.record.intake import IntakeTexts, next_reply
from understanding.persons import wants_person
from understanding.reading import learn_from
from understanding.said import OTHER, Said, Turn
from understanding.small_talk import is_farewell

PHONE_OTHER: Final = "phone_other"
# Not the name of a field anywhere: a question about none of ours.
_OTHERS: Final = ("other", "unknown", OTHER)
_NO_FIELDS: Final = frozenset({*_OTHERS, *NOT_FIELDS})


@dataclass(frozen=True, slots=True)
class Understood:
    fields: Mapping[str, FieldValue]
    before: Mapping[str, FieldValue]
    callback_at: tuple[datetime | None, datetime | None]
    """The moment or span that the time means."""
    intents: frozenset[str]
    """`farewell`, `human`, both or none."""
    reply_asks: str
    """The field that the next scripted reply asks for; `phone_other` for another number than the one that called."""


def understand(item: Item, texts: IntakeTexts) -> Understood:
    fields = _fields(item)
    before = {name: FieldValue(value, 1, quote=value) for name, value in item.known.items()}
    asked = OTHER if item.asked in _OTHERS else item.asked
    # Asked about what is known already is reading it back.
    question = item.question or item.known.get(item.asked, "")
    turns = [Turn("assistant", question, 2, asks=None if item.question else asked)]
    known = before
    for place, text in enumerate(item.texts, start=3):
        turn = Turn("caller", text, place, at=item.now)
        known = learn_from(known, turns, turn, item.caller_number, texts.language, fields)
        turns.append(turn)
    said = [_said(item, text) for text in item.texts]
    found = known.get(CALLBACK_TIME)
    return Understood(
        fields=known,
        before=before,
        callback_at=(found.at, found.until) if found else (None, None),
        intents=frozenset(
            name
            for name, is_meant in (
                ("farewell", is_farewell(said[-1], texts.language)),
                ("human", any(wants_person(each, texts.language) for each in said)),
            )
            if is_meant
        ),
        reply_asks=_reply_asks(item, turns, known, texts),
    )


def _said(item: Item, text: str) -> Said:
    return Said(text, item.asked, item.caller_number, known=item.known, at=item.now)


def _fields(item: Item) -> tuple[LeadField, ...]:
    """Everybody's, and those of the item's own: one named like a kind is of that kind."""
    own = {field.name for field in item.fields_to_collect}
    names = dict.fromkeys(name for name in (item.asked, *item.known, *item.expect) if name and name not in own)
    told = [name for name in names if name not in BY_NAME and name not in _NO_FIELDS]
    return understood((*item.fields_to_collect, *collected(told)[0]))


def _reply_asks(item: Item, turns: list[Turn], known: Mapping[str, FieldValue], texts: IntakeTexts) -> str:
    asked = tuple(field for field in _fields(item) if field.name == item.asked)
    settings = AssistantSettings(fields_to_collect=asked)
    reply = next_reply(Conversation(tuple(turns), settings, item.caller_number, known), texts)
    is_other = reply.asks == PHONE and reply.question == texts.phone_unknown
    return PHONE_OTHER if is_other else reply.asks
