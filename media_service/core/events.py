"""What happened to a call, in the past tense. Times are seconds on the runner's monotonic clock (`now`).

Identifiers (`stream`, `request`, `clip`, `turn`) are those of the action that caused the event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls.events import FieldValue
from understanding.said import Turn


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """Text for a stretch of audio of one recognition stream."""

    text: str
    is_final: bool
    end_s: float | None = None
    """Where in the stream's audio the text ends, in seconds from its first sample; None if the vendor did not say."""
    stability: float = 0.0
    """The recognizer's own confidence (0 to 1) that an interim will not change; 0 means not given."""
    confidence: float | None = None
    """0 to 1, on finals only."""
    recognizer: str = ""
    """Who recognized it, as events on Pub/Sub say it; the adapter's name for itself."""


@dataclass(frozen=True, slots=True)
class CallerAudio:
    """mu-law audio that came from the phone, of any length."""

    audio: bytes
    track: str = "inbound"
    """`inbound` is the caller; `outbound`, in listen mode, the person called."""


@dataclass(frozen=True, slots=True)
class MarkReached:
    """Twilio played everything sent before this mark, or dropped it after a clear."""

    name: str


@dataclass(frozen=True, slots=True)
class DigitPressed:
    digit: str


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The connection stands; whether the recognizer accepts the configuration may show later."""

    stream: str


@dataclass(frozen=True, slots=True)
class StreamResult:
    stream: str
    result: RecognitionResult


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """A stream that could not be opened, broke, or came to its end."""

    stream: str
    reason: str
    """For the log; "" for an end that was asked for."""
    permanent: bool = False
    """There is no use in trying again now."""


@dataclass(frozen=True, slots=True)
class RequestRecognized:
    request: str
    results: tuple[RecognitionResult, ...]
    recognizer: str
    """As the results'; also where there are none."""


@dataclass(frozen=True, slots=True)
class RequestFailed:
    request: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReplyTextArrived:
    turn: int
    text: str
    asks: str | None = None
    """See `ports.ReplyPart`."""


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    turn: int
    ends_call: bool


@dataclass(frozen=True, slots=True)
class SpeechSynthesized:
    clip: int
    audio: bytes


@dataclass(frozen=True, slots=True)
class SynthesisFailed:
    clip: int


@dataclass(frozen=True, slots=True)
class CallRecalled:
    """The records told who is calling, what earlier legs said, and what the caller told in earlier calls."""

    caller_number: str
    turns: tuple[Turn, ...]
    earlier: Mapping[str, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """`stop` arrived: Twilio says that the call is over."""


@dataclass(frozen=True, slots=True)
class SocketLost:
    """The socket ended without `stop`. The caller may be there still, and come back on another stream."""

    because_of_us: bool = False
    """We closed it, because of what came over it."""


@dataclass(frozen=True, slots=True)
class DrainStarted:
    """The instance is being taken away."""


@dataclass(frozen=True, slots=True)
class RunnerFailed:
    """Something broke that nobody foresaw; the call must end cleanly."""


RecognitionEvent = StreamOpened | StreamResult | StreamEnded | RequestRecognized | RequestFailed
EndingEvent = CallerHungUp | SocketLost | DrainStarted | RunnerFailed
AssistantEvent = MarkReached | DigitPressed | ReplyTextArrived | ReplyFinished | SpeechSynthesized | SynthesisFailed
"""What only happens where an assistant talks."""

LegEvent = CallerAudio | RecognitionEvent | EndingEvent
"""What happens in either mode, and means the same there."""

Event = LegEvent | AssistantEvent | CallRecalled
