"""The TwiML documents Twilio is answered with.

Twilio reads attribute names with their case, and refuses a document that does not start with its declaration.
Nothing here comes from a caller: every value is configured, or is a token of ours. All are escaped nevertheless.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import indent
from xml.sax.saxutils import escape

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class StreamTarget:
    """Where the audio of a call goes, the same for all calls."""

    url: str
    """`wss://`, without query: Twilio drops queries."""
    status_callback: str
    status_events: str
    """Empty leaves the attribute out. Twilio does not document it on `<Stream>` and may log warning 12200."""


def connect(target: StreamTarget, token: str, after_stream_url: str) -> str:
    """The assistant talks with the caller; when the stream ends Twilio asks `after_stream_url` how to go on."""
    stream = _stream(target, "inbound_track", token)
    return _response(_element("Connect", {"action": after_stream_url}, stream))


def listen(target: StreamTarget, token: str, forward_to: str) -> str:
    """A person is called, and both sides are copied to the stream while they talk."""
    stream = _stream(target, "both_tracks", token)
    return _response(_element("Start", {}, stream), _element("Dial", {}, text=forward_to))


def voicemail(prompt: str, language: str, voice: str, recording_url: str) -> str:
    return _response(
        _element("Say", {"language": language, "voice": voice}, text=prompt),
        # Two minutes of message; five seconds of silence end it.
        _element("Record", {"action": recording_url, "maxLength": "120", "timeout": "5", "playBeep": "true"}),
        # Reached only when nothing was said: then Twilio does not ask for the action.
        _element("Hangup", {}),
    )


def hang_up() -> str:
    return _response(_element("Hangup", {}))


def _stream(target: StreamTarget, track: str, token: str) -> str:
    attributes = {"url": target.url, "track": track}
    if target.status_events:
        attributes["statusCallbackEvent"] = target.status_events
    attributes["statusCallback"] = target.status_callback
    return _element("Stream", attributes, _element("Parameter", {"name": "token", "value": token}))


def _response(*verbs: str) -> str:
    return _DECLARATION + _element("Response", {}, *verbs) + "\n"


def _element(name: str, attributes: Mapping[str, str], *children: str, text: str = "") -> str:
    opening = name + "".join(f' {key}="{_escaped(value)}"' for key, value in attributes.items())
    if children:
        return f"<{opening}>\n" + "".join(indent(child, "  ") + "\n" for child in children) + f"</{name}>"
    return f"<{opening}>{_escaped(text)}</{name}>" if text else f"<{opening}/>"


def _escaped(value: str) -> str:
    # Characters that XML has no way to write would make the whole document unreadable.
    return escape("".join(ch for ch in value if ch.isprintable()), {'"': "&quot;"})
