"""What is known of the caller, each thing with the words that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from calls.events import RULE, FieldValue, UtteranceFinal
from calls.lead_fields import understood
from understanding.language import Language
from understanding.reading import read_again
from understanding.said import Turn

from .outcome import Outcome


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of a lead's `fields`."""

    value: str
    confidence: float | None = None
    """The recognizer's, for the utterance quoted: 0 to 1."""
    seq: int | None = None
    """Of the utterance quoted, on its leg."""
    quote: str = ""
    confirmed: bool = False
    """The caller said yes to a read-back, typed it, or calls from it."""
    leg: int | None = None
    source: str = RULE
    other: str = ""
    """A second value, where there are two."""

    def as_document(self, call_sid: str) -> dict[str, Any]:
        return asdict(self) | {"call_sid": call_sid}


def found_by_service(outcome: Outcome) -> dict[str, Found]:
    """What the service wrote into `call.ended`. One released earlier gives no quote: the utterance it names does."""
    said_at = {(said.leg, said.seq): said for said in outcome.caller_said}
    return {name: _found(told, said_at) for name, told in outcome.told_to_service.items()}


def found_in_words(outcome: Outcome, caller_number: str, language: Language) -> dict[str, Found]:
    """What the same reader as the service's makes of the events: also of a leg that was lost with its instance."""
    fields = understood(outcome.fields_to_collect)
    read = read_again([_turn(said) for said in outcome.utterances], caller_number, language, fields)
    return {name: _found(told, {}) for name, told in read.items()}


def best_of(by_service: dict[str, Found], from_words: dict[str, Found]) -> dict[str, Found]:
    """What the caller confirmed stands; otherwise what was read from the whole conversation knows more."""
    confirmed = {name: told for name, told in by_service.items() if told.confirmed}
    return by_service | from_words | confirmed


def _turn(said: UtteranceFinal) -> Turn:
    return Turn(
        said.speaker,
        said.text,
        said.seq,
        said.leg,
        confidence=said.confidence,
        at=said.ended_at,
        fields=said.fields,
    )


def _found(told: FieldValue, said_at: Mapping[tuple[int, int], UtteranceFinal]) -> Found:
    said = said_at.get((told.leg, told.seq)) if not told.quote else None
    return Found(
        value=told.value,
        confidence=said.confidence if said else told.confidence,
        seq=told.seq,
        quote=said.text if said else told.quote,
        confirmed=told.confirmed,
        leg=told.leg,
        source=told.source,
        other=told.other,
    )
