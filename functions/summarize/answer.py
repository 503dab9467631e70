"""Read the model's answer: a closed schema, strictly, and only what the caller really said.

Pure. An answer of another shape is `UnusableAnswer`; a field whose quote cannot be found in the caller's words is left
out, and so is a value that does not stand in its quote, whatever the model claims. A summary that repeats what was made
up is left out as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from calls.events import MODEL, UtteranceFinal
from calls.lead_fields import LeadField, understood
from understanding.language import Language
from understanding.words import quoted_words

from .errors import UnusableAnswer
from .evidence import proves
from .found import Found
from .invention import Orders, is_order, repeats_invention
from .outcome import Outcome
from .plain_text import SUMMARY_CHARS, VALUE_CHARS, clean

# The next step is chosen and not written by the model: free text would be a way for a caller to put a sentence of
# their own where the staff read what to do.
STEPS: Final = ("call_back", "send_quote", "send_information", "book_visit", "none")
_TEXT: Final[dict[str, Any]] = {"type": "STRING"}
_FIELD: Final[dict[str, Any]] = {
    "type": "OBJECT",
    "nullable": True,
    "properties": {"value": _TEXT, "quote": _TEXT},
    "required": ["value", "quote"],
}
URGENCIES: Final = ("low", "normal", "high")


def schema(fields: Iterable[LeadField]) -> dict[str, Any]:
    """What an answer about these fields has to look like, in the vendor's terms."""
    names = [field.name for field in fields]
    properties = {
        "summary": _TEXT,
        "next_step": {"type": "STRING", "enum": list(STEPS)},
        "urgency": {"type": "STRING", "enum": list(URGENCIES)},
        "fields": {"type": "OBJECT", "properties": dict.fromkeys(names, _FIELD), "required": names},
    }
    return {"type": "OBJECT", "properties": properties, "required": list(properties)}


_SHORTEST_QUOTE = 2


@dataclass(frozen=True, slots=True)
class Answer:
    summary: str
    """Empty: it repeats what the model made up."""
    next_step: str
    """One of `STEPS`, or empty if the model made up another."""
    fields: Mapping[str, Found]
    urgency: str = ""
    """One of `URGENCIES`, or empty."""
    based_on: int = 0
    """How many events it was made from."""

    def as_document(self, call_sid: str) -> dict[str, Any]:
        """As it is kept on the call: what comes later is told beside it."""
        fields = {name: found.as_document(call_sid) for name, found in self.fields.items()}
        return asdict(self) | {"fields": fields}


def kept_answer(document: Any) -> Answer | None:
    """What `as_document` made; None for anything else."""
    if not isinstance(document, Mapping) or not isinstance(document.get("based_on"), int):
        return None
    fields = document.get("fields")
    return Answer(
        summary=str(document.get("summary") or ""),
        next_step=document["next_step"] if document.get("next_step") in STEPS else "",
        fields={name: Found.of(found) for name, found in fields.items()} if isinstance(fields, Mapping) else {},
        urgency=document["urgency"] if document.get("urgency") in URGENCIES else "",
        based_on=document["based_on"],
    )


def read_answer(text: str, outcome: Outcome, language: Language, orders: Orders = ()) -> Answer:
    """Raises `UnusableAnswer`."""
    body = _object_in(text)
    summary, step, fields = body.get("summary"), body.get("next_step"), body.get("fields")
    if not isinstance(summary, str) or not clean(summary, SUMMARY_CHARS):
        raise UnusableAnswer("no summary")
    if not isinstance(step, str):
        raise UnusableAnswer("next_step is no text")
    if not isinstance(fields, dict):
        raise UnusableAnswer("fields is no object")
    wanted = understood(outcome.fields_to_collect)
    claims = {field.name: _claim(field.name, fields.get(field.name)) for field in wanted}
    spoken = SpokenWords([said for said in outcome.caller_said if not is_order(said.text, orders)], language)
    supported = {name: spoken.supporting(name, *claim) for name, claim in claims.items() if claim is not None}
    unproven = {name: claim[0] for name, claim in claims.items() if claim is not None and supported[name] is None}
    return Answer(
        summary="" if repeats_invention(summary, unproven, outcome, orders) else clean(summary, SUMMARY_CHARS),
        next_step=step if step in STEPS else "",
        fields={name: found for name, found in supported.items() if found is not None},
        urgency=body["urgency"] if body.get("urgency") in URGENCIES else "",
        based_on=outcome.events_count,
    )


def _object_in(text: str) -> dict[str, Any]:
    """The one JSON object in an answer. A code fence or a word around it costs nothing to forgive."""
    start, end = text.find("{"), text.rfind("}")
    try:
        body = json.loads(text[start : end + 1])
    except (ValueError, RecursionError) as exc:
        raise UnusableAnswer("not JSON") from exc
    if not isinstance(body, dict):
        raise UnusableAnswer("not a JSON object")
    return body


def _claim(name: str, given: Any) -> tuple[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise UnusableAnswer(f"{name} is no object")
    value, quote = given.get("value"), given.get("quote")
    if value is None or quote is None:
        return None
    if not isinstance(value, str) or not isinstance(quote, str):
        raise UnusableAnswer(f"{name} is no text")
    return clean(value, VALUE_CHARS), clean(quote, VALUE_CHARS)


class SpokenWords:
    """Everything the caller said, in one row of words, so that a quote may run over a pause."""

    def __init__(self, said: Iterable[UtteranceFinal], language: Language) -> None:
        self._language = language
        self._row: list[str] = []
        self._spoken_in: list[UtteranceFinal] = []
        for utterance in said:
            for word in quoted_words(utterance.text):
                self._row.append(word)
                self._spoken_in.append(utterance)

    def supporting(self, name: str, value: str, quote: str) -> Found | None:
        """The field, if its quote was said and can mean this value."""
        utterance = self._where(quoted_words(quote))
        if not value or utterance is None or not proves(quote, name, value, self._language):
            return None
        return Found(
            value=value,
            confidence=utterance.confidence,
            seq=utterance.seq,
            quote=quote,
            leg=utterance.leg,
            source=MODEL,
        )

    def _where(self, quoted: list[str]) -> UtteranceFinal | None:
        """The utterance in which the quote begins."""
        if len("".join(quoted)) < _SHORTEST_QUOTE:
            return None
        for start in range(len(self._row) - len(quoted) + 1):
            if self._row[start : start + len(quoted)] == quoted:
                return self._spoken_in[start]
        return None
