"""Find the Pub/Sub message in an HTTP request.

Three shapes arrive: a CloudEvent in binary mode (the body is the data), one in structured mode (the body is an
envelope around the data), and the raw push body of a subscription without Eventarc. In all of them the data is
`{"message": {"data": base64, "messageId": ...}}`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Protocol

from .errors import Rejected

_MESSAGE_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,127}\Z")
_ENVELOPE = "application/cloudevents+json"


class Headers(Protocol):
    """Looked up without regard to letter case."""

    def get(self, name: str, /) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    data: bytes


def message_in(headers: Headers, body: bytes) -> Message:
    """Raises `Rejected` if there is no message to be found."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise Rejected("the body is not JSON") from exc
    if isinstance(parsed, dict) and (headers.get("content-type") or "").lower().startswith(_ENVELOPE):
        parsed = parsed.get("data")
    message = parsed.get("message") if isinstance(parsed, dict) else None
    if not isinstance(message, dict):
        raise Rejected("the body holds no Pub/Sub message")
    data = message.get("data")
    if not isinstance(data, str) or not data:
        raise Rejected("the message has no data")
    try:
        return Message(delivery_id(headers, body), base64.b64decode(data, validate=True))
    except ValueError as exc:
        raise Rejected("the data is not base64") from exc


def delivery_id(headers: Headers, body: bytes) -> str:
    """Names the delivery, whether or not it holds a message.

    The same delivery always has the same id: without a usable one it is a hash of the body.
    """
    for candidate in (_id_in(body), headers.get("ce-id")):
        if isinstance(candidate, str) and _MESSAGE_ID.match(candidate):
            return candidate
    return "sha256-" + hashlib.sha256(body).hexdigest()


def _id_in(body: bytes) -> Any:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for outer in (parsed, parsed.get("data") if isinstance(parsed, dict) else None):
        message = outer.get("message") if isinstance(outer, dict) else None
        if isinstance(message, dict):
            return message.get("messageId") or message.get("message_id")
    return None
