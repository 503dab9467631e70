"""The first question each deployable is asked, and whether the answer is the right one."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from calls.event_wire import encode, parse_time
from calls.events import UtteranceFinal
from calls.twilio_signature import signature
from infra.release.smoke import Target, ask, problems

Question = Callable[[int, Mapping[str, str]], bool]
"""Given the port and the deployable's environment: whether it has answered, as it should. No answer yet is False;
a wrong one raises `WrongAnswer`."""

_CALL = "CA" + 31 * "0" + "1"


class WrongAnswer(Exception):
    """It answered something else."""


def incoming_call(port: int, environ: Mapping[str, str]) -> bool:
    """The phone rings."""
    form = {"CallSid": _CALL, "From": "+972501234567", "To": "+97231234567", "CallStatus": "ringing"}
    return _posted(port, form, environ["INCOMING_CALL_URL"] + "/", environ, 200, b"<Connect")


def stream_status(port: int, environ: Mapping[str, str]) -> bool:
    """A media stream started."""
    form = {"CallSid": _CALL, "StreamSid": "MZ1", "StreamEvent": "stream-started", "CallStatus": "in-progress"}
    return _posted(port, form, environ["STREAM_STATUS_URL"], environ, 204, b"")


def summarize(port: int, environ: Mapping[str, str]) -> bool:
    """The caller said something."""
    at = parse_time("2026-01-01T10:00:00.000Z")
    event = UtteranceFinal(
        call_sid=_CALL,
        leg=1,
        seq=1,
        speaker="caller",
        text="שלום",
        started_at=at,
        ended_at=at,
        confidence=0.9,
        recognizer="google_streaming",
        language="iw-IL",
    )
    message = {"data": base64.b64encode(encode(event)).decode(), "messageId": "1", "attributes": {}}
    body = json.dumps({"message": message, "subscription": "projects/p/subscriptions/summarize"}).encode()
    return _asked(port, "POST", body, {"Content-Type": "application/json"}, 200, b"OK")


def media_service(port: int, environ: Mapping[str, str]) -> bool:
    """Would it take a call? The release's own questions, once it says that it is ready."""
    if not _asked(port, "GET", b"", {}, 200, b"", path="/ready", not_yet=503):
        return False
    tokens = tuple(environ["TWILIO_AUTH_TOKEN"].split(","))
    target = Target(f"http://127.0.0.1:{port}", environ["PUBLIC_HOST"], tokens)
    if found := problems(ask(target, 0.0)):
        raise WrongAnswer("; ".join(found))
    return True


def health(port: int, environ: Mapping[str, str]) -> bool:
    """Does the process serve at all?"""
    return _asked(port, "GET", b"", {}, 200, b"", path="/health")


def _posted(
    port: int, form: Mapping[str, str], url: str, environ: Mapping[str, str], status: int, holds: bytes
) -> bool:
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature(environ["TWILIO_AUTH_TOKEN"], url, form.items()),
    }
    return _asked(port, "POST", urlencode(form).encode(), headers, status, holds)


def _asked(
    port: int,
    method: str,
    body: bytes,
    headers: Mapping[str, str],
    status: int,
    holds: bytes,
    path: str = "/",
    not_yet: int = 0,
) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        text = answer.read()
    except ConnectionError:
        return False
    finally:
        connection.close()
    if answer.status == not_yet:
        return False
    if answer.status != status or holds not in text:
        raise WrongAnswer(f"{method} {path}: {answer.status} {text[:200]!r}")
    return True
