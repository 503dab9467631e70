"""The token admits one stream of one call for a short time."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.stream_token import InvalidToken, mint, verify

TOKEN = mint("secret", "CA1", 2, 1000)


def test_the_token_is_spelled_as_promised() -> None:
    digest = hmac.new(b"secret", b"v1.CA1.2.1000", hashlib.sha256).digest()
    assert "v1.2.1000." + base64.urlsafe_b64encode(digest).decode().rstrip("=") == TOKEN


@given(st.text(max_size=20), st.integers(1, 99), st.integers(0, 10**11))
def test_a_minted_token_is_good_for_its_leg_until_it_expires(call_sid: str, leg: int, expires_at: int) -> None:
    token = mint("secret", call_sid, leg, expires_at)
    assert verify("secret", token, call_sid, now=expires_at) == leg
    with pytest.raises(InvalidToken, match="expired"):
        verify("secret", token, call_sid, now=expires_at + 0.1)


@pytest.mark.parametrize(("secret", "call_sid"), [("other", "CA1"), ("secret", "CA2"), ("", "CA1")])
def test_a_token_is_bound_to_the_secret_and_the_call(secret: str, call_sid: str) -> None:
    with pytest.raises(InvalidToken, match="wrong signature"):
        verify(secret, TOKEN, call_sid, now=0)


@pytest.mark.parametrize("token", [TOKEN.replace("v1.2.", "v1.3."), TOKEN.replace(".1000.", ".9000.")])
def test_leg_and_expiry_cannot_be_changed(token: str) -> None:
    with pytest.raises(InvalidToken, match="wrong signature"):
        verify("secret", token, "CA1", now=0)


@given(st.text(max_size=40) | st.from_regex(r"v1\.\d{1,20}\.\d{1,20}\..{0,50}", fullmatch=True))
def test_anything_else_is_refused_as_invalid(token: str) -> None:
    with pytest.raises(InvalidToken):
        verify("secret", token, "CA1", now=0)


@pytest.mark.parametrize(
    "token", ["", "v1..1000.x", "v1.²." + TOKEN[5:], "v1.-2.1000.x", "v2" + TOKEN[2:], TOKEN + "."]
)
def test_odd_spellings_are_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        verify("secret", token, "CA1", now=0)


def test_the_refusal_does_not_quote_the_token() -> None:
    with pytest.raises(InvalidToken) as refusal:
        verify("secret", TOKEN, "CA1", now=5000)
    assert TOKEN[-10:] not in str(refusal.value)
