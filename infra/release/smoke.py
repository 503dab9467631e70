"""Would this revision take a call? Asked from outside, without placing one: nothing is written anywhere.

    TWILIO_AUTH_TOKEN=... python -m infra.release.smoke --url https://c-abc---media-service-....run.app \
        --public-host media-service-....run.app

Twilio signs over the public host, so that is what a signature is made over here too, whatever address is asked.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import os
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from calls import env
from calls.twilio_signature import signature

PATH: Final = "/ws/twilio-media"
SUBPROTOCOL: Final = "audio.twilio.com"

_ANSWER_WITHIN_S: Final = 15.0
_READY_WITHIN_S: Final = 120.0
"""An instance has to start, and to synthesise its greeting."""
_ASK_AGAIN_S: Final = 1.0
_POLICY_VIOLATION: Final = 1008
_WEBSOCKET_GUID: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_NO_ANSWER: Final = 0


@dataclass(frozen=True, slots=True)
class Target:
    url: str
    """Where the revision answers: `https://<tag>---<service>...`."""
    public_host: str
    """PUBLIC_HOST of the service."""
    auth_tokens: tuple[str, ...]
    """Of TWILIO_AUTH_TOKEN, at least one. While one replaces the other, either may be the service's."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the revision said. A status of 0: no answer."""

    ready: int
    health: int
    status: Mapping[str, Any]
    """What `/status` told, or nothing."""
    plain_get: int
    """A GET of the WebSocket's path that asks for no upgrade."""
    unsigned: int
    signed_over_another_host: int
    signed: int
    subprotocol: str
    close_code: int
    """With which it closed a stream whose token admits nothing."""


def problems(answers: Answers) -> list[str]:
    """Why no caller should be sent there; empty if nothing speaks against it."""
    expected = {
        "GET /ready": (answers.ready, 200),
        "GET /health": (answers.health, 200),
        f"GET {PATH} without an upgrade": (answers.plain_get, 426),
        "a WebSocket without signature": (answers.unsigned, 403),
        "a WebSocket signed over another host": (answers.signed_over_another_host, 403),
        "a signed WebSocket": (answers.signed, 101),
        "the subprotocol of a signed WebSocket": (answers.subprotocol, SUBPROTOCOL),
        "a stream without a valid token, close code": (answers.close_code, _POLICY_VIOLATION),
    }
    found = [
        f"{what}: {given or 'no answer'}, not {wanted}" for what, (given, wanted) in expected.items() if given != wanted
    ]
    if answers.status.get("draining") is not False:
        found.append(f"GET /status does not say that it takes calls: {dict(answers.status)}")
    return found


def ask(target: Target, ready_within_s: float) -> Answers:
    """Waits until the revision is ready, or for `ready_within_s`, and then asks the rest."""
    ready = _wait_until_ready(target, ready_within_s)
    health, _ = _get(target, "/health")
    _, status = _get(target, "/status")
    plain_get, _ = _get(target, PATH)
    unsigned, _, _ = _open_stream(target, None)
    # Of the address that was asked, as a service would check it that trusts its requests' headers.
    asked = urlsplit(target.url).netloc
    other_host = asked if asked != target.public_host else f"not-{asked}"
    first, *others = target.auth_tokens
    elsewhere, _, _ = _open_stream(target, _signed(first, other_host))
    signed, subprotocol, close_code = _open_stream(target, _signed(first, target.public_host))
    for token in others:
        if signed == http.client.FORBIDDEN:
            signed, subprotocol, close_code = _open_stream(target, _signed(token, target.public_host))
    return Answers(ready, health, _object(status), plain_get, unsigned, elsewhere, signed, subprotocol, close_code)


def _signed(token: str, host: str) -> str:
    return signature(token, f"wss://{host}{PATH}")


