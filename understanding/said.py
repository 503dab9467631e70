"""One utterance of the caller, and what there is to understand it by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class Spoken(Protocol):
    """A turn of a conversation, a line of a transcript, or the event of one. Whoever is not the caller asks."""

    @property
    def speaker(self) -> str: ...

    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    asked: str = ""
    """Name of the field that the question before was about; "" if it was about none of ours."""
    caller_number: str = ""
    """The number that called, if it is known."""
    earlier: tuple[str, ...] = ()
    """What the caller has said since that question, oldest first: a number may be dictated over several utterances."""
    known: Mapping[str, str] = field(default_factory=dict)
    """The value of each field before this was said."""
    at: datetime | None = None
    """When it was said, with a time zone; None where that is not known."""

    @property
    def words(self) -> list[str]:
        return self.text.split()


@dataclass(frozen=True, slots=True)
class Answer:
    """The value of a field, as the caller gave it."""

    value: str
    confirmed: bool = False
