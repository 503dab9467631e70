"""Twilio's media messages: what comes in, checked, and what goes out. Pure translation, no socket.

One line of JSON a message. Everything malformed is `MediaProtocolError` with a short reason that holds nothing the
peer sent; an event this file has not heard of is an `UnknownMessage`, because Twilio adds events without notice.
Whether a message is allowed now (media before start, another stream's SID) is not decided here.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from media_service.errors import MediaProtocolError

_ENCODING: Final = "audio/x-mulaw"
_SAMPLE_RATE_HZ: Final = 8000
_KEYS: Final = frozenset("0123456789*#ABCD")


@dataclass(frozen=True, slots=True)
class Connected:
    """The first message of a connection."""


@dataclass(frozen=True, slots=True)
class Start:
    """The media stream begins. Its audio is mono mu-law at 8000 Hz, or this is a `MediaProtocolError`."""

    call_sid: str
    stream_sid: str
    tracks: tuple[str, ...]
    """Of `inbound` and `outbound`."""
    parameters: Mapping[str, str]
    """What the TwiML's `<Parameter>` elements said."""


@dataclass(frozen=True, slots=True)
class Media:
    """Audio of one track: 20 ms as a rule, which is written down nowhere."""

    stream_sid: str
    track: str
    payload: bytes
    """Raw mu-law, never empty."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The audio sent before the mark of this name was played, or was dropped by a clear."""

    stream_sid: str
    name: str


@dataclass(frozen=True, slots=True)
class Dtmf:
    """The caller pressed a key."""

    stream_sid: str
    digit: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The stream ended; nothing follows."""


@dataclass(frozen=True, slots=True)
class UnknownMessage:
    """An event of a kind not known here."""


MediaMessage: TypeAlias = Connected | Start | Media | Mark | Dtmf | Stop | UnknownMessage


def parse(message: str | bytes) -> MediaMessage:
    """Read one message from Twilio. Raises `MediaProtocolError`."""
    try:
        body = orjson.loads(message)
    except orjson.JSONDecodeError as error:  # also for nesting that is too deep and for lone surrogates
        raise MediaProtocolError("not JSON") from error
    if type(body) is not dict:
        raise MediaProtocolError("not a JSON object")
    event = body.get("event")
    if event == "media":
        return _media(body)
    if type(event) is not str:
        raise MediaProtocolError("no event")
    read = _READERS.get(event)
    return read(body) if read else UnknownMessage()


def media_message(stream_sid: str, audio: bytes) -> str:
    """Audio to play after all that was sent before: raw mu-law of any length, without a header."""
    return f'{{"event":"media","streamSid":{_quoted(stream_sid)},"media":{{"payload":"{_base64(audio)}"}}}}'


def mark_message(stream_sid: str, name: str) -> str:
    """Asks for a `Mark` of this name once everything sent so far was played or dropped."""
    return f'{{"event":"mark","streamSid":{_quoted(stream_sid)},"mark":{{"name":{_quoted(name)}}}}}'


def clear_message(stream_sid: str) -> str:
    """Drops what was sent and not played. Marks still waiting come back too."""
    return f'{{"event":"clear","streamSid":{_quoted(stream_sid)}}}'


def _media(body: dict[str, Any]) -> Media:
    # Fifty of these a second for each call: no helper functions on the way.
    media = body.get("media")
    if type(media) is not dict:
        raise MediaProtocolError("media: no media object")
    stream_sid = body.get("streamSid")
    track = media.get("track")
    payload = media.get("payload")
    if type(stream_sid) is not str or type(track) is not str or type(payload) is not str:
        raise MediaProtocolError("media: streamSid, track and payload must be strings")
    try:
        # Strict, because the lenient reading drops what it does not know and makes noise of the rest.
        audio = a2b_base64(payload, strict_mode=True)
    except (Base64Error, ValueError) as error:
        raise MediaProtocolError("media: payload is not base64") from error
    if not audio:
        raise MediaProtocolError("media: empty payload")
    return Media(stream_sid, track, audio)


def _connected(_: dict[str, Any]) -> Connected:
    return Connected()


def _start(body: dict[str, Any]) -> Start:
    start = _object(body, "start")
    tracks = start.get("tracks", [])
    if type(tracks) is not list or not all(type(each) is str for each in tracks):
        raise MediaProtocolError("start: tracks must be a list of strings")
    parameters = start.get("customParameters", {})
    if type(parameters) is not dict or not all(type(each) is str for each in parameters.values()):
        raise MediaProtocolError("start: customParameters must hold strings")
    media_format = _object(start, "mediaFormat")
    if media_format.get("encoding") != _ENCODING:
        raise MediaProtocolError(f"start: encoding is not {_ENCODING}")
    if _whole_number(media_format.get("sampleRate"), "sampleRate") != _SAMPLE_RATE_HZ:
        raise MediaProtocolError(f"start: sample rate is not {_SAMPLE_RATE_HZ}")
    if _whole_number(media_format.get("channels", 1), "channels") != 1:
        raise MediaProtocolError("start: more than one channel")
    return Start(
        call_sid=_text(start, "callSid"),
        stream_sid=_text(start, "streamSid"),
        tracks=tuple(tracks),
        parameters=parameters,
    )


def _mark(body: dict[str, Any]) -> Mark:
    return Mark(_text(body, "streamSid"), _text(_object(body, "mark"), "name"))


def _dtmf(body: dict[str, Any]) -> Dtmf:
    digit = _text(_object(body, "dtmf"), "digit")
    if digit not in _KEYS:
        raise MediaProtocolError("dtmf: digit must be one key")
    return Dtmf(_text(body, "streamSid"), digit)


def _stop(_: dict[str, Any]) -> Stop:
    return Stop()


_READERS: Final[dict[str, Callable[[dict[str, Any]], MediaMessage]]] = {
    "connected": _connected,
    "start": _start,
    "mark": _mark,
    "dtmf": _dtmf,
    "stop": _stop,
}


def _object(body: dict[str, Any], key: str) -> dict[str, Any]:
    value = body.get(key)
    if type(value) is not dict:
        raise MediaProtocolError(f"no {key} object")
    return value


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    if type(value) is not str or not value:
        raise MediaProtocolError(f"{key} must be a string that is not empty")
    return value


def _whole_number(value: Any, key: str) -> int:
    """Twilio writes numbers as strings in some places and as numbers in others; both are taken in all."""
    if type(value) is int and value >= 0:
        return value
    if type(value) is str and len(value) <= 18 and value.isascii() and value.isdigit():
        return int(value)
    raise MediaProtocolError(f"{key} must be a whole number")


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()


def _base64(audio: bytes) -> str:
    return b2a_base64(audio, newline=False).decode("ascii")
