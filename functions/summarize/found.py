"""What is known of the caller, each thing with the words that say so."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from calls.events import FieldValue, UtteranceFinal
from understanding.language import Language
from understanding.reading import read_again

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
    """The caller was asked and agreed."""

    def as_document(self) -> dict[str, Any]:
        return asdict(self)


def found_by_service(outcome: Outcome) -> dict[str, Found]:
    """What the service wrote into `call.ended`, with the utterance it points at, if that has arrived."""
    said_at = {(said.leg, said.seq): said for said in outcome.utterances}
    return {
        name: _found(told, said_at.get((leg, told.seq)), told.seq)
        for name, (leg, told) in outcome.told_to_service.items()
    }


def found_in_words(outcome: Outcome, caller_number: str, language: Language) -> dict[str, Found]:
    """What the same reader as the service's makes of the events: also of a leg that was lost with its instance."""
    read = read_again(outcome.utterances, caller_number, language)
    said = {name: outcome.utterances[told.seq - 1] for name, told in read.items()}
    return {name: _found(told, said[name], said[name].seq) for name, told in read.items()}


def best_of(by_service: dict[str, Found], from_words: dict[str, Found]) -> dict[str, Found]:
    """What the caller confirmed stands; otherwise what was read from the whole conversation knows more."""
    confirmed = {name: told for name, told in by_service.items() if told.confirmed}
    return by_service | from_words | confirmed


def _found(told: FieldValue, said: UtteranceFinal | None, seq: int) -> Found:
    return Found(
        value=told.value,
        confidence=said.confidence if said else None,
        seq=seq,
        quote=said.text if said else "",
        confirmed=told.confirmed,
    )
