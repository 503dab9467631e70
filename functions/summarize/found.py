"""What is known of the caller, each thing with the words that say so."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .outcome import Outcome

NAME = "name"
NEED = "need"
CALLBACK_TIME = "callback_time"
PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of a lead's `fields`."""

    value: str
    confidence: float | None = None
    """The recogniser's, for the utterance quoted: 0 to 1."""
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
    found: dict[str, Found] = {}
    for name, (leg, told) in outcome.told_to_service.items():
        said = said_at.get((leg, told.seq))
        found[name] = Found(
            value=told.value,
            confidence=said.confidence if said else None,
            seq=told.seq,
            quote=said.text if said else "",
            confirmed=told.confirmed,
        )
    return found


def best_of(by_service: dict[str, Found], from_words: dict[str, Found]) -> dict[str, Found]:
    """What the caller confirmed stands; otherwise what was read from the whole conversation knows more."""
    confirmed = {name: told for name, told in by_service.items() if told.confirmed}
    return by_service | from_words | confirmed
