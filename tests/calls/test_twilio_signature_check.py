"""Our check against Twilio's own validator."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from werkzeug.datastructures import MultiDict

from calls.twilio_signature import is_signed, signature

URL = "https://example.run.app/after-stream"
PARAMS = [("CallSid", "CA1"), ("From", "+972501234567"), ("CallerName", ""), ("City", "תל אביב")]

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
forms = st.lists(st.tuples(words, words), max_size=8)


@given(forms, st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=12))
def test_signatures_are_those_of_twilios_own_validator(params: list[tuple[str, str]], token: str) -> None:
    """Blank values, repeated names, repeated values and any script."""
    theirs = RequestValidator(token).compute_signature(URL, MultiDict(params))
    assert signature(token, URL, params) == theirs
    assert is_signed([token], [URL], theirs, params)


def test_twilios_validator_accepts_our_signature() -> None:
    assert RequestValidator("secret").validate(URL, MultiDict(PARAMS), signature("secret", URL, PARAMS))


def test_a_stream_request_is_signed_over_its_wss_url_alone() -> None:
    url = "wss://media.example/ws/twilio-media"
    assert is_signed(["secret"], [url], RequestValidator("secret").compute_signature(url, {}))


@pytest.mark.parametrize("token", ["old", "new"])
def test_both_tokens_of_a_rotation_are_accepted(token: str) -> None:
    assert is_signed(["old", "new"], [URL], signature(token, URL, PARAMS), PARAMS)


@pytest.mark.parametrize("url", [URL, URL + "/"])
def test_every_given_url_is_accepted(url: str) -> None:
    assert is_signed(["secret"], [URL, URL + "/"], signature("secret", url, PARAMS), PARAMS)


@pytest.mark.parametrize("header", [None, "", "x", "é" * 28, "\udcff", "=" * 10_000, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_a_missing_or_malformed_header_is_refused_without_an_error(header: str | None) -> None:
    assert not is_signed(["secret"], [URL], header, PARAMS)


@pytest.mark.parametrize(
    ("token", "url", "params"),
    [
        ("other", URL, PARAMS),
        ("secret", URL.replace("https", "http"), PARAMS),
        ("secret", URL + "?a=b", PARAMS),
        ("secret", URL, PARAMS[:-1]),
        ("secret", URL, [*PARAMS, ("Extra", "")]),
        ("secret", URL, [("CallSid", "CA2"), *PARAMS[1:]]),
    ],
)
def test_a_signature_fits_one_token_url_and_form(token: str, url: str, params: list[tuple[str, str]]) -> None:
    assert not is_signed(["secret"], [URL], signature(token, url, params), PARAMS)


def test_without_tokens_nothing_is_signed() -> None:
    assert not is_signed([], [URL], signature("", URL, PARAMS), PARAMS)


def test_half_a_surrogate_pair_in_a_form_is_refused_without_an_error() -> None:
    assert not is_signed(["secret"], [URL], "AAAA", [("From", "\ud800")])
