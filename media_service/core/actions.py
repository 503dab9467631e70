"""What is to be done for a call, in the imperative, and what is to be reported of it.

The runner carries actions out in the order given, without waiting for any of them to finish.
"""

from __future__ import annotations

from dataclasses import dataclass

from calls.events import CallEvent
from media_service.core.conversation import Conversation


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Open a recognition stream. Answered by `StreamOpened`, then results, then one `StreamEnded`."""

    stream: str


@dataclass(frozen=True, slots=True)
class SendAudio:
    stream: str
    audio: bytes


@dataclass(frozen=True, slots=True)
class FinishStream:
    """No more audio will come; let the recognizer flush what it has."""

    stream: str


@dataclass(frozen=True, slots=True)
class CancelStream:
    """Drop the stream; nothing more is wanted from it."""

    stream: str


@dataclass(frozen=True, slots=True)
class RecognizeOnce:
    """Recognize a whole utterance with a single request."""

    request: str
    audio: bytes


@dataclass(frozen=True, slots=True)
class StartReply:
    """Ask the reply engine. Answered by `ReplyTextArrived` ..., `ReplyFinished`."""

    turn: int
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class CancelReply:
    turn: int


@dataclass(frozen=True, slots=True)
class Synthesize:
    """Turn text into audio. Answered by `SpeechSynthesized` or `SynthesisFailed`."""

    clip: int
    text: str


@dataclass(frozen=True, slots=True)
class PlayAudio:
    """Send mu-law audio to the phone; Twilio queues and plays it in order."""

    audio: bytes


@dataclass(frozen=True, slots=True)
class SendMark:
    """Ask to be told when everything sent so far has been played."""

    name: str


@dataclass(frozen=True, slots=True)
class ClearPlayback:
    """Drop whatever the phone has not played yet."""


@dataclass(frozen=True, slots=True)
class Publish:
    event: CallEvent


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the socket. Nothing follows it."""

    reason: str
    on_record: bool
    """Write the reason on the call document first: it tells Twilio's next request not to connect the call again."""


@dataclass(frozen=True, slots=True)
class ReportStreamStarted:
    """A recognition stream is open; `first` for the first of this speaker."""

    attempt: int
    first: bool
    stream: str


@dataclass(frozen=True, slots=True)
class ReportStreamFailed:
    """A stream could not be started, or one that had been working broke."""

    attempt: int
    was_working: bool
    reason: str
    stream: str


@dataclass(frozen=True, slots=True)
class ReportStreamingGivenUp:
    """Every attempt failed; the call goes on with single requests."""

    stream: str
    """The last that was tried."""


@dataclass(frozen=True, slots=True)
class ReportRequestFailed:
    """A single request failed; the words of one utterance may be missing."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReportInterim:
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportFinal:
    speaker: str
    text: str
    reason: str = ""
    """Why the utterance was taken to be over; "" where nobody decided that."""
    is_answered: bool = True
    """False for what is kept and no turn: an acknowledgement, words that nobody said."""


@dataclass(frozen=True, slots=True)
class ReportTurn:
    """Latencies of one turn, in seconds; None for what did not happen in it."""

    partial_s: float | None
    """First voiced frame to first interim."""
    final_s: float
    """Last voiced frame to the utterance closed."""
    tts_s: float | None
    """Text ready to first audio ready."""
    total_s: float
    """Last voiced frame to first reply frame sent."""


@dataclass(frozen=True, slots=True)
class ReportBargeIn:
    """The caller spoke over the assistant, who stopped."""


Action = (
    OpenStream
    | SendAudio
    | FinishStream
    | CancelStream
    | RecognizeOnce
    | StartReply
    | CancelReply
    | Synthesize
    | PlayAudio
    | SendMark
    | ClearPlayback
    | Publish
    | HangUp
    | ReportStreamStarted
    | ReportStreamFailed
    | ReportStreamingGivenUp
    | ReportRequestFailed
    | ReportInterim
    | ReportFinal
    | ReportTurn
    | ReportBargeIn
)
