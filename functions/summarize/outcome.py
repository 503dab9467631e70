"""What the events of a call, as far as they have arrived, say about how it went.

Pure. Events may come in any order and more than once; only the set of them matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from calls.events import CallEnded, CallEvent, FieldValue, OtherEvent, UtteranceFinal
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

    @property
    def events_count(self) -> int:
        """Grows with every event that arrives, so it also tells which of two outcomes of a call knows more."""
        return len(self.utterances) + len(self.endings) + len(self.others)

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
        if self.goes_on:
            return False
        seqs: dict[int, set[int]] = {leg: {ending.seq} for leg, ending in self.endings.items()}
        for event in self._while_it_lasted:
            seqs.setdefault(event.leg, set()).add(event.seq)
        return all(max(present) == len(present) for present in seqs.values())

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
        """What the service itself found. A later leg knows better, if anything."""
        found: dict[str, FieldValue] = {}
        for leg in sorted(self.endings):
            found |= {name: told for name, told in self.endings[leg].fields.items() if told.value}
        return found

    @property
    def fields_to_collect(self) -> tuple[LeadField, ...]:
        """What the business wanted to know, by the last leg that ended."""
        return self.last_ending.fields_to_collect


def outcome_of(events: Iterable[CallEvent]) -> Outcome | None:
    """None while no leg of the call has ended."""
    by_identity = {(event.leg, event.seq): event for event in events}
    in_order = [by_identity[identity] for identity in sorted(by_identity)]
    endings = {event.leg: event for event in in_order if isinstance(event, CallEnded)}
    if not endings:
        return None
    return Outcome(
        tuple(event for event in in_order if isinstance(event, UtteranceFinal)),
        endings,
        tuple(event for event in in_order if isinstance(event, OtherEvent)),
    )


def _bounded(duration_s: float) -> float:
    """A length of time from outside, kept to what a call can be, so that reckoning with it cannot fail."""
    return min(max(duration_s, 0.0), _MOST_SECONDS)
