"""What the assistant says from memory, without anybody making it up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Announcement:
    text: str
    audio: bytes
    """mu-law; empty where synthesis did not work at start: then it is not said."""
    is_protected: bool = False
    """Said to its end whatever the caller does: who speaks, and that the call is transcribed."""


class Say(Enum):
    """The announcements there are."""

    DISCLOSURE = "disclosure"
    """The beginning of the greeting, up to the sentence that must be heard."""
    GREETING = "greeting"
    """The rest of it."""
    LINE_WAS_LOST = "line_was_lost"
    FILLER = "opener"
    """A slow answer begins with it."""
    STILL_THERE = "still_there"
    GO_ON = "go_on"
    """To a caller who broke off in mid-sentence."""
    REPEAT = "repeat"
    """To a caller whose voice was heard and no word of it."""
    TIME_WARNING = "time_warning"
    TROUBLE = "trouble"
    GOODBYE_SILENCE = "goodbye_silence"
    GOODBYE_TIME = "goodbye_time"
    KEYPAD = "keypad"
    GOODBYE_KEYPAD = "goodbye_keypad"
    GOODBYE_UNRECOGNIZED = "goodbye_unrecognized"
