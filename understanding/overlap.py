"""stub until merged"""

from __future__ import annotations

from enum import Enum

from understanding.language import Language


class Overlap(Enum):
    BACK_CHANNEL = "back-channel"
    STOP = "stop"
    OTHER = "other"
    NOTHING = "nothing"


def overlap(text: str, language: Language) -> Overlap:
    return Overlap.OTHER if text else Overlap.NOTHING


def is_echo(text: str, played: str, language: Language) -> bool:
    return False


def without_echo(text: str, played: str, language: Language) -> str:
    return text


def is_yes_no_question(text: str, language: Language) -> bool:
    return False
