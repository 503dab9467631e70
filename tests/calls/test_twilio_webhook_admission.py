"""Which requests are webhooks of ours, and what their forms say."""

import io
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.twilio_signature import signature
from calls.twilio_webhook import (
    LARGEST_BODY_BYTES,
    Refused,
    TwilioForm,
    WebhookRequest,
    admit,
    parse_form,
    read_body,
)

URL = "https://example.run.app"
FORM = "application/x-www-form-urlencoded"
PARAMS = [("CallSid", "CA1"), ("From", "+972501234567"), ("CallerName", "")]


def request(
    params: list[tuple[str, str]], *, method: str = "POST", query: str = "", content_type: str = FORM, key: str = "t"
) -> WebhookRequest:
    return WebhookRequest(method, query, content_type, signature(key, URL, params), urlencode(params).encode())


def refusal(given_request: WebhookRequest, tokens: tuple[str, ...] = ("t",)) -> int:
    with pytest.raises(Refused) as refused:
        admit(given_request, [URL], tokens)
    return refused.value.status


def test_a_signed_form_is_admitted_with_every_parameter() -> None:
    assert admit(request(PARAMS), [URL], ["t"]) == TwilioForm(tuple(PARAMS))


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=8))
def test_whatever_twilio_signs_is_admitted(params: list[tuple[str, str]]) -> None:
    """Blank values, repeated names, names we have never heard of: all are part of what was signed."""
    params = [(n, v) for n, v in params if n != "CallSid" and (n + v).isprintable()]
    form = admit(request([("CallSid", "CA1"), *params]), [URL], ["t"])
    assert form.call_sid == "CA1"


def test_another_method_is_405_whatever_else_is_wrong() -> None:
    assert refusal(request([], method="GET", key="bad")) == 405


def test_a_body_beyond_the_bound_is_413_before_it_is_looked_at() -> None:
    assert refusal(request([("CallSid", "CA1"), ("x", "y" * 100_000)])) == 413


def test_a_wrong_signature_is_403_even_without_a_call_sid() -> None:
    assert refusal(request([], key="bad")) == 403


def test_a_missing_signature_is_403() -> None:
    assert refusal(WebhookRequest("POST", "", FORM, None, b"CallSid=CA1")) == 403


def test_a_query_is_not_part_of_our_url() -> None:
    assert refusal(request(PARAMS, query="x=1")) == 403


@pytest.mark.parametrize(
    "params",
    [
        [],
        [("CallSid", "")],
        [("CallSid", "MZ1")],
        [("CallSid", "CA/1")],
        [("CallSid", "CA1\n")],
        [("CallSid", "CA1"), ("CallSid", "CA2")],
    ],
)
def test_a_call_sid_that_cannot_name_a_call_is_400(params: list[tuple[str, str]]) -> None:
    assert refusal(request(params)) == 400


def test_a_form_cut_at_other_places_names_no_call() -> None:
    """The signature runs names and values together, so this one fits both forms."""
    sid = "CA" + "0" * 32
    original = [("CallSid", sid), ("CallStatus", "ringing")]
    cut = [("CallSid", sid + "CallStatusringing")]
    assert signature("t", URL, original) == signature("t", URL, cut)
    assert refusal(request(cut)) == 400
    assert admit(request(original), [URL], ["t"]).call_sid == sid


def test_a_signature_over_a_url_that_spells_a_form_names_no_call() -> None:
    spelled = WebhookRequest("POST", "", FORM, signature("t", URL, [("CallSid", "CA1")]), b"")
    with pytest.raises(Refused) as refused:
        admit(spelled, [URL + "CallSidCA1"], ["t"])
    assert refused.value.status == 400


def test_a_repeated_parameter_with_one_value_is_that_value() -> None:
    assert TwilioForm((("CallSid", "CA1"), ("CallSid", "CA1"))).call_sid == "CA1"


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_what_is_no_form_has_no_parameters_and_is_refused(content_type: str) -> None:
    assert refusal(request(PARAMS, content_type=content_type)) == 403


def test_the_charset_beside_the_content_type_does_not_matter() -> None:
    assert parse_form(FORM.upper() + "; charset=UTF-8", b"CallSid=CA1").call_sid == "CA1"


@given(st.binary(max_size=300))
def test_any_bytes_parse_into_a_form_that_can_be_stored(body: bytes) -> None:
    for name, value in parse_form(FORM, body).params:
        (name + value).encode()


def test_a_form_of_very_many_parameters_is_no_form() -> None:
    assert parse_form(FORM, b"&".join(b"a=1" for _ in range(1000))) == TwilioForm()


def test_without_tokens_signatures_are_not_asked_for() -> None:
    unsigned = WebhookRequest("POST", "", FORM, None, b"CallSid=CA1")
    assert admit(unsigned, [URL], []).call_sid == "CA1"
    assert refusal(WebhookRequest("POST", "", FORM, None, b"CallSid=x"), ()) == 400


def test_what_is_shown_holds_no_control_or_direction_characters() -> None:
    hostile = TwilioForm((("From", "+972\u202e50\x00\n1" + "9" * 500),))
    assert hostile.shown("From") == ("+972501" + "9" * 500)[:128]


def test_a_body_that_comes_in_pieces_is_read_whole() -> None:
    class Pieces(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 7))

    assert read_body(Pieces(b"x" * 100)) == b"x" * 100


def test_an_endless_body_is_read_just_beyond_the_bound() -> None:
    stream = io.BytesIO(b"x" * 1_000_000)
    assert len(read_body(stream)) == LARGEST_BODY_BYTES + 1
    assert stream.tell() == LARGEST_BODY_BYTES + 1
