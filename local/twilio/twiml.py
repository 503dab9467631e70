"""Read TwiML as Twilio would: which verbs it runs, and what it would complain about.

Pure. A document Twilio cannot use raises `UnusableTwiml`; one it only grumbles about is returned with warnings.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree

LARGEST_BYTES = 64 * 1024
_CONTENT_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
_TRACKS = frozenset({"inbound_track", "outbound_track", "both_tracks"})
# A parameter's name and value together must stay below this.
_PARAMETER_CHARS = 500

_ACTION = frozenset({"action", "method"})
_RECORDING_CALLBACK = frozenset(
    {"recordingStatusCallback", "recordingStatusCallbackMethod", "recordingStatusCallbackEvent"}
)
_ATTRIBUTES: dict[str, frozenset[str]] = {
    "Response": frozenset(),
    "Say": frozenset({"voice", "language", "loop"}),
    "Pause": frozenset({"length"}),
    "Hangup": frozenset(),
    "Reject": frozenset({"reason"}),
    "Redirect": frozenset({"method"}),
    "Record": _ACTION
    | _RECORDING_CALLBACK
    | {"timeout", "finishOnKey", "maxLength", "playBeep", "trim", "transcribe", "transcribeCallback"},
    "Connect": _ACTION,
    "Start": _ACTION,
    "Stream": frozenset({"url", "name", "track", "statusCallback", "statusCallbackMethod"}),
    "Parameter": frozenset({"name", "value"}),
    "Dial": _ACTION
    | _RECORDING_CALLBACK
    | {"timeout", "timeLimit", "callerId", "record", "trim", "answerOnBridge", "ringTone", "hangupOnStar"},
    "Number": frozenset(
        {"sendDigits", "url", "method", "statusCallback", "statusCallbackEvent", "statusCallbackMethod"}
    ),
}
_CHILDREN: dict[str, frozenset[str]] = {
    "Response": frozenset({"Say", "Pause", "Hangup", "Reject", "Redirect", "Record", "Connect", "Start", "Dial"}),
    "Connect": frozenset({"Stream"}),
    "Start": frozenset({"Stream"}),
    "Stream": frozenset({"Parameter"}),
    "Dial": frozenset({"Number"}),
}


class UnusableTwiml(ValueError):
    """Twilio would stop here and play its error message to the caller."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    length_s: float


@dataclass(frozen=True, slots=True)
class Hangup:
    pass


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Record:
    action: str | None
    method: str
    status_callback: str | None
    max_length_s: float
    timeout_s: float
    """Silence that ends it."""


@dataclass(frozen=True, slots=True)
class Stream:
    url: str
    track: str
    name: str | None
    parameters: tuple[tuple[str, str], ...]
    status_callback: str | None
    status_method: str
    error: tuple[int, str] | None = None
    """Why Twilio would not even try to open it."""


@dataclass(frozen=True, slots=True)
class Connect:
    stream: Stream
    action: str | None
    method: str


@dataclass(frozen=True, slots=True)
class Start:
    stream: Stream


@dataclass(frozen=True, slots=True)
class Dial:
    number: str
    action: str | None
    method: str


Verb = Say | Pause | Hangup | Redirect | Record | Connect | Start | Dial


@dataclass(frozen=True, slots=True)
class Document:
    verbs: tuple[Verb, ...]
    warnings: tuple[tuple[int, str], ...] = ()


def parse(body: bytes, content_type: str) -> Document:
    """`content_type` is the whole header. Plain text is read aloud, as Twilio does. Raises `UnusableTwiml`."""
    kind = content_type.partition(";")[0].strip().lower()
    if len(body) > LARGEST_BYTES:
        raise UnusableTwiml(11750, f"TwiML of {len(body)} bytes, over 64 kB")
    if kind == "text/plain":
        return Document((Say(body.decode("utf-8", "replace")),))
    if kind not in _CONTENT_TYPES:
        raise UnusableTwiml(12300, f"invalid Content-Type {content_type!r}")
    try:
        # Only documents of the system under test get here, on the machine of whoever tests it.
        root = ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError as exc:
        raise UnusableTwiml(12100, f"document parse failure: {exc}") from exc
    if root.tag != "Response":
        raise UnusableTwiml(12100, f"document parse failure: root element is <{root.tag}>")
    return _Reader().document(root)


