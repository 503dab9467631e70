"""The scripted intake: ask for what the business wants to know, one thing after the other, and read numbers back.

It answers every call when `REPLY_ENGINE=script`, and takes over a turn when Gemini fails. It remembers nothing: what
was asked is read from what was said, so it can take over at any turn, also after a reconnection. What the caller's
words mean is not decided here, but in `understanding`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from calls.lead_fields import CALLBACK_TIME, LEAD_FIELDS, NAME, NEED, PHONE, LeadField
from media_service.core.conversation import Conversation, Turn
from media_service.core.record.answered import Answered
from media_service.core.record.callback_offer import OfferTexts
from media_service.core.record.returning_caller import ReturningTexts, greeting, name_to_greet, read_back_of
from media_service.core.record.spoken_number import DigitTexts, spoken_number
from understanding.language import Language
from understanding.persons import wants_person
from understanding.questions import question_for
from understanding.small_talk import is_farewell
from understanding.yes_no import YesNo

_ATTEMPTS: Final = 2
"""How often a thing is asked before the conversation goes on without it."""
_OFFERS: Final = 4
"""Questions for a time, after which no other is offered."""
_READ_BACKS: Final = 2
"""One correction is understood; a second would be read back for ever."""


@dataclass(frozen=True, slots=True)
class IntakeTexts:
    """What the intake says (`texts/he.toml`), and the language in which it is answered."""

    language: Language
    phone_unknown: str
    """The question for a number where there is none that we could call back on."""
    phone_incomplete: str
    """Said before the question where digits are missing; `{value}` is what was heard."""
    phone_typed: str
    """Said in its place the second time: the number may be typed."""
    phone_read_back: str
    """The question whether the number is right; `{value}` is filled in."""
    retry: str
    acknowledged: Mapping[str, str]
    """By field, what is said when it was just told; `{value}` is filled in. A field may go without."""
    person_wanted: str
    goodbye: str
    goodbye_unknown_name: str
    default_callback: str
    numbers: DigitTexts
    returning: ReturningTexts
    """To a caller who has called before."""
    offer: OfferTexts
    """To a caller who wants to be called when nobody can."""


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    lead: str = ""
    """What is said to the caller's words."""
    question: str = ""
    asks: str = ""
    """The field that the question is about."""
    ends_call: bool = False

    @property
    def text(self) -> str:
        return f"{self.lead} {self.question}".strip()


def next_reply(conversation: Conversation, texts: IntakeTexts) -> ScriptedReply:
    """What to say to the caller's last words, and whether that ends the call."""
    reply = _reply(Answered(conversation, texts.language), texts)
    if reply.ends_call or not (greets := greeting(conversation, texts.language, texts.returning)):
        return reply
    return replace(reply, lead=f"{greets} {reply.lead}".strip())


def _reply(said: Answered, texts: IntakeTexts) -> ScriptedReply:
    wanted = said.conversation.settings.fields_to_collect or LEAD_FIELDS
    if is_farewell(said.said, texts.language):
        return _goodbye(said, texts)
    if PHONE in {field.name for field in wanted} and (about_phone := _about_phone(said, texts)):
        return about_phone
    field = next((field for field in wanted if _is_missing(field, said, texts.language)), None)
    if field is None:
        return _about_time(said, texts) or _goodbye(said, texts)
    if field.name == CALLBACK_TIME and (about_time := _about_time(said, texts)):
        return about_time
    question = _question(field, said, texts)
    if field.name == PHONE and said.phone.wants_other and not said.told:
        question = texts.phone_unknown
    return ScriptedReply(_acknowledgement(field.name, said, texts), question, field.name)


def resumed(conversation: Conversation, texts: IntakeTexts) -> ScriptedReply:
    """What to say where a lost call goes on: the question that was pending, put again, or the goodbye that was due."""
    # Nothing has been said to the last of it: as if the caller had answered without a word.
    unanswered = replace(conversation, turns=(*conversation.turns, Turn("caller", "")))
    said = Answered(unanswered, texts.language)
    wanted = conversation.settings.fields_to_collect or LEAD_FIELDS
    phone = said.known.get(PHONE)
    if said.asked == PHONE and phone is not None and not phone.confirmed:
        number = spoken_number(phone.value, texts.numbers)
        return ScriptedReply(question=texts.phone_read_back.format(value=number), asks=PHONE)
    pending = next((field for field in wanted if field.name == said.asked and field.name not in said.known), None)
    field = pending or next((field for field in wanted if _is_missing(field, said, texts.language)), None)
    if field is None:
        return _about_time(said, texts) or _goodbye(said, texts)
    return ScriptedReply(question=_question(field, said, texts), asks=field.name)


