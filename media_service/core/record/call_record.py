"""What was said in one leg of a call, and what it tells of the caller.

Numbers the lines, keeps the lead's fields, and hands out the events that may be published. Knows nothing of audio or
of whose turn it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calls.events import CallEvent, FieldValue, LatencySummary
from media_service.core.actions import Action, Publish
from media_service.core.conversation import AssistantSettings, Conversation, Turn
from media_service.core.ending import Ending
from media_service.core.record.intake import IntakeTexts
from media_service.core.record.transcript import CallIdentity, Line, Transcript
from media_service.core.speaking.playback import Heard
from media_service.core.turns.utterance import Utterance
from understanding.reading import learn_from


class CallRecord:
    def __init__(self, identity: CallIdentity, texts: IntakeTexts) -> None:
        self._language = texts.language
        self._transcript = Transcript(identity)
        self._earlier: tuple[Turn, ...] = ()
        self._lines: list[Line] = []
        self._unsettled: list[tuple[Utterance, Line]] = []
        self._caller_number = ""
        self._fields_before: dict[str, FieldValue] = {}
        """As they were before the newest utterance, which may still be amended."""
        self.fields: Mapping[str, FieldValue] = {}
        self.recognizer = identity.recognizer

    def recalled(self, caller_number: str, turns: Sequence[tuple[str, str]]) -> None:
        """The records told who is calling and what earlier legs said; they may do so at any time."""
        self._caller_number = caller_number
        self._earlier = tuple(Turn(speaker, text) for speaker, text in turns)
        fields: dict[str, FieldValue] = {}
        for number, turn in enumerate(self._earlier):
            if turn.speaker == "caller":
                fields = self._learned(fields, turn, self._earlier[:number])
        self.fields = fields | dict(self.fields)
        self._fields_before = fields | self._fields_before

    def heard(self, speaker: str, utterance: Utterance) -> Line:
        """Somebody said this; its words may still be amended, and are to be settled once."""
        line = self._transcript.add(
            speaker, utterance.text, utterance.started_at, utterance.ended_at, utterance.recognizer or self.recognizer
        )
        self._lines.append(line)
        self._unsettled.append((utterance, line))
        self.recognizer = utterance.recognizer or self.recognizer
        self._fields_before = dict(self.fields)
        self._learn_from(line)
        return line

    def amended(self, utterance: Utterance) -> None:
        """Its words as they now read."""
        for known, line in self._unsettled:
            if known is utterance and line.text != utterance.text:
                line.text = utterance.text
                if line is self._lines[-1]:
                    self.fields = dict(self._fields_before)
                self._learn_from(line)

    def settled(self, utterance: Utterance) -> list[Action]:
        """Its words will not change any more."""
        self.amended(utterance)
        for pair in [pair for pair in self._unsettled if pair[0] is utterance]:
            self._unsettled.remove(pair)
            pair[1].confidence = utterance.confidence
            return _published(self._transcript.settle(pair[1]))
        return []

    def assistant_said(self, heard: Heard) -> list[Action]:
        line = self._transcript.add("assistant", heard.text, heard.started_at, heard.ended_at, self.recognizer)
        self._lines.append(line)
        return _published(self._transcript.settle(line))

    def conversation(self, assistant: AssistantSettings) -> Conversation:
        turns = (*self._earlier, *(Turn(line.speaker, line.text, line.seq) for line in self._lines))
        return Conversation(turns, assistant, self._caller_number, dict(self.fields))

    def ended(self, ending: Ending, latency: LatencySummary) -> list[Action]:
        """The last events of the leg. Nothing can be added afterwards."""
        return _published(self._transcript.end(ending.at, ending.reason, self.recognizer, self.fields, latency))

    def _learn_from(self, line: Line) -> None:
        if line.speaker != "caller":
            return
        before = [*self._earlier, *(Turn(said.speaker, said.text) for said in self._lines[: line.seq - 1])]
        self.fields = self._learned(self.fields, Turn("caller", line.text, line.seq), before)

    def _learned(self, fields: Mapping[str, FieldValue], said: Turn, before: Sequence[Turn]) -> dict[str, FieldValue]:
        return learn_from(fields, before, said.text, max(1, said.seq), self._caller_number, self._language)


def _published(said: Sequence[CallEvent]) -> list[Action]:
    return [Publish(event) for event in said]