class _Reader:
    def __init__(self) -> None:
        self._warnings: list[tuple[int, str]] = []

    def document(self, root: ElementTree.Element) -> Document:
        self._check_attributes(root)
        verbs = [verb for child in self._known_children(root) if (verb := self._verb(child)) is not None]
        return Document(tuple(verbs), tuple(self._warnings))

    def _verb(self, element: ElementTree.Element) -> Verb | None:
        get = element.get
        text = (element.text or "").strip()
        action, method = get("action"), get("method", "POST").upper()
        match element.tag:
            case "Say":
                return Say(text)
            case "Pause":
                return Pause(_number(get("length"), 1.0))
            case "Hangup" | "Reject":
                return Hangup()
            case "Redirect":
                return Redirect(text, method)
            case "Record":
                length_s, timeout_s = _number(get("maxLength"), 3600.0), _number(get("timeout"), 5.0)
                return Record(action, method, get("recordingStatusCallback"), length_s, timeout_s)
            case "Dial":
                numbers = [(child.text or "").strip() for child in self._known_children(element)]
                return Dial(numbers[0] if numbers else text, action, method)
            case "Connect" | "Start":
                stream = self._stream(element)
                if stream is None:
                    self._warn(f"<{element.tag}> without <Stream>")
                    return None
                return Start(stream) if element.tag == "Start" else Connect(stream, action, method)
        return None

    def _stream(self, parent: ElementTree.Element) -> Stream | None:
        element = next(iter(self._known_children(parent)), None)
        if element is None:
            return None
        url, track = element.get("url", ""), element.get("track", "inbound_track")
        return Stream(
            url=url,
            track=track,
            name=element.get("name"),
            parameters=tuple(self._parameters(element)),
            status_callback=element.get("statusCallback"),
            status_method=element.get("statusCallbackMethod", "POST").upper(),
            error=_stream_error(url, track, bidirectional=parent.tag == "Connect"),
        )

    def _parameters(self, stream: ElementTree.Element) -> list[tuple[str, str]]:
        kept = []
        for element in self._known_children(stream):
            name, value = element.get("name", ""), element.get("value", "")
            if len(name) + len(value) >= _PARAMETER_CHARS:
                self._warn(f"<Parameter name={name!r}> is over {_PARAMETER_CHARS} characters and was dropped")
            else:
                kept.append((name, value))
        return kept

    def _known_children(self, element: ElementTree.Element) -> list[ElementTree.Element]:
        """The children Twilio knows in this place, each checked; the others are skipped with a warning."""
        known = []
        for child in element:
            if child.tag in _CHILDREN.get(element.tag, ()):
                self._check_attributes(child)
                known.append(child)
            else:
                self._warn(f"<{child.tag}> is not allowed in <{element.tag}>")
        return known

    def _check_attributes(self, element: ElementTree.Element) -> None:
        for name in element.attrib:
            if name not in _ATTRIBUTES[element.tag]:
                self._warn(f"attribute {name!r} is not allowed in <{element.tag}>")

    def _warn(self, message: str) -> None:
        self._warnings.append((12200, f"schema validation warning: {message}"))


def _stream_error(url: str, track: str, *, bidirectional: bool) -> tuple[int, str] | None:
    if track not in _TRACKS or (bidirectional and track != "inbound_track"):
        return 31941, f"invalid track configuration: {track!r}"
    parts = urlsplit(url)
    if not parts.netloc or parts.query:
        return 31923, "malformed stream URL" + (": it has a query string" if parts.query else "")
    if parts.scheme != "wss":
        return 31922, f"stream URL scheme {parts.scheme!r} is not supported"
    return None


def _number(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default