def _wait_until_ready(target: Target, within_s: float) -> int:
    give_up_at = time.monotonic() + within_s
    while True:
        status, _ = _get(target, "/ready")
        if status == http.client.OK or time.monotonic() >= give_up_at:
            return status
        time.sleep(min(_ASK_AGAIN_S, max(0.0, give_up_at - time.monotonic())))


def _connection(target: Target) -> http.client.HTTPConnection:
    parts = urlsplit(target.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.netloc, timeout=_ANSWER_WITHIN_S)


def _get(target: Target, path: str) -> tuple[int, bytes]:
    connection = _connection(target)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(65_536)
    except (OSError, http.client.HTTPException):
        return _NO_ANSWER, b""
    finally:
        connection.close()


def _open_stream(target: Target, signed: str | None) -> tuple[int, str, int]:
    """Status, subprotocol, and the code with which the stream was closed after a `start` that admits no call."""
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Protocol": SUBPROTOCOL,
        **({"X-Twilio-Signature": signed} if signed is not None else {}),
    }
    connection = _connection(target)
    try:
        connection.request("GET", PATH, headers=headers)
        answer = connection.getresponse()
        if answer.status != http.client.SWITCHING_PROTOCOLS:
            return answer.status, "", 0
        accepted = base64.b64encode(hashlib.sha1((key + _WEBSOCKET_GUID).encode(), usedforsecurity=False).digest())
        if answer.getheader("Sec-WebSocket-Accept") != accepted.decode():
            return _NO_ANSWER, "", 0
        connection.sock.sendall(_text_frame(json.dumps(_start_of_no_call())))
        # The answer owns the buffer: a frame may have come together with it.
        return answer.status, answer.getheader("Sec-WebSocket-Protocol") or "", _close_code(answer)
    except (OSError, http.client.HTTPException):
        return _NO_ANSWER, "", 0
    finally:
        connection.close()


def _start_of_no_call() -> dict[str, object]:
    call_sid, stream_sid = "CA" + 32 * "0", "MZ" + 32 * "0"
    start = {
        "accountSid": "AC" + 32 * "0",
        "streamSid": stream_sid,
        "callSid": call_sid,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "v1.1.1.no"},
    }
    return {"event": "start", "sequenceNumber": "1", "start": start, "streamSid": stream_sid}


def _text_frame(text: str) -> bytes:
    """As RFC 6455 has a client send it: one frame, masked."""
    data, mask = text.encode(), secrets.token_bytes(4)
    length = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + len(data).to_bytes(2, "big")
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
    return b"\x81" + length + mask + masked


def _close_code(answer: http.client.HTTPResponse) -> int:
    """Of the close frame; 0 if something else comes first."""
    frame = answer.fp.read(4)
    return int.from_bytes(frame[2:4], "big") if frame[:1] == b"\x88" and len(frame) == 4 else 0


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def auth_tokens(environ: Mapping[str, str]) -> tuple[str, ...]:
    return env.EnvReader(environ).parts("TWILIO_AUTH_TOKEN")


def check(target: Target, ready_within_s: float = _READY_WITHIN_S) -> list[str]:
    """The problems; what was asked and answered is printed."""
    answers = ask(target, ready_within_s)
    print(f"smoke test of {target.url}: {answers}", flush=True)
    return problems(answers)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.release.smoke", description=__doc__.split("\n")[0])
    parser.add_argument("--url", required=True, help="where the revision answers")
    parser.add_argument("--public-host", required=True, help="PUBLIC_HOST of the service")
    parser.add_argument("--ready-within", type=float, default=_READY_WITHIN_S, metavar="SECONDS")
    chosen = parser.parse_args(arguments)
    tokens = auth_tokens(os.environ)
    if not tokens:
        parser.error("TWILIO_AUTH_TOKEN is not set: without it no signature can be made")
    found = check(Target(chosen.url.rstrip("/"), chosen.public_host, tokens), chosen.ready_within)
    for problem in found:
        print(f"  {problem}", file=sys.stderr)
    print("refused" if found else "passed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
