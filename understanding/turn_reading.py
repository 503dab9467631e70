"""What is said of a turn that may have ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class TurnEnd(Enum):
    COMPLETE = "complete"
    """Evidently all of it."""
    ORDINARY = "ordinary"
    """It could be all, and could go on."""
    UNCERTAIN = "uncertain"
    """Could be all, and rather goes on: half a clause, the beginning of a story."""
    OPEN = "open"
    """It cannot be all."""
    DICTATING = "dictating"
    """A number, an address or a spelling has begun and is not finished."""


@dataclass(frozen=True, slots=True)
class TurnReading:
    end: TurnEnd
    why: str
    """For logs: a few words, none of them the caller's."""
    answers: bool = False
    """The question that was asked accounts for every word."""
