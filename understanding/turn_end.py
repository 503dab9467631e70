"""stub until merged"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from calls.lead_fields import LeadField
from understanding.language import Language
from understanding.said import Said


class TurnEnd(Enum):
    COMPLETE = "complete"
    ORDINARY = "ordinary"
    OPEN = "open"
    DICTATING = "dictating"


@dataclass(frozen=True, slots=True)
class TurnReading:
    end: TurnEnd
    why: str
    answers: bool


def turn_end(said: Said, field: LeadField | None, language: Language) -> TurnReading:
    return TurnReading(TurnEnd.ORDINARY, "stub", False)
