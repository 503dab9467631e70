"""The ways in which a media stream can misbehave on purpose."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum

from local.twilio.media_messages import CONNECTED, StreamMessages


class FaultKind(StrEnum):
    MALFORMED_JSON = "malformed_json"
    JSON_NULL = "json_null"
    DEEP_JSON = "deep_json"
    BINARY_FRAME = "binary_frame"
    WRONG_STREAM_SID = "wrong_stream_sid"
    BAD_BASE64 = "bad_base64"
    HUGE_FRAME = "huge_frame"
    UNKNOWN_EVENT = "unknown_event"
    SECOND_CONNECTED = "second_connected"
    SECOND_START = "second_start"
    MEDIA_BEFORE_START = "media_before_start"
    """Sent between `connected` and `start`, whatever its time says."""
    NO_STOP = "no_stop"
    """When the caller hangs up the socket closes without a `stop`."""
    STOP_READING = "stop_reading"
    """Go on sending, but read nothing and answer no ping."""
    FREEZE = "freeze"
    """Neither send nor read; the connection stays open."""
    RESET = "reset"
    """Drop the TCP connection with a reset, without closing the WebSocket."""


@dataclass(frozen=True, slots=True)
class Fault:
    kind: FaultKind
    at_s: float = 0.0
    """Seconds after the stream's start message."""
    leg: int = 1
    """The media stream of the call it happens on."""


def message_for(kind: FaultKind, messages: StreamMessages) -> str | bytes | None:
    """The bad message, or None for a fault that is not a message."""
    sid = messages.stream_sid
    silence = base64.b64encode(b"\xff" * 160).decode()
    match kind:
        case FaultKind.MALFORMED_JSON:
            return '{"event":"media","media":{"payload":'
        case FaultKind.JSON_NULL:
            return "null"
        case FaultKind.DEEP_JSON:
            return "[" * 50_000
        case FaultKind.BINARY_FRAME:
            return b"\x00\xff" * 80
        case FaultKind.WRONG_STREAM_SID:
            return messages.media(silence, 0).replace(sid, "MZ" + "0" * 32)
        case FaultKind.BAD_BASE64:
            return messages.media("@@not base64@@", 0)
        case FaultKind.HUGE_FRAME:
            return messages.media("/" * (1 << 20), 0)
        case FaultKind.UNKNOWN_EVENT:
            return f'{{"event":"surprise","streamSid":"{sid}"}}'
        case FaultKind.SECOND_CONNECTED:
            return CONNECTED
        case FaultKind.SECOND_START:
            return messages.start("inbound_track", ())
        case FaultKind.MEDIA_BEFORE_START:
            return messages.media(silence, 0)
    return None
