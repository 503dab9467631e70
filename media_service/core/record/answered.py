"""What the caller's last words did: which question they came to, what they told, and what was asked until now."""

from __future__ import annotations

from functools import cached_property

from calls.events import FieldValue
from calls.lead_fields import PHONE, understood
from media_service.core.conversation import Conversation, Turn
from media_service.core.record.callback_offer import Wish, wish_in
from understanding.fields import stands_in
from understanding.language import Language
from understanding.numbers import PhoneReading, read_phone
from understanding.questions import asked_in, last_asked
from understanding.reading import said_in
from understanding.said import Said
from understanding.yes_no import YesNo, yes_or_no


class Answered:
    def __init__(self, conversation: Conversation, language: Language) -> None:
        self._language = language
        self.conversation = conversation
        self._fields = understood(conversation.settings.fields_to_collect)
        self.known = conversation.fields
        self._of_any_call = {**conversation.earlier, **self.known}
        self.caller_number = conversation.caller_number
        self.turn = conversation.turns[-1] if conversation.turns else Turn("caller", "")
        before = conversation.turns[:-1]
        self._asking = [turn for turn in before if turn.speaker != "caller"]
        # What these words told was not known when it was asked for.
        already = {name: found for name, found in self._of_any_call.items() if name not in self.told}
        question = last_asked(before, language, self._fields, already)
        self.asked = question.field
        self.said = said_in(self.turn, question, already, self.caller_number)

    @cached_property
    def told(self) -> tuple[str, ...]:
        """The fields that these words told."""
        here = (self.turn.leg, self.turn.seq)
        return tuple(name for name, found in self.known.items() if (found.leg, found.seq) == here)

    @cached_property
    def phone(self) -> PhoneReading:
        """Of an answer to the question for the number; else nothing."""
        is_asked = self.asked == PHONE and self.turn.can_teach
        return read_phone(self.said, self._language) if is_asked else PhoneReading()

    @cached_property
    def wish(self) -> Wish:
        return wish_in(self.conversation, self._language)

    @cached_property
    def answer(self) -> YesNo:
        return yes_or_no(self.said, self._language) if self.turn.can_teach else YesNo.UNCLEAR

    def is_taken_back(self, field: str) -> bool:
        """The caller was asked whether this is right, and it is not."""
        found = self.known[field]
        is_no = self.asked == field and self.answer is YesNo.NO
        return is_no and field not in self.told and not found.confirmed

    def times_said(self, text: str) -> int:
        """How often it stood in what was said to the caller."""
        return sum(1 for turn in self._asking if text in turn.text)

    def times_asked(self, field: str) -> int:
        return sum(1 for turn in self._asking if self._asked_in(turn) == field)

    def times_asked_for_phone(self) -> tuple[int, int]:
        """How often it was asked for, and how often one was read back."""
        about = [turn for turn in self._asking if self._asked_in(turn) == PHONE]
        with_number = sum(1 for turn in about if read_phone(Said(turn.text, PHONE), self._language).number)
        return len(about) - with_number, with_number

    def was_read_back(self, found: FieldValue) -> bool:
        return any(stands_in(found.value, turn.text, self._language) for turn in self._asking)

    def was_offered(self, field: str) -> bool:
        """The caller was asked whether what an earlier call told of this field still is so."""
        found = self.conversation.earlier.get(field)
        return found is not None and any(
            self._asked_in(turn) == field and stands_in(found.value, turn.text, self._language) for turn in self._asking
        )

    def _asked_in(self, turn: Turn) -> str:
        return asked_in(turn, self._language, self._fields, self._of_any_call)
