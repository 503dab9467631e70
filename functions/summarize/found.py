"""What is known of the caller, each thing with the words that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any

from calls.events import RULE, FieldValue, UtteranceFinal
from calls.lead_fields import NAME, PHONE, understood
from calls.phone_numbers import phone_number
from understanding.language import Language
from understanding.questions import last_asked
from understanding.reading import read_again
from understanding.said import Turn
from understanding.words import quoted_words

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
    """A second value, where there are two: from the caller, or where rule and model disagree."""
    at: datetime | None = None
    until: datetime | None = None
    """The moment or span that a time means."""

    def as_document(self, call_sid: str) -> dict[str, Any]:
        document = asdict(self) | {"call_sid": call_sid}
        return {name: value for name, value in document.items() if name not in ("at", "until") or value is not None}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Found:
        """What `as_document` made."""
        return cls(**{each.name: document[each.name] for each in dataclass_fields(cls) if each.name in document})


def found_by_service(told: Mapping[str, FieldValue], utterances: Sequence[UtteranceFinal]) -> dict[str, Found]:
    """What the service found in the utterances, each thing with the words of the caller that say so."""
    return {name: _found(each, utterances) for name, each in told.items()}


def found_by_rule(outcome: Outcome, caller_number: str, language: Language) -> dict[str, Found]:
    """What the service found, and what the same reader makes of the events: a leg that was lost with its instance is
    nowhere but there.

    With an utterance missing, the answer to one question would be taken for that to another.
    """
    by_service = found_by_service(outcome.told_to_service, outcome.utterances)
    if outcome.has_gaps or outcome.goes_on:
        return by_service
    fields = understood(outcome.fields_to_collect)
    read = read_again([_turn(said) for said in outcome.utterances], caller_number, language, fields)
    return found_by_service(read, outcome.utterances) | by_service


def best_of(
    by_rule: Mapping[str, Found], by_model: Mapping[str, Found], outcome: Outcome, language: Language
) -> dict[str, Found]:
    """Both are kept: what does not stand is the `other` of what does."""
    best = dict(by_rule)
    for name, claimed in by_model.items():
        known = by_rule.get(name)
        if known is None:
            if not (name == NAME and _is_part_of_another(claimed, best)):
                best[name] = claimed
        elif not _is_same(name, known.value, claimed.value):
            corrects = not known.confirmed and _answers_later(name, claimed, known, outcome, language)
            standing, beside = (claimed, known) if corrects else (known, claimed)
            best[name] = replace(standing, other=beside.value)
        elif known.quote == "":
            best[name] = replace(known, quote=claimed.quote, confidence=claimed.confidence)
    return best


def _answers_later(name: str, claimed: Found, known: Found, outcome: Outcome, language: Language) -> bool:
    """Whether the caller was asked for this after all, and answered what the model read: a correction that no rule
    knows. Without that a model could make a name of any word that was said late."""
    place = claimed.leg or 1, claimed.seq or 0
    if place <= (known.leg or 1, known.seq or 0):
        return False
    before = [_turn(said) for said in outcome.utterances if (said.leg, said.seq) < place]
    values = {name: FieldValue(known.value, known.seq or 1)}
    return last_asked(before, language, understood(outcome.fields_to_collect), values).field == name


def _is_part_of_another(claimed: Found, best: Mapping[str, Found]) -> bool:
    """A name is made of words that are no need and no time."""
    words = set(quoted_words(claimed.value))
    return any(words <= set(quoted_words(each.value)) for each in best.values())


def _is_same(name: str, one: str, other: str) -> bool:
    if name == PHONE and phone_number(one):
        return phone_number(one) == phone_number(other)
    return quoted_words(one) == quoted_words(other)


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


def _found(told: FieldValue, utterances: Sequence[UtteranceFinal]) -> Found:
    """A service released earlier gives no quote: the utterance it names does, if it is the caller's."""
    said = next((each for each in utterances if (each.leg, each.seq) == (told.leg, told.seq)), None)
    by_caller = said if said and said.speaker == "caller" else None
    # What the assistant said proves nothing, whoever quotes it.
    is_ours = any(told.quote == each.text for each in utterances if each.speaker != "caller")
    quote = told.quote if told.quote and not is_ours else by_caller.text if by_caller else ""
    return Found(
        value=told.value,
        confidence=told.confidence if told.confidence is not None or not by_caller else by_caller.confidence,
        seq=told.seq,
        quote=quote,
        confirmed=told.confirmed,
        leg=told.leg,
        source=told.source,
        other=told.other,
        at=told.at,
        until=told.until,
    )
