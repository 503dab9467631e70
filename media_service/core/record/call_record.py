"""What was said in one leg of a call, and what it tells of the caller.

Numbers the lines, keeps the lead's fields, and hands out the events that may be published. Knows nothing of audio or
of whose turn it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from calls.events import CallEvent, FieldValue, LatencySummary
from calls.lead_fields import LeadField, understood
from media_service.core.actions import Action, Publish
from media_service.core.conversation import AssistantSettings, Conversation, Turn
from media_service.core.ending import Ending
from media_service.core.record.asking import Asking
from media_service.core.record.callback_offer import promised
from media_service.core.record.intake import IntakeTexts
from media_service.core.record.returning_caller import Reading, lasting, learned
from media_service.core.record.transcript import CallIdentity, Line, Transcript
from media_service.core.speaking.playback import Heard
from media_service.core.turns.utterance import Utterance
from understanding.language import Language
from understanding.questions import asked_field, last_asked
from understanding.reading import read_again, said_in, taught
from understanding.said import Said

_NOTHING: Final[Mapping[str, FieldValue]] = {}


@dataclass(slots=True)
class _Spoken:
    """A line, and what is to be known of it beside what is published."""

    line: Line
    known: Mapping[str, FieldValue]
    """The fields before it."""
    asks: str | None = None
    typed: bool = False
    voiced: bool = True
    utterance: Utterance | None = None


@dataclass(slots=True)
class _Before:
    """What the records told of the call."""

    caller_number: str = ""
    turns: tuple[Turn, ...] = ()
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    earlier: Mapping[str, FieldValue] = field(default_factory=dict)
    """What earlier calls told."""


class CallRecord:
    def __init__(self, identity: CallIdentity, texts: IntakeTexts, assistant: AssistantSettings) -> None:
        """Of the settings count what the business wants to know, and when it can call back."""
        self._identity = identity
        self._language = texts.language
        self._assistant = assistant
        self._lead_fields = understood(assistant.fields_to_collect)
        self._transcript = Transcript(identity)
        self._before = _Before()
        self._spoken: list[_Spoken] = []
        self._unsettled: list[tuple[Utterance, _Spoken]] = []
        self._asking = Asking()
        self._broken_off = ""
        """The field of a question that the caller did not wait for."""
        self.fields: Mapping[str, FieldValue] = {}
        self.recognizer = identity.recognizer

    def recalled(self, caller_number: str, turns: Sequence[Turn], earlier: Mapping[str, FieldValue] = _NOTHING) -> None:
        """The records told who is calling, what earlier legs said and what earlier calls told; they may do so at any
        time."""
        fields = read_again(turns, caller_number, self._language, self._lead_fields)
        self._before = _Before(caller_number, tuple(turns), fields, lasting(earlier, self._lead_fields))
        self.fields = fields
        self._read_from(0)

    @property
    def language(self) -> Language:
        return self._language

    @property
    def line_count(self) -> int:
        """Of this leg."""
        return len(self._spoken)

    def said_so_far(self, text: str, being_said: str) -> tuple[Said, LeadField | None]:
        """The words of an utterance that is still open, with the question that they may answer, and its field.

        `being_said`: what the caller has heard of what the assistant is saying, which is no line yet."""
        turns = [*self._before.turns, *map(self._turn, self._spoken)]
        if being_said:
            turns.append(Turn("assistant", being_said, asks=self._asking.peek(being_said)))
        asked = last_asked(turns, self._language, self._lead_fields, self.fields)
        if not asked.field and self._broken_off:
            asked = replace(asked, field=self._broken_off)
        question = next((turn.text for turn in reversed(turns) if turn.speaker != "caller"), "")
        so_far = said_in(Turn("caller", text), asked, self.fields, self._before.caller_number)
        said = replace(so_far, question=question)
        return said, next((each for each in self._lead_fields if each.name == asked.field), None)

    @property
    def caller_has_spoken(self) -> bool:
        """In this leg."""
        return any(spoken.line.speaker == "caller" for spoken in self._spoken)

    def heard(self, speaker: str, utterance: Utterance) -> Line:
        """Somebody said this; its words may still be amended, and are to be settled once. Without a voice under them
        they teach nothing."""
        line = self._transcript.add(
            speaker,
            utterance.text,
            utterance.started_at,
            utterance.ended_at,
            utterance.recognizer or self.recognizer,
            utterance.confidence,
        )
        spoken = _Spoken(line, self.fields, typed=utterance.typed, voiced=utterance.voiced, utterance=utterance)
        self._spoken.append(spoken)
        self._unsettled.append((utterance, spoken))
        self.recognizer = utterance.recognizer or self.recognizer
        self._read_from(len(self._spoken) - 1)
        return line

    def amended(self, utterance: Utterance) -> None:
        """Its words as they now read."""
        for known, spoken in self._unsettled:
            line = spoken.line
            if known is utterance and (line.text, line.confidence) != (utterance.text, utterance.confidence):
                line.text, line.confidence = utterance.text, utterance.confidence
                self._read_from(self._spoken.index(spoken))

    def settled(self, utterance: Utterance) -> list[Action]:
        """Its words will not change any more."""
        self.amended(utterance)
        for pair in [pair for pair in self._unsettled if pair[0] is utterance]:
            self._unsettled.remove(pair)
            return _published(self._transcript.settle(pair[1].line))
        return []

    def revised(self, utterance: Utterance) -> list[Action]:
        """Its words, which were settled, read otherwise now."""
        for spoken in self._spoken:
            if spoken.utterance is utterance:
                line = spoken.line
                line.text, line.confidence = utterance.text, utterance.confidence
                self._read_from(self._spoken.index(spoken))
                return _published(self._transcript.revise(line))
        return []

    def assistant_asks(self, reply: int, text: str, asks: str | None) -> None:
        """This piece of a reply is on its way, and asks for this field ("": for none; None: its words will tell)."""
        self._asking.piece(reply, text, asks)

    def assistant_said(self, heard: Heard) -> list[Action]:
        self._broken_off = self._asking.broken_off(heard.text)
        asks = self._asking.heard(heard.text)
        if asks is None:
            asks = asked_field(heard.text, self._language, self._lead_fields, {**self._before.earlier, **self.fields})
        line = self._transcript.add("assistant", heard.text, heard.started_at, heard.ended_at, self.recognizer)
        self._spoken.append(_Spoken(line, self.fields, asks=asks))
        return _published(self._transcript.settle(line))

    def conversation(self, assistant: AssistantSettings) -> Conversation:
        turns = (*self._before.turns, *map(self._turn, self._spoken))
        before = self._before
        return Conversation(turns, assistant, before.caller_number, dict(self.fields), before.earlier)

    def ended(self, ending: Ending, latency: LatencySummary, *, disclosure_heard: bool = False) -> list[Action]:
        """The last events of the leg. Nothing can be added afterwards."""
        return _published(
            self._transcript.end(
                ending.at,
                ending.reason,
                self.recognizer,
                self.fields,
                latency,
                self._assistant.fields_to_collect,
                disclosure_heard=disclosure_heard,
            )
        )

    def _read_from(self, place: int) -> None:
        """Read this line and those after it again: what they told depends on the words before them."""
        before = self._before
        turns = [*before.turns, *map(self._turn, self._spoken)]
        fields = self._spoken[place].known if place else before.fields
        for spoken, at in zip(self._spoken[place:], range(len(before.turns) + place, len(turns)), strict=True):
            spoken.known = fields
            if spoken.line.speaker == "caller":
                reading = Reading(turns[:at], turns[at], before.caller_number, self._language, self._lead_fields)
                told = learned(fields, before.earlier, reading)
                fields = promised(fields, told, reading, self._assistant.hours)
                spoken.line.fields = taught(spoken.known, fields)
        self.fields = fields

    def _turn(self, spoken: _Spoken) -> Turn:
        line = spoken.line
        return Turn(
            line.speaker,
            line.text,
            line.seq,
            self._identity.leg,
            spoken.asks,
            line.confidence,
            spoken.typed,
            spoken.voiced,
            self._identity.when(line.ended_at),
        )


def _published(said: Sequence[CallEvent]) -> list[Action]:
    return [Publish(event) for event in said]
