"""Delete recordings at Twilio."""

from __future__ import annotations

import base64
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from functions.incoming_call.recordings import refusal

_RECORDING: Final = re.compile(r"(https://[^/]+/2010-04-01/Accounts/AC\w+/Recordings/RE\w+)(?:\.\w+)?")
_WITHIN_S: Final = 30
_GONE: Final = {HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND}

Send = Callable[[urllib.request.Request], int]
"""Returns the answer's status; raises `OSError` where there is none."""


@dataclass(frozen=True, slots=True)
class Credentials:
    account_sid: str
    auth_tokens: Sequence[str]
    """Two while a token is being rotated."""


def send(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=_WITHIN_S) as answer:  # noqa: S310 - https only, see `_RECORDING`
            status: int = answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
    return status


class Recordings:
    """Where recordings are deleted; without credentials none is."""

    def __init__(self, credentials: Credentials | None, send: Send = send) -> None:
        self._credentials = credentials
        self._send = send

    def delete(self, url: str) -> str:
        """Why it is still there; "" if it is gone. One that was deleted before is gone."""
        address = _RECORDING.fullmatch(url)
        if refusal(url) or address is None:
            return "not the address of a recording at Twilio"
        if self._credentials is None:
            return "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are not set"
        why = "there is no token"
        for token in self._credentials.auth_tokens:
            secret = base64.b64encode(f"{self._credentials.account_sid}:{token}".encode()).decode()
            request = urllib.request.Request(  # noqa: S310 - https only, see `_RECORDING`
                f"{address[1]}.json", method="DELETE", headers={"Authorization": f"Basic {secret}"}
            )
            try:
                status = self._send(request)
            except OSError as problem:
                return f"Twilio cannot be reached ({type(problem).__name__})"
            if status in _GONE:
                return ""
            why = f"Twilio answered {status}"
            if status != HTTPStatus.UNAUTHORIZED:
                break
        return why
