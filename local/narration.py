"""Tell a call as it happens, from three witnesses: the phone, the service's log, and the utterances in Firestore.

Pure. Rows come in the order in which things became known, each with the time it happened, in seconds from dialling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from local.service_log import Recognized
from local.twilio.timeline import Kind, TimelineEvent


class Who(StrEnum):
    CALLER = "caller"
    HEARD = "heard"
    ASSISTANT = "assistant"
    PHONE = "phone"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Row:
    at: float
    who: Who
    text: str


_TOLD: Final = {
    Kind.DIALLED: "rings",
    Kind.LEG_STARTED: "media stream opened",
    Kind.LEG_ENDED: "media stream closed",
    Kind.CLEAR: "the assistant falls silent",
    Kind.DIGIT: "pressed",
    Kind.ANNOUNCEMENT: "Twilio says",
    Kind.RECORDING: "Twilio records",
    Kind.HUNG_UP: "hung up",
}
# `statusCallbackEvent` on `<Stream>` is what the owner of the system asked for; Twilio grumbles and goes on.
_SCHEMA_WARNING: Final = 12200
_TROUBLE: Final = {Kind.WARNING: "Twilio warns", Kind.UNANSWERED: "no answer", Kind.FAULT: "fault on purpose"}


# Their first word is the call's status; those about the stream repeat what the rows beside them say.
_VOICE_WEBHOOKS: Final = ("ringing", "in-progress", "completed")


class Narration:
    """One call. Each method takes news and returns the rows it makes; `now` is what goes on between rows."""

    def __init__(self) -> None:
        self._assistant_is_on = False
        self._interim = ""

    @property
    def now(self) -> Row | None:
        """Without a time: it is still going on."""
        if self._interim:
            return Row(0.0, Who.HEARD, f"{self._interim} ...")
        if self._assistant_is_on:
            return Row(0.0, Who.ASSISTANT, "...")
        return None

    def phone(self, event: TimelineEvent) -> list[Row]:
        match event.kind:
            case Kind.CALLER_STARTED:
                return [Row(event.at, Who.CALLER, event.text)]
            case Kind.ASSISTANT_STARTED:
                self._assistant_is_on = True
            case Kind.ASSISTANT_STOPPED | Kind.CLEAR | Kind.LEG_ENDED:
                self._assistant_is_on = False
        if event.kind is Kind.BARGE_IN:
            return [Row(event.at, Who.PHONE, "the caller talks over the assistant")]
        if event.kind in _TROUBLE and event.code != _SCHEMA_WARNING:
            code = f" ({event.code})" if event.code else ""
            return [Row(event.at, Who.TROUBLE, f"{_TROUBLE[event.kind]}{code}: {event.text}")]
        if event.kind is Kind.WEBHOOK and event.text.startswith(_VOICE_WEBHOOKS):
            return [Row(event.at, Who.PHONE, f"webhook: {event.text}")]
        if event.kind in _TOLD:
            return [Row(event.at, Who.PHONE, f"{_TOLD[event.kind]} {event.text}".rstrip())]
        return []

    def recognized(self, words: Recognized, at: float) -> list[Row]:
        self._interim = "" if words.is_final else words.text
        return [Row(at, Who.HEARD, words.text)] if words.is_final else []

    def stored(self, utterance: Mapping[str, Any], dialled_at: float) -> list[Row]:
        """A new document below `utterances`. `dialled_at` in Unix seconds.

        The caller's words are told by the other two; what the assistant said is known to nobody else.
        """
        if utterance.get("speaker") != "assistant":
            return []
        return [Row(utterance["started_at"].timestamp() - dialled_at, Who.ASSISTANT, str(utterance["text"]))]
