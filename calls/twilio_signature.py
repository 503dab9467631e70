"""Check `X-Twilio-Signature`: base64(HMAC-SHA1(auth token, URL + sorted form parameters)).

The rules are those of Twilio's own validator; a test compares the two. The URL is always the configured public
one: a URL rebuilt from request headers lets the sender choose what is signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence


def signature(auth_token: str, url: str, params: Iterable[tuple[str, str]] = ()) -> str:
    """The value Twilio puts in the header. Repeated equal (name, value) pairs count once, as in Twilio's SDK."""
    text = url + "".join(name + value for name, value in sorted(set(params)))
    digest = hmac.new(auth_token.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def is_signed(
    auth_tokens: Sequence[str],
    urls: Sequence[str],
    header: str | None,
    params: Iterable[tuple[str, str]] = (),
) -> bool:
    """Whether the header was made with one of the tokens for one of the URLs. A missing header is False."""
    if not header or not header.isascii():
        return False
    pairs = list(params)
    # Every candidate is computed, so the time taken does not tell which of them came close.
    matches = [hmac.compare_digest(signature(token, url, pairs), header) for token in auth_tokens for url in urls]
    return any(matches)
