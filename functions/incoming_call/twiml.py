"""The TwiML documents Twilio is answered with.

Twilio reads attribute names with their case, and refuses a document that does not start with its declaration.
Nothing here comes from a caller: every value is configured, or is a token of ours. All are escaped nevertheless.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import indent
from xml.sax.saxutils import escape

# An instance is there again some five seconds after it was lost, and calls that are over make room in as many.
_PAUSE_S = 4

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class StreamTarget:
    """Where the audio of a call goes, the same for all calls."""

    url: str
    """`wss://`, without query: Twilio drops queries."""
    status_callback: str
    status_events: str
    """Empty leaves the attribute out. Twilio does not document it on `<Stream>` and may log warning 12200."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence that Twilio speaks, with a voice of its own."""

    text: str
    language: str
    voice: str


def connect(
    target: StreamTarget, parameters: Mapping[str, str], after_stream_url: str, wait: Spoken | None = None
) -> str:
    """The assistant talks with the caller; when the stream ends Twilio asks `after_stream_url` how to go on.

    `wait` is said first, and some seconds are let pass.
    """
    stream = _stream(target, "inbound_track", parameters)
    patience = () if wait is None else (_say(wait), _element("Pause", {"length": str(_PAUSE_S)}))
    return _response(*patience, _element("Connect", {"action": after_stream_url}, stream))


def listen(target: StreamTarget, parameters: Mapping[str, str], forward_to: str) -> str:
    """A person is called, and both sides are copied to the stream while they talk."""
    stream = _stream(target, "both_tracks", parameters)
    return _response(_element("Start", {}, stream), _element("Dial", {}, text=forward_to))


def voicemail(prompt: Spoken, recording_url: str) -> str:
    return _response(
        _say(prompt),
        # Two minutes of message; five seconds of silence end it.
        _element("Record", {"action": recording_url, "maxLength": "120", "timeout": "5", "playBeep": "true"}),
        # Reached only when nothing was said: then Twilio does not ask for the action.
        _element("Hangup", {}),
    )


def goodbye(sentence: Spoken) -> str:
    return _response(_say(sentence), _element("Hangup", {}))


def hang_up() -> str:
    return _response(_element("Hangup", {}))


def _say(spoken: Spoken) -> str:
    return _element("Say", {"language": spoken.language, "voice": spoken.voice}, text=spoken.text)


def _stream(target: StreamTarget, track: str, parameters: Mapping[str, str]) -> str:
    attributes = {"url": target.url, "track": track}
    if target.status_events:
        attributes["statusCallbackEvent"] = target.status_events
    attributes["statusCallback"] = target.status_callback
    carried = (_element("Parameter", {"name": name, "value": value}) for name, value in parameters.items())
    return _element("Stream", attributes, *carried)


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
