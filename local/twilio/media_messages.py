"""The JSON of a media stream: what Twilio sends, with its numbers as strings, and what it accepts.

Pure. One `StreamMessages` makes the messages of one stream, in the order in which they are to be sent.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'
_TRACKS = {"inbound_track": ["inbound"], "outbound_track": ["outbound"], "both_tracks": ["inbound", "outbound"]}


class RejectedMessage(ValueError):
    """Twilio would warn with this code and ignore the message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class PlayMedia:
    audio: bytes


@dataclass(frozen=True, slots=True)
class SetMark:
    name: str


@dataclass(frozen=True, slots=True)
class ClearBuffer:
    pass


ServiceMessage = PlayMedia | SetMark | ClearBuffer


def tracks_of(track: str) -> list[str]:
    """The tracks in a stream whose `<Stream track>` this is."""
    return _TRACKS[track]


class StreamMessages:
    def __init__(self, account_sid: str, call_sid: str, stream_sid: str) -> None:
        self.stream_sid = stream_sid
        self._account_sid = account_sid
        self._call_sid = call_sid
        self._sequence = 0
        self._chunks: dict[str, int] = {}

    def start(self, track: str, parameters: tuple[tuple[str, str], ...]) -> str:
        """`track` as in TwiML."""
        return self._message(
            "start",
            start={
                "accountSid": self._account_sid,
                "streamSid": self.stream_sid,
                "callSid": self._call_sid,
                "tracks": tracks_of(track),
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": dict(parameters),
            },
        )

    def media(self, payload: str, timestamp_ms: int, track: str = "inbound") -> str:
        """`payload` in base64. Written out rather than dumped: there are fifty a second for each call."""
        self._sequence += 1
        chunk = self._chunks[track] = self._chunks.get(track, 0) + 1
        return (
            f'{{"event":"media","sequenceNumber":"{self._sequence}","media":{{"track":"{track}","chunk":"{chunk}",'
            f'"timestamp":"{timestamp_ms}","payload":"{payload}"}},"streamSid":"{self.stream_sid}"}}'
        )

    def mark(self, name: str) -> str:
        return self._message("mark", mark={"name": name})

    def digit(self, digit: str) -> str:
        return self._message("dtmf", dtmf={"track": "inbound_track", "digit": digit})

    def stop(self) -> str:
        return self._message("stop", stop={"accountSid": self._account_sid, "callSid": self._call_sid})

    def _message(self, event: str, **body: Any) -> str:
        self._sequence += 1
        message = {"event": event, "sequenceNumber": str(self._sequence), **body, "streamSid": self.stream_sid}
        return json.dumps(message, separators=(",", ":"))


def read_message(text: str, stream_sid: str) -> ServiceMessage:
    """Read what the service sent. Raises `RejectedMessage`."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise RejectedMessage(31951, "invalid message: not JSON") from exc
    if not isinstance(message, dict):
        raise RejectedMessage(31951, "invalid message: not a JSON object")
    if message.get("streamSid") != stream_sid:
        raise RejectedMessage(31951, "invalid message: streamSid of another stream")
    match message.get("event"):
        case "media":
            return PlayMedia(_audio(message.get("media")))
        case "mark":
            return SetMark(_mark_name(message.get("mark")))
        case "clear":
            return ClearBuffer()
        case event:
            raise RejectedMessage(31951, f"invalid message: unknown event {event!r}")


def _audio(media: Any) -> bytes:
    payload = media.get("payload") if isinstance(media, dict) else None
    if not isinstance(payload, str):
        raise RejectedMessage(31951, "invalid message: media without payload")
    try:
        audio = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise RejectedMessage(31951, "invalid message: payload is not base64") from exc
    if audio[:4] == b"RIFF":
        raise RejectedMessage(31951, "invalid message: payload has a file header")
    return audio


def _mark_name(mark: Any) -> str:
    name = mark.get("name") if isinstance(mark, dict) else None
    if not isinstance(name, str) or not name:
        raise RejectedMessage(31951, "invalid message: mark without name")
    return name
