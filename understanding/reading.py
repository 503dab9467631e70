"""Read the lead's fields from what the caller says, one utterance after another.

Remembers nothing: what was asked is read from what was said before. So it can begin at any utterance, and reading the
stored events again comes to what was understood while the caller spoke.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from calls.events import FieldValue
from calls.lead_fields import LEAD_FIELDS, NAME, Kind, LeadField
from understanding.fields import RULES
from understanding.language import Language
from understanding.questions import last_asked
from understanding.said import Answer, Said, Spoken
from understanding.yes_no import says_no


def learn(known: Mapping[str, FieldValue], said: Said, seq: int, language: Language) -> dict[str, FieldValue]:
    """The fields after the caller said this.

    A name or a number is taken wherever it is clearly given, anything else only as an answer. What tells one of them
    is not also the answer to a question for a text.
    """
    told = {
        field.name: answer
        for field in LEAD_FIELDS
        if field.kind is not Kind.TEXT and (answer := _answer(field, said, language))
    }
    if not told:
        told = {
            field.name: answer
            for field in LEAD_FIELDS
            # The first answer stands: what is said to the same question later explains it.
            if field.kind is Kind.TEXT and field.name not in known and (answer := _answer(field, said, language))
        }
    fields = {**known, **{name: FieldValue(answer.value, seq, answer.confirmed) for name, answer in told.items()}}
    if NAME in known and NAME not in told and said.asked not in ("", NAME) and not says_no(said, language):
        # It was read back to the caller, who went on without a no.
        fields[NAME] = replace(known[NAME], confirmed=True)
    return fields


def learn_from(
    known: Mapping[str, FieldValue],
    before: Sequence[Spoken],
    text: str,
    seq: int,
    caller_number: str,
    language: Language,
) -> dict[str, FieldValue]:
    """The fields after the caller said `text`, `before` being everything said until then."""
    return learn(known, Said(text, last_asked(before, language), caller_number), seq, language)


def read_again(lines: Sequence[Spoken], caller_number: str, language: Language) -> dict[str, FieldValue]:
    """The fields after a whole conversation. `seq` is the place of a line in `lines`, from 1."""
    fields: dict[str, FieldValue] = {}
    for place, line in enumerate(lines, start=1):
        if line.speaker == "caller":
            fields = learn_from(fields, lines[: place - 1], line.text, place, caller_number, language)
    return fields


def _answer(field: LeadField, said: Said, language: Language) -> Answer | None:
    asked = said.asked == field.name or (field.opens_calls and not said.asked)
    return RULES[field.kind].read(said, asked=asked, language=language)
