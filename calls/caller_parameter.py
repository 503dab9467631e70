"""Who calls whom, carried from the ring to the media stream: `v1.<from>.<to>.<signature>`.

Only where the call could not be written down at ring. Then the stream is the one way by which a number can reach the
records, with the events of the call, once they are there again. It travels in a `<Parameter>` beside the token, which
stays as it is. Numbers are in it as base64url of their text: Twilio knows both, and the signature is what counts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from calls.events import Parties
from calls.stream_token import InvalidToken

NAME: Final = "caller"

# Twilio drops a parameter whose name and value have 500 characters together. Numbers are far shorter.
_LONGEST: Final = 499 - len(NAME)


def seal(secret: str, call_sid: str, parties: Parties) -> str:
    """The parameter's value; "" for names so long that Twilio would drop it."""
    numbers = f"{_encoded(parties.from_number.encode())}.{_encoded(parties.to_number.encode())}"
    value = f"v1.{numbers}.{_signature(secret, call_sid, numbers)}"
    return value if len(value) <= _LONGEST else ""


def unseal(secret: str, value: str, call_sid: str) -> Parties:
    """Raises `InvalidToken`, whose message quotes nothing of it."""
    parts = value.split(".")
    if len(parts) != 4 or parts[0] != "v1" or not value.isascii():
        raise InvalidToken("not a v1 caller")
    if not hmac.compare_digest(_signature(secret, call_sid, f"{parts[1]}.{parts[2]}"), parts[3]):
        raise InvalidToken("wrong signature")
    return Parties(_decoded(parts[1]), _decoded(parts[2]))


def _signature(secret: str, call_sid: str, numbers: str) -> str:
    # Begins with another word than the token's text, so that neither signature can be taken for the other.
    text = f"caller.v1.{call_sid}.{numbers}"
    return _encoded(hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> str:
    """Of what we have signed ourselves."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
