"""The numbers of a call reach the media stream as they were, for that call alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import stream_token
from calls.caller_parameter import NAME, seal, unseal
from calls.events import Parties
from calls.stream_token import InvalidToken

PARTIES = Parties("+972501234567", "+97231234567")
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=128)


@given(_TEXT, _TEXT)
def test_whoever_calls_whom_arrives_as_it_was_or_not_at_all(from_number: str, to_number: str) -> None:
    parties = Parties(from_number, to_number)
    value = seal("secret", "CA1", parties)
    assert len(NAME) + len(value) < 500
    assert not value or unseal("secret", value, "CA1") == parties


@pytest.mark.parametrize("from_number", ["+972501234567", "anonymous", "sip:" + "x" * 100 + "@example.com", ""])
def test_what_twilio_sends_for_a_number_fits(from_number: str) -> None:
    assert seal("secret", "CA1", Parties(from_number, "+97231234567"))


@pytest.mark.parametrize(("secret", "call_sid"), [("other", "CA1"), ("secret", "CA2")])
def test_the_numbers_of_another_call_or_by_another_secret_are_refused(secret: str, call_sid: str) -> None:
    with pytest.raises(InvalidToken):
        unseal(secret, seal("secret", "CA1", PARTIES), call_sid)


@pytest.mark.parametrize("value", ["", "v1", "v1.a.b.c", "v2.a.b.c", "v1.a.b.c.d", "v1.א.b.c", "v1.a.b.א"])
def test_what_we_have_not_made_is_refused(value: str) -> None:
    with pytest.raises(InvalidToken):
        unseal("secret", value, "CA1")


def test_numbers_cannot_be_exchanged_or_moved_over_the_dot() -> None:
    version, caller, called, signature = seal("secret", "CA1", PARTIES).split(".")
    for forged in (f"{version}.{called}.{caller}.{signature}", f"{version}.{caller}{called}..{signature}"):
        with pytest.raises(InvalidToken):
            unseal("secret", forged, "CA1")


def test_a_token_is_no_caller_and_a_caller_no_token() -> None:
    token = stream_token.mint("secret", "CA1", 1, 9_999_999_999)
    with pytest.raises(InvalidToken):
        unseal("secret", token, "CA1")
    with pytest.raises(InvalidToken):
        stream_token.verify("secret", seal("secret", "CA1", PARTIES), "CA1", 0.0)
