"""The scripted intake: ask for what the caller needs, the name, a number and a time, one after the other.

It answers every call when `REPLY_ENGINE=script`, and takes over a turn when Gemini fails. It remembers nothing: what
was asked is read from what was said, so it can take over at any turn, also after a reconnection. What the caller's
words mean is not decided here, but in `understanding`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calls.events import FieldValue
from calls.lead_fields import BY_NAME, CALLBACK_TIME, LEAD_FIELDS, NAME, PHONE
from media_service.core.conversation import Conversation, Turn
from understanding.language import Language
from understanding.persons import wants_person
from understanding.questions import asked_field, last_asked
from understanding.said import Said
from understanding.small_talk import is_farewell
from understanding.yes_no import says_no

_ATTEMPTS = 2
"""How often a thing is asked before the conversation goes on without it."""


@dataclass(frozen=True, slots=True)
class IntakeTexts:
    """What the intake says (`texts/he.toml`), and the language in which it is answered."""

    language: Language
    phone_unknown: str
    """The question for a number where there is none that we could call back on."""
    retry: str
    acknowledged: Mapping[str, str]
    """By field, what is said when it was just told; `{value}` is filled in. A field may go without."""
    person_wanted: str
    goodbye: str
    goodbye_unknown_name: str
    default_callback: str


def next_reply(conversation: Conversation, texts: IntakeTexts) -> tuple[str, bool]:
    """What to say to the caller's last words, and whether that ends the call."""
    fields, language = conversation.fields, texts.language
    said = conversation.turns[-1].text if conversation.turns else ""
    asked = last_asked(conversation.turns[:-1], language)
    wanted = [name for name in conversation.settings.fields_to_collect if name in BY_NAME] or list(BY_NAME)
    missing = [
        name for name in wanted if name not in fields and _times_asked(conversation.turns, name, language) < _ATTEMPTS
    ]
    if is_farewell(said, language) or not missing:
        return _goodbye(fields, texts), True
    field = missing[0]
    lead = _acknowledgement(asked, field, said, fields, texts)
    refused_number = field == PHONE and asked == PHONE and says_no(Said(said), language)
    question = language.fields[field].question
    if field == PHONE and (refused_number or not conversation.caller_number):
        question = texts.phone_unknown
        lead = "" if refused_number else lead
    return f"{lead} {question}".strip(), False


def _acknowledgement(asked: str, field: str, said: str, fields: Mapping[str, FieldValue], texts: IntakeTexts) -> str:
    """What comes before the question for `field`."""
    if wants_person(said, texts.language):
        return texts.person_wanted
    if field == asked:
        return texts.retry
    told = asked or next(opening.name for opening in LEAD_FIELDS if opening.opens_calls)
    return texts.acknowledged.get(told, "").format(value=fields[told].value) if told in fields else ""


def _goodbye(fields: Mapping[str, FieldValue], texts: IntakeTexts) -> str:
    time = fields[CALLBACK_TIME].value if CALLBACK_TIME in fields else texts.default_callback
    if NAME not in fields:
        return texts.goodbye_unknown_name.format(callback_time=time)
    return texts.goodbye.format(name=fields[NAME].value, callback_time=time)


def _times_asked(turns: Sequence[Turn], field: str, language: Language) -> int:
    return sum(1 for turn in turns if turn.speaker == "assistant" and asked_field(turn.text, language) == field)
