"""Number what was said and hand it out for publishing, in the order of the conversation and without gaps.

An utterance of the caller is known before its words are settled. Whatever comes after it waits for it, so that the
order of `seq` is the order in which things were said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from calls.events import CallEnded, CallEvent, FieldValue, LatencySummary, UtteranceFinal
from calls.lead_fields import LeadField


@dataclass(frozen=True, slots=True)
class CallIdentity:
    """What stays the same for one leg of a call, and the bridge from the runner's clock to the calendar."""

    call_sid: str
    leg: int
    language: str
    """The recognizer's tag (`iw-IL`)."""
    started: datetime
    """The moment that was `started_at` on the runner's clock."""
    started_at: float
    recognizer: str
    """Who recognizes from the start; events name it until a result names another."""

    def when(self, at: float) -> datetime:
        return self.started + timedelta(seconds=at - self.started_at)


@dataclass(slots=True)
class Line:
    """One utterance in the making; `seq` is fixed from the start, the words may still change."""

    seq: int
    speaker: str
    text: str
    started_at: float
    ended_at: float
    confidence: float | None
    recognizer: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    """What it taught or changed."""
    settled: bool = False
    revision: int = 1


class Transcript:
    def __init__(self, identity: CallIdentity) -> None:
        self._identity = identity
        self._count = 0
        self._waiting: deque[Line] = deque()

    def add(
        self,
        speaker: str,
        text: str,
        started_at: float,
        ended_at: float,
        recognizer: str,
        confidence: float | None = None,
    ) -> Line:
        """The next line. Change its words as long as it is not settled; `settle` it once."""
        self._count += 1
        line = Line(self._count, speaker, text, started_at, ended_at, confidence, recognizer)
        self._waiting.append(line)
        return line

    def settle(self, line: Line) -> list[CallEvent]:
        """The events that may be published now."""
        line.settled = True
        return self._ready()

    def revise(self, line: Line) -> list[CallEvent]:
        """The words of a line that was settled read otherwise: it is published again, if it was published."""
        if line in self._waiting:
            return []
        line.revision += 1
        return [self._event(line)]

    def end(
        self,
        ended_at: float,
        reason: str,
        recognizer: str,
        fields: Mapping[str, FieldValue],
        latency: LatencySummary,
        fields_to_collect: tuple[LeadField, ...] = (),
        *,
        disclosure_heard: bool = False,
    ) -> list[CallEvent]:
        """Settle everything and close the leg. Nothing can be added afterwards."""
        for line in self._waiting:
            line.settled = True
        events = self._ready()
        self._count += 1
        identity = self._identity
        ended = CallEnded(
            call_sid=identity.call_sid,
            leg=identity.leg,
            seq=self._count,
            ended_at=identity.when(ended_at),
            reason=reason,
            duration_s=round(ended_at - identity.started_at, 3),
            recognizer=recognizer,
            fields=dict(fields),
            latency=latency,
            fields_to_collect=fields_to_collect,
            disclosure_heard=disclosure_heard,
        )
        return [*events, ended]

    def _ready(self) -> list[CallEvent]:
        events: list[CallEvent] = []
        while self._waiting and self._waiting[0].settled:
            events.append(self._event(self._waiting.popleft()))
        return events

    def _event(self, line: Line) -> UtteranceFinal:
        identity = self._identity
        return UtteranceFinal(
            call_sid=identity.call_sid,
            leg=identity.leg,
            seq=line.seq,
            speaker=line.speaker,
            text=line.text,
            started_at=identity.when(line.started_at),
            ended_at=identity.when(line.ended_at),
            confidence=line.confidence,
            recognizer=line.recognizer,
            language=identity.language,
            fields=dict(line.fields),
            revision=line.revision,
        )
