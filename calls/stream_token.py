"""The short-lived token that admits one media stream of one call: `v1.<leg>.<expiry>.<signature>`.

It travels in a `<Parameter>` of the TwiML, because Twilio drops query strings from stream URLs. The call SID is
signed but not carried, so a token works only for the call it was made for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


class InvalidToken(ValueError):
    """The token does not admit this stream; the message says why, without quoting it."""


def mint(secret: str, call_sid: str, leg: int, expires_at: int) -> str:
    """`expires_at` in Unix seconds."""
    return f"v1.{leg}.{expires_at}.{_signature(secret, call_sid, leg, expires_at)}"


def verify(secret: str, token: str, call_sid: str, now: float) -> int:
    """Return the leg the token was made for. `now` in Unix seconds. Raises `InvalidToken`."""
    parts = token.split(".")
    if len(parts) != 4 or parts[0] != "v1":
        raise InvalidToken("not a v1 token")
    _, leg_text, expiry_text, given = parts
    if not (_is_number(leg_text) and _is_number(expiry_text)):
        raise InvalidToken("leg or expiry is not a number")
    leg, expires_at = int(leg_text), int(expiry_text)
    if not given.isascii() or not hmac.compare_digest(_signature(secret, call_sid, leg, expires_at), given):
        raise InvalidToken("wrong signature")
    if now > expires_at:
        raise InvalidToken("expired")
    return leg


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 12


def _signature(secret: str, call_sid: str, leg: int, expires_at: int) -> str:
    text = f"v1.{call_sid}.{leg}.{expires_at}"
    digest = hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
