"""What a call needs from the outside world, as Protocols. Adapters implement them; fakes do so in tests.

Every method that waits raises only `VendorError` (see `errors.py`) or `CancelledError`, and bounds its own waiting.
Audio is mono mu-law at 8000 Hz everywhere on this side of the adapters: one byte a sample, 8000 bytes a second.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from calls.events import CallEvent, FieldValue, Parties
from calls.records import phone_digits
from media_service.core.conversation import AssistantSettings, Conversation, Turn
from media_service.core.events import RecognitionResult


class RecognitionStream(Protocol):
    """One streaming recognition request. The opener closes it: `cancel()` always, `finish()` before it if wanted."""

    def send(self, audio: bytes) -> None:
        """Queue audio. Never waits and never raises; a stream that cannot keep up ends with an error instead."""

    def finish(self) -> None:
        """No more audio: the recognizer flushes what it has, then the iteration ends. Repeating it is harmless."""

    def __aiter__(self) -> AsyncIterator[RecognitionResult]:
        """Results as they come. Ends normally after `finish()` or `cancel()`, and raises `VendorError` otherwise.

        A quiet end that nobody asked for is a `VendorUnavailable`, so that no failure looks like a normal end.
        """

    async def cancel(self) -> None:
        """Drop the stream now. Safe at any time and more than once; nothing is delivered afterwards."""


@dataclass(frozen=True, slots=True)
class RecognizerProfile:
    """What a recognizer is called, and what its streams take by its vendor's documents."""

    name: str
    """As events name who recognized the words of a stream."""
    longest_stream_s: float
    """It closes a stream at this age."""
    largest_message_bytes: int
    """Audio in one message of a stream, as mu-law."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What came of a single request."""

    results: Sequence[RecognitionResult]
    """All of them final; none means nothing was heard."""
    recognizer: str
    """Who recognized it, as events say it; also where there are no results."""


class Recognizer(Protocol):
    """Speech recognition. Shared by all calls of the instance."""

    @property
    def language(self) -> str:
        """The tag as the vendor spells it, for events (`iw-IL`)."""

    @property
    def model(self) -> str:
        """The model chosen at start, for `/status`."""

    @property
    def profile(self) -> RecognizerProfile:
        """Of the model that the next stream gets."""

    async def open_stream(self) -> RecognitionStream:
        """Open one streaming request. Returns when the connection stands; a refused config may show later."""

    async def recognize(self, audio: bytes) -> Recognition:
        """Recognize one utterance with a single request."""


class Synthesizer(Protocol):
    """Text to speech. Shared by all calls."""

    async def synthesize(self, text: str) -> bytes:
        """Audio for one sentence or short text, without any header."""


@dataclass(frozen=True, slots=True)
class ReplyPart:
    """A piece of the assistant's reply."""

    text: str = ""
    """What to say next; pieces are joined as they are, with no space added."""
    ends_call: bool = False
    """The assistant considers the conversation finished after this."""
    asks: str | None = None
    """The field that this text asks for, "" for none; None: whoever worded it does not say."""


class ReplyEngine(Protocol):
    """Decides what the assistant says. Shared by all calls; everything it knows of the call is in the conversation."""

    def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        """The reply to the last caller turn, in pieces as they are ready.

        At least one piece has text; an empty, blocked or truncated answer is a `VendorError`.
        Closing it early (`aclose`) abandons the request.
        """


@dataclass(frozen=True, slots=True)
class CallSoFar:
    """What the records already hold of a call when a media stream of it starts."""

    caller_number: str = ""
    """As Twilio gave it; "" if the call document is not there (yet) or the number is withheld."""
    turns: tuple[Turn, ...] = ()
    """What earlier legs of the call left, in the order spoken."""
    parties: Parties | None = None
    """Both numbers, also one that is withheld, as they stand in the call document."""
    earlier: Mapping[str, FieldValue] = field(default_factory=dict)
    """What the caller told in earlier calls. Of its evidence only `confirmed` counts."""


@dataclass(frozen=True, slots=True)
class TeamSettings:
    """What the product team has written down: for calls to any number, and for calls to those that have their own."""

    general: AssistantSettings = AssistantSettings()
    by_number: Mapping[str, AssistantSettings] = field(default_factory=dict)
    """By the digits of the called number. Each is whole: what the number has not of its own is the general."""

    def of_number(self, called: str) -> AssistantSettings:
        """`called` in any spelling; "" where it is not known."""
        return self.by_number.get(phone_digits(called), self.general)


class CallRecords(Protocol):
    """The parts of the Firestore documents that the media service reads and writes. Shared by all calls."""

    async def team_settings(self) -> TeamSettings:
        """The documents of the collection `settings`, cached for 60 s."""

    async def called_number(self, call_sid: str) -> str:
        """As it stands in the call document; "" where it is not there (yet)."""

    async def call_so_far(self, call_sid: str, caller_number: str = "") -> CallSoFar:
        """The caller's number from the call document, the utterances stored by earlier legs, and what the caller's lead
        tells. `caller_number`: as the stream told it, for a call that was not written down when the phone rang."""

    async def write_leg(self, call_sid: str, leg: int) -> None:
        """Put the leg of the stream that has started on the call document, creating the document if it is missing."""

    async def write_end(self, call_sid: str, reason: str, ended_at: datetime) -> None:
        """Put `end_reason` and `ended_at` on the call document, creating the document if it is missing."""


class EventPublisher(Protocol):
    """Pub/Sub. Shared by all calls."""

    async def publish(self, event: CallEvent) -> None:
        """Return once the event is acknowledged. Events of one call are published in the order of the calls to this."""
