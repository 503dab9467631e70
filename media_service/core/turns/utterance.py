"""What is heard of a speaker: utterances in the making, and what happens to them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

GOOGLE_STREAMING = "google_streaming"


@dataclass(slots=True)
class Utterance:
    """One stretch of a speaker's speech. Times are on the runner's clock."""

    started_at: float
    ended_at: float
    text: str = ""
    confidence: float | None = None
    recognizer: str = GOOGLE_STREAMING
    typed: bool = False
    """Digits from the keypad."""
    first_interim_at: float | None = None
    closed_at: float = math.nan
    from_finals: str = field(default="", repr=False)
    """The beginning of `text` that final results had already decided when it was closed."""


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """Somebody seems to speak; words may or may not follow."""


@dataclass(frozen=True, slots=True)
class SpeechDismissed:
    """It was noise: no words came."""


@dataclass(frozen=True, slots=True)
class SpeechUnheard:
    """It could not be recognised: what was said is not known and will not be."""


@dataclass(frozen=True, slots=True)
class InterimHeard:
    text: str


@dataclass(frozen=True, slots=True)
class InterimShown:
    """An interim that passed the debounce, for those who watch the call."""

    text: str


@dataclass(frozen=True, slots=True)
class UtteranceClosed:
    utterance: Utterance


@dataclass(frozen=True, slots=True)
class UtteranceAmended:
    """Words came in late that the closed utterance did not have."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class UtteranceSettled:
    utterance: Utterance


Heard = (
    SpeechBegan
    | SpeechDismissed
    | SpeechUnheard
    | InterimHeard
    | InterimShown
    | UtteranceClosed
    | UtteranceAmended
    | UtteranceSettled
)
