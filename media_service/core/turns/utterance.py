"""One stretch of a speaker's speech, from its first sound until its words are published: the stages, and the ways
from one to the next.

    NONE --SPEECH, WORDS--> OPEN --SILENCE, HUNG_UP--> CLOSED --FINAL, LATE, NEXT, HUNG_UP--> SETTLED
                              |                                                                  ^
                              +--NOISE------------------------> DROPPED <--NOTHING--+            |
                              |                                                     |            |
                              +--REQUEST----------------------------------------> REQUESTED --ANSWER

*Closed* means that the speaker is taken to have finished, so it is answered. *Settled* means that it is published: its
final result has come, or was waited for long enough. One that comes later still, and says otherwise, makes a revision.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from media_service.errors import InvalidTransition


class Stage(Enum):
    NONE = "none"
    OPEN = "open"
    """Somebody speaks, or just did."""
    REQUESTED = "requested"
    """Its audio went into a single request."""
    CLOSED = "closed"
    SETTLED = "settled"
    DROPPED = "dropped"
    """It has no words and never will."""


class Trigger(Enum):
    SPEECH = "speech"
    WORDS = "words"
    """Words in which no speech was noticed."""
    SILENCE = "silence"
    """Endpointing found it over."""
    NOISE = "noise"
    """A long silence, and no words."""
    REQUEST = "request"
    ANSWER = "answer"
    """The request has its words."""
    NOTHING = "nothing"
    """The request has none, or failed."""
    FINAL = "final"
    """A final result covers all of it."""
    LATE = "late"
    """Its final result did not come in time to be waited for."""
    NEXT = "next"
    """The next utterance closes."""
    HUNG_UP = "hung up"
    REVISED = "revised"
    """Its final result came after all, and says otherwise."""


_NEXT: Mapping[tuple[Stage, Trigger], Stage] = {
    (Stage.NONE, Trigger.SPEECH): Stage.OPEN,
    (Stage.NONE, Trigger.WORDS): Stage.OPEN,
    (Stage.OPEN, Trigger.SILENCE): Stage.CLOSED,
    (Stage.OPEN, Trigger.HUNG_UP): Stage.CLOSED,
    (Stage.OPEN, Trigger.NOISE): Stage.DROPPED,
    (Stage.OPEN, Trigger.REQUEST): Stage.REQUESTED,
    (Stage.REQUESTED, Trigger.ANSWER): Stage.SETTLED,
    (Stage.REQUESTED, Trigger.NOTHING): Stage.DROPPED,
    (Stage.CLOSED, Trigger.FINAL): Stage.SETTLED,
    (Stage.CLOSED, Trigger.LATE): Stage.SETTLED,
    (Stage.CLOSED, Trigger.NEXT): Stage.SETTLED,
    (Stage.CLOSED, Trigger.HUNG_UP): Stage.SETTLED,
    (Stage.SETTLED, Trigger.REVISED): Stage.SETTLED,
}


@dataclass(slots=True)
class Progress:
    """What matters until its words are settled."""

    first_interim_at: float | None = None
    words_at: float = math.nan
    """When its words last changed."""
    are_stable: bool = False
    """The recognizer says that they will stay so."""
    prompted_at: float = -math.inf
    """When the speaker was asked to go on."""
    settle_at: float = math.inf
    """When it is published as it is."""
    from_finals: str = ""
    """The beginning of the text that final results had already decided when it was closed."""


@dataclass(slots=True)
class Utterance:
    """Times are seconds on the runner's clock."""

    speaker: str
    started_at: float
    ended_at: float
    text: str = ""
    confidence: float | None = None
    recognizer: str = ""
    """Whose words these are, as its results say; "" where they do not."""
    typed: bool = False
    """Digits from the keypad."""
    voiced: bool = True
    """Somebody was speaking. Recognizers also write words into silence."""
    closed_at: float = math.nan
    why_closed: str = ""
    """For logs; tells nothing of the words."""
    stage: Stage = Stage.NONE
    progress: Progress = field(default_factory=Progress, repr=False)

    def go(self, trigger: Trigger) -> None:
        try:
            self.stage = _NEXT[self.stage, trigger]
        except KeyError:
            raise InvalidTransition(f"utterance {self.stage.value}: {trigger.value}") from None


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """Somebody seems to speak; words may or may not follow."""


@dataclass(frozen=True, slots=True)
class SpeechDismissed:
    """It was noise: no words came."""

    voice_s: float = 0.0
    """So much of it was surely a voice, as far as anything can tell."""


@dataclass(frozen=True, slots=True)
class SpeechUnrecognized:
    """Somebody spoke, and what was said is not known and will not be."""


@dataclass(frozen=True, slots=True)
class SpeechHangs:
    """The open utterance cannot be all, and nothing has followed for a while."""


@dataclass(frozen=True, slots=True)
class InterimArrived:
    """The open utterance has new words."""


@dataclass(frozen=True, slots=True)
class InterimShown:
    """An interim that passed the debounce, for those who watch the call."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class UtteranceClosed:
    utterance: Utterance


@dataclass(frozen=True, slots=True)
class UtteranceOverheard:
    """Words that are kept and not answered: nobody's voice was under them, or what they belong to was answered."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class UtteranceAmended:
    """Words came in late that the closed utterance did not have."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class UtteranceSettled:
    utterance: Utterance


@dataclass(frozen=True, slots=True)
class UtteranceRevised:
    """It was settled, and its words read otherwise now."""

    utterance: Utterance


SpeechFact = (
    SpeechBegan
    | SpeechDismissed
    | SpeechUnrecognized
    | SpeechHangs
    | InterimArrived
    | InterimShown
    | UtteranceClosed
    | UtteranceOverheard
    | UtteranceAmended
    | UtteranceSettled
    | UtteranceRevised
)
