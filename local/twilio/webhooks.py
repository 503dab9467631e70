"""Signed requests to the system under test, with Twilio's limits and its complaints about the answers."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import aiohttp

from calls.twilio_signature import signature
from local.twilio.target import CallTarget

_CONNECT_TIMEOUT_S = 10.0


class WebhookFailed(Exception):
    """No usable answer. `code` is what Twilio's debugger would show."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    status: int
    content_type: str
    body: bytes


class Webhooks:
    """Of one call. The session belongs to whoever made it."""

    def __init__(self, session: aiohttp.ClientSession, target: CallTarget) -> None:
        self._session = session
        self._target = target
        self._timeout = aiohttp.ClientTimeout(total=target.webhook_timeout_s, connect=_CONNECT_TIMEOUT_S)

    async def request(self, url: str, params: Mapping[str, str], method: str = "POST") -> WebhookAnswer:
        """Return a 2xx answer, whatever it holds. Raises `WebhookFailed`."""
        token = str(uuid.uuid4())
        copies = [
            asyncio.create_task(self._request_once(url, params, method, token))
            for _ in range(self._target.webhook_copies)
        ]
        try:
            # All copies are waited for, so that what follows cannot overtake one of them.
            answers = await asyncio.gather(*copies)
        finally:
            for copy in copies:
                copy.cancel()
        return answers[0]

    async def _request_once(self, url: str, params: Mapping[str, str], method: str, token: str) -> WebhookAnswer:
        url = url.partition("#")[0]
        if method == "GET":
            url += ("&" if "?" in url else "?") + urlencode(params)
            params = {}
        headers = {
            "Host": urlsplit(url).netloc,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "I-Twilio-Idempotency-Token": token,
            "X-Twilio-Signature": signature(self._target.auth_token, url, params.items()),
        }
        try:
            async with self._session.request(
                method,
                self._target.routes.connect_url(url),
                data=dict(params) if method == "POST" else None,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                answer = WebhookAnswer(response.status, response.headers.get("Content-Type", ""), await response.read())
        except TimeoutError as exc:
            raise WebhookFailed(11205, f"no answer in {self._target.webhook_timeout_s:g} s") from exc
        except aiohttp.ClientError as exc:
            raise WebhookFailed(11200, f"HTTP retrieval failure: {type(exc).__name__}") from exc
        if not 200 <= answer.status < 300:
            raise WebhookFailed(11200, f"HTTP retrieval failure: status {answer.status}")
        return answer


def complaint_about_status_answer(answer: WebhookAnswer) -> tuple[int, str] | None:
    """A status callback is answered with 204, or with an XML document; Twilio warns of anything else."""
    if answer.status == 204 or answer.content_type.partition(";")[0] in {"text/xml", "application/xml"}:
        return None
    return 12300, f"invalid Content-Type {answer.content_type!r} in the answer to a status callback"
