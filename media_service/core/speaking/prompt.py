"""What the assistant says from memory, without anybody making it up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something said from memory."""

    text: str
    audio: bytes
    """Empty where synthesis did not work at start: then the prompt is not said."""


class Say(Enum):
    """The prompts there are."""

    GREETING = "greeting"
    LINE_WAS_LOST = "line_was_lost"
    OPENER = "opener"
    STILL_THERE = "still_there"
    LISTENING = "listening"
    TROUBLE = "trouble"
    GOODBYE_SILENCE = "goodbye_silence"
    GOODBYE_TIME = "goodbye_time"
    KEYPAD = "keypad"
    GOODBYE_KEYPAD = "goodbye_keypad"
    GOODBYE_UNHEARD = "goodbye_unheard"
