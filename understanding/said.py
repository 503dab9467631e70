"""One utterance of the caller, and what there is to understand it by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from calls.events import FieldValue

OTHER: Final = "?"
"""In the place of a field's name: a question was asked, and about none of ours."""

LOW_CONFIDENCE: Final = 0.6
"""Below it, what was recognized teaches nothing: Google's recognizer made "0 5 0 8 0 8 0 0 0 0" of a silence,
at 0.58."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One side's contribution: what the caller said, or what the caller heard the assistant say."""

    speaker: str
    """`caller`; whoever else it is asks (`assistant`, in listen mode `callee`)."""
    text: str
    seq: int = 0
    """Of the utterance's event, on its leg; 0 while it has none."""
    leg: int = 1
    asks: str | None = None
    """The field that it asks for, where whoever worded it said so: its name, or "" for none. None: see the words."""
    confidence: float | None = None
    """The recognizer's, 0 to 1; None where there is none."""
    typed: bool = False
    """Digits from the keypad."""
    voiced: bool = True
    """Speech was noticed where the recognizer found these words."""
    at: datetime | None = None
    """When it was said, with a time zone; None where that is not known."""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    """What was learned from it when it was said, as far as it was kept."""

    @property
    def can_teach(self) -> bool:
        """Whether it is certain enough that somebody said this."""
        return self.typed or (self.voiced and (self.confidence is None or self.confidence >= LOW_CONFIDENCE))


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    asked: str = ""
    """Name of the field that the question before was about; "" if nothing was asked, `OTHER` for what is not ours."""
    caller_number: str = ""
    """The number that called, if it is known."""
    earlier: tuple[str, ...] = ()
    """What the caller has said since that question, oldest first: a number may be dictated over several utterances."""
    known: Mapping[str, str] = field(default_factory=dict)
    """The value of each field before this was said."""
    at: datetime | None = None
    """When it was said, with a time zone; None where that is not known."""
    question: str = ""
    """What the other side said last: of a question that is about none of our fields, its words tell what is awaited."""

    @property
    def words(self) -> list[str]:
        return self.text.split()


@dataclass(frozen=True, slots=True)
class Answer:
    """The value of a field, as the caller gave it."""

    value: str
    confirmed: bool = False
    source: str = "rule"
    other: str = ""
    """A second value given beside it."""
    corrects: bool = False
    """It was said to replace what was understood before."""
    firm: str = ""
    """Of a name: where the caller is from, if that was told with it."""
    at: datetime | None = None
    until: datetime | None = None
    """The time it means, if it means one."""