def _question(field: LeadField, said: Answered, texts: IntakeTexts) -> str:
    """How it is asked for: what is known from an earlier call is read back first."""
    if not said.was_offered(field.name):
        texts_ = (texts.language, texts.returning, texts.numbers)
        if read_back := read_back_of(field, said.conversation, *texts_):
            return read_back
    ask_for_number = field.name == PHONE and not said.caller_number
    return texts.phone_unknown if ask_for_number else question_for(field, texts.language)


def _about_phone(said: Answered, texts: IntakeTexts) -> ScriptedReply | None:
    """What has to be said about the number first: another is meant, digits are missing, or it is to be read back."""
    found = said.known.get(PHONE)
    if found is not None and found.confirmed:
        return None
    asked_plainly, read_backs = said.times_asked_for_phone()
    if said.asked == PHONE and not said.told and asked_plainly <= _ATTEMPTS + 1:
        if said.phone.incomplete:
            text = texts.phone_incomplete if asked_plainly <= _ATTEMPTS else texts.phone_typed
            heard = spoken_number(said.phone.incomplete, texts.numbers)
            return ScriptedReply(text.format(value=heard), texts.phone_unknown, PHONE)
        if said.phone.wants_other or (found is not None and said.answer is YesNo.NO):
            return ScriptedReply("", texts.phone_unknown, PHONE)
    if found is None or read_backs >= _READ_BACKS or said.was_read_back(found):
        return None
    number = spoken_number(found.value, texts.numbers)
    return ScriptedReply(_acknowledgement(PHONE, said, texts), texts.phone_read_back.format(value=number), PHONE)


def _about_time(said: Answered, texts: IntakeTexts) -> ScriptedReply | None:
    """Offers the next possible time where the wished one is not."""
    offer = said.wish.offer
    refused = said.asked == CALLBACK_TIME and said.answer is YesNo.NO and CALLBACK_TIME not in said.told
    is_over = said.times_said(offer) >= _ATTEMPTS or said.times_asked(CALLBACK_TIME) >= _OFFERS
    if not offer or refused or is_over:
        return None
    lead = f"{_acknowledgement(CALLBACK_TIME, said, texts)} {texts.offer.not_then}".strip()
    return ScriptedReply(lead, texts.offer.question.format(value=offer), CALLBACK_TIME)


def _is_missing(field: LeadField, said: Answered, language: Language) -> bool:
    if not question_for(field, language):
        return False  # nobody has worded it: it is left to the model
    is_known = field.name in said.known and not said.is_taken_back(field.name)
    if is_known or (field.name == NAME and name_to_greet(said.conversation, language)):
        return False
    beside = said.was_offered(field.name) or (field.name == CALLBACK_TIME and bool(said.wish.offer))
    return said.times_asked(field.name) < (_ATTEMPTS if field.required else 1) + beside


def _acknowledgement(field: str, said: Answered, texts: IntakeTexts) -> str:
    """What comes before the question for `field`."""
    if wants_person(said.said, texts.language):
        return texts.person_wanted
    told = next((name for name in (NAME, NEED, *said.told) if name in said.told), "")
    if not told and said.asked and said.asked in said.known and said.asked != field:
        told = said.asked  # a yes to what was read back
    if not told:
        return texts.retry if field == said.asked else ""
    return texts.acknowledged.get(told, texts.acknowledged["other"]).format(value=said.known[told].value)


def _goodbye(said: Answered, texts: IntakeTexts) -> ScriptedReply:
    time = said.wish.promised or texts.default_callback
    name = said.known[NAME].value if NAME in said.known else name_to_greet(said.conversation, texts.language)
    if not name:
        return ScriptedReply(texts.goodbye_unknown_name.format(callback_time=time), ends_call=True)
    return ScriptedReply(texts.goodbye.format(name=name, callback_time=time), ends_call=True)
