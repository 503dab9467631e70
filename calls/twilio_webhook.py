"""Decide whether a request is one of Twilio's webhooks to us, and read its form.

Knows no web framework: an entry point copies the few parts that matter into a `WebhookRequest`. The checks run in
one order everywhere: method (405), size (413), signature (403), call SID (400).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import parse_qsl

from calls.events import is_call_sid
from calls.twilio_signature import is_signed

SIGNATURE_HEADER: Final = "X-Twilio-Signature"

# Twilio's forms are one or two kilobytes. The bound keeps a stranger from filling our memory before the signature
# of the body can be looked at.
LARGEST_BODY_BYTES: Final = 64 * 1024
_MOST_PARAMETERS = 300

# "CA" and 32 hexadecimal digits. The signature covers names and values run together, so a replayed form can be cut
# at other places: a longer "SID" is a SID with the next parameter swallowed.
_SID_LENGTH = 34
_LONGEST_SHOWN = 128


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """The parts of an HTTP request that matter here."""

    method: str
    query: str
    """As received, without the question mark."""
    content_type: str
    signature: str | None
    """The `X-Twilio-Signature` header."""
    body: bytes


class Refused(Exception):
    """Not a webhook of ours. Answer with `status` and an empty body."""

    def __init__(self, status: int) -> None:
        super().__init__(f"webhook refused with {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class TwilioForm:
    """Every parameter Twilio posted, in the order received; names may repeat and values may be blank."""

    params: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """The parameter's value; "" if it is absent, or given twice with different values."""
        values = {value for given, value in self.params if given == name}
        return values.pop() if len(values) == 1 else ""

    def shown(self, name: str) -> str:
        """The value as it may stand in the console: no control or direction characters, of bounded length."""
        return "".join(ch for ch in self.get(name) if ch.isprintable())[:_LONGEST_SHOWN]

    @property
    def call_sid(self) -> str:
        """The call SID; "" if it is missing or cannot be one."""
        sid = self.get("CallSid")
        return sid if len(sid) <= _SID_LENGTH and is_call_sid(sid) else ""


def read_body(stream: Readable) -> bytes:
    """The body, or just more of it than `admit` accepts: a longer one is not read to its end."""
    body = b""
    while len(body) <= LARGEST_BODY_BYTES and (part := stream.read(LARGEST_BODY_BYTES + 1 - len(body))):
        body += part
    return body


def parse_form(content_type: str, body: bytes) -> TwilioForm:
    """The form in a body. Whatever is no form has no parameters, and so no signature that fits them."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return TwilioForm()
    try:
        # Blank values are part of what was signed.
        params = parse_qsl(
            body.decode(errors="replace"), keep_blank_values=True, errors="replace", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError:  # more parameters than that
        return TwilioForm()
    return TwilioForm(tuple(params))


def admit(request: WebhookRequest, urls: Sequence[str], auth_tokens: Sequence[str]) -> TwilioForm:
    """Return the form of a webhook that Twilio signed for one of `urls`. Raises `Refused`.

    Without `auth_tokens` nothing is checked against a signature; settings see to it that this is wanted.
    """
    if request.method != "POST":
        raise Refused(405)
    if len(request.body) > LARGEST_BODY_BYTES:
        raise Refused(413)
    form = parse_form(request.content_type, request.body)
    # Our URLs have no query, so a request with one was not made for them.
    if auth_tokens and (request.query or not is_signed(auth_tokens, urls, request.signature, form.params)):
        raise Refused(403)
    if not form.call_sid:
        raise Refused(400)
    return form
