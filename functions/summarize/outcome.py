"""What the events of a call, as far as they have arrived, say about how it went.

Pure. Events may come in any order and more than once; only the set of them matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from calls.events import CallEnded, CallEvent, FieldValue, OtherEvent, Parties, UtteranceFinal
from calls.lead_fields import LeadField

_MOST_SECONDS = 7.0 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Outcome:
    utterances: tuple[UtteranceFinal, ...]
    """In the order spoken."""
    endings: Mapping[int, CallEnded]
    """By leg. Never empty: a call without any is still in progress, and has no outcome."""
    others: tuple[OtherEvent, ...] = ()
    """Of types that are not known here. They tell nothing, but are not missing."""
    lost_leg: int = 0
    """The last leg, if its `call.ended` never came: `endings` has one that we made up. 0: it came."""

    @property
    def events_count(self) -> int:
        """Grows with every event that arrives, so it also tells which of two outcomes of a call knows more."""
        return len(self.utterances) + len(self.endings) + len(self.others) - bool(self.lost_leg)

    @property
    def parties(self) -> Parties | None:
        """Who calls whom, if any event tells it."""
        told = [event.parties for event in self.endings.values()] + [event.parties for event in self.utterances]
        return next((parties for parties in told if parties is not None), None)

    @property
    def last_ending(self) -> CallEnded:
        return self.endings[max(self.endings)]

    @property
    def goes_on(self) -> bool:
        """Whether a later leg has begun and not ended: the caller is probably still on the line."""
        return any(event.leg > max(self.endings) for event in self._while_it_lasted)

    @property
    def _while_it_lasted(self) -> tuple[UtteranceFinal | OtherEvent, ...]:
        return (*self.utterances, *self.others)

    @property
    def caller_said(self) -> tuple[UtteranceFinal, ...]:
        return tuple(said for said in self.utterances if said.speaker == "caller")

    @property
    def is_complete(self) -> bool:
        """Whether every event is here that can be expected.

        Of a leg that ended: 1 to the number of its `call.ended`. A leg without one below a later leg was lost with its
        instance, and nothing more will come of it: it only must not have a gap. A later leg that has not ended will
        send more.
        """
        return not self.lost_leg and not self.goes_on and not self.has_gaps

    @property
    def has_gaps(self) -> bool:
        """Whether an event is missing between two others: an answer then seems to be to another question."""
        seqs: dict[int, set[int]] = {leg: {ending.seq} for leg, ending in self.endings.items()}
        for event in self._while_it_lasted:
            seqs.setdefault(event.leg, set()).add(event.seq)
        return any(max(present) != len(present) for present in seqs.values())

    @property
    def first_at(self) -> datetime:
        """When the first thing known of this call happened."""
        begun = (ending.ended_at - timedelta(seconds=_bounded(ending.duration_s)) for ending in self.endings.values())
        return min([*begun, *(said.started_at for said in self.utterances)])

    @property
    def duration_s(self) -> float:
        """On the line, all legs together; a leg lost with its instance is not counted."""
        return round(sum(_bounded(ending.duration_s) for ending in self.endings.values()), 3)

    @property
    def told_to_service(self) -> dict[str, FieldValue]:
        """What the service itself found. A later event knows better, if anything."""
        return told_by((*self.utterances, *self.endings.values()))

    @property
    def fields_to_collect(self) -> tuple[LeadField, ...]:
        """What the business wanted to know, by the last leg that ended."""
        return self.last_ending.fields_to_collect


@dataclass(frozen=True, slots=True)
class Closing:
    """Nothing more was heard of a call, and nobody had ended it: the sweep did."""

    leg: int
    """The last leg that can have been."""
    at: datetime
    """When the call was heard of last."""


def outcome_of(events: Iterable[CallEvent], closing: Closing | None = None) -> Outcome | None:
    """None while no leg of the call has ended."""
    in_order = _in_order(events)
    endings = {event.leg: event for event in in_order if isinstance(event, CallEnded)}
    utterances = tuple(event for event in in_order if isinstance(event, UtteranceFinal))
    others = tuple(event for event in in_order if isinstance(event, OtherEvent))
    last_leg = max((event.leg for event in in_order), default=1)
    lost_leg = 0
    if closing and last_leg <= closing.leg and closing.leg not in endings:
        lost_leg = closing.leg
        endings[lost_leg] = _made_up(closing, [event for event in in_order if event.leg == lost_leg], utterances)
    return Outcome(utterances, endings, others, lost_leg) if endings else None


def told_by(events: Iterable[CallEvent]) -> dict[str, FieldValue]:
    """The fields as these events leave them, in whatever order they came."""
    found: dict[str, FieldValue] = {}
    for event in _in_order(events):
        if not isinstance(event, OtherEvent):
            found |= {name: told for name, told in event.fields.items() if told.value}
    return found


def _in_order(events: Iterable[CallEvent]) -> list[CallEvent]:
    by_identity = {(event.leg, event.seq): event for event in events}
    return [by_identity[identity] for identity in sorted(by_identity)]


def _made_up(closing: Closing, of_leg: list[CallEvent], utterances: tuple[UtteranceFinal, ...]) -> CallEnded:
    """The `call.ended` that should have been the last of its leg."""
    said = [each for each in utterances if each.leg == closing.leg]
    ended_at = max([closing.at, *(each.ended_at for each in said)])
    return CallEnded(
        call_sid=of_leg[0].call_sid if of_leg else "",
        leg=closing.leg,
        seq=max((event.seq for event in of_leg), default=0) + 1,
        ended_at=ended_at,
        reason="error",
        duration_s=(ended_at - said[0].started_at).total_seconds() if said else 0.0,
        recognizer=utterances[-1].recognizer if utterances else "",
    )


def _bounded(duration_s: float) -> float:
    """A length of time from outside, kept to what a call can be, so that reckoning with it cannot fail."""
    return min(max(duration_s, 0.0), _MOST_SECONDS)
