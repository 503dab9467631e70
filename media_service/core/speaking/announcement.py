"""What the assistant says from memory, without anybody making it up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Announcement:
    text: str
    audio: bytes
    """mu-law; empty where synthesis did not work at start: then it is not said."""


class Say(Enum):
    """The announcements there are."""

    GREETING = "greeting"
    LINE_WAS_LOST = "line_was_lost"
    FILLER = "opener"
    """A slow answer begins with it."""
    STILL_THERE = "still_there"
    LISTENING = "listening"
    TROUBLE = "trouble"
    GOODBYE_SILENCE = "goodbye_silence"
    GOODBYE_TIME = "goodbye_time"
    KEYPAD = "keypad"
    GOODBYE_KEYPAD = "goodbye_keypad"
    GOODBYE_UNRECOGNIZED = "goodbye_unrecognized"
