"""Which of our fields a question is about, whoever worded it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from calls.lead_fields import LEAD_FIELDS
from understanding.language import Language
from understanding.said import Spoken
from understanding.words import contains


def asked_field(text: str, language: Language) -> str:
    """What the last question in these words is about; "" if it asks nothing we know."""
    for sentence in reversed(re.split(r"[.!?]", text)):
        words = sentence.split()
        for field in reversed(LEAD_FIELDS):
            if contains(words, language.fields[field.name].asked_by):
                return field.name
    return ""


def last_asked(before: Sequence[Spoken], language: Language) -> str:
    """What the caller is being asked after these turns.

    A question stands until the caller answers: "are you still there?" after it does not take it back.
    """
    ours = False
    for turn in reversed(before):
        if turn.speaker != "caller":
            ours = True
            if field := asked_field(turn.text, language):
                return field
        elif ours:
            break
    return ""
