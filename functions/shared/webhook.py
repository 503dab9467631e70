"""Answer a webhook of Twilio's: refuse what is none, and hand its form on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from calls.twilio_webhook import Refused, TwilioForm, WebhookRequest, admit

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is TwiML, or empty where the status says it all."""

    status: int
    body: str = ""


def answered(
    request: WebhookRequest, url: str, auth_tokens: Sequence[str], answer: Callable[[TwilioForm], Reply], *, root: bool
) -> Reply:
    """`url` is the public one that was given to Twilio. As a `root` it is accepted with a trailing slash as well."""
    try:
        form = admit(request, [url, url + "/"] if root else [url], auth_tokens)
    except Refused as refused:
        log.warning("webhook_refused", extra={"status": refused.status, "expected_url": url})
        return Reply(refused.status)
    return answer(form)
