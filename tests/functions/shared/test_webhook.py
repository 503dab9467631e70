"""Every webhook is checked in the same way before its function sees it."""

from urllib.parse import urlencode

import pytest

from calls.twilio_signature import signature
from calls.twilio_webhook import TwilioForm, WebhookRequest
from functions.shared.webhook import Reply, answered

URL = "https://in.example/hook"
FORM = {"CallSid": "CA1", "From": "+972501234567"}


def post(signed_for: str = URL, *, key: str = "t", method: str = "POST", sid: str = "CA1", root: bool = False) -> Reply:
    form = FORM | {"CallSid": sid}
    header = signature(key, signed_for, form.items())
    body = urlencode(form).encode()
    request = WebhookRequest(method, "", "application/x-www-form-urlencoded", header, body)
    return answered(request, URL, ["t"], lambda form: Reply(200, form.get("From")), root=root)


def test_a_webhook_of_twilio_s_is_handed_on() -> None:
    assert post() == Reply(200, "+972501234567")


@pytest.mark.parametrize(
    ("broken", "status"), [({"method": "GET"}, 405), ({"key": "bad"}, 403), ({"sid": ""}, 400), ({"sid": "MZ1"}, 400)]
)
def test_anything_else_is_refused_without_a_word_and_shows_in_the_log(
    broken: dict[str, str], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert post(**broken) == Reply(status)  # type: ignore[arg-type]
    (line,) = [vars(each) for each in caplog.records]
    assert (line["message"], line["status"], line["expected_url"]) == ("webhook_refused", status, URL)


def test_a_body_too_long_is_not_even_looked_at() -> None:
    def never(_: TwilioForm) -> Reply:
        raise AssertionError("it was refused")

    request = WebhookRequest("POST", "", "application/x-www-form-urlencoded", "x", b"x" * 70_000)
    assert answered(request, URL, ["t"], never, root=True) == Reply(413)


def test_only_the_root_may_have_a_slash_at_its_end() -> None:
    assert post(URL + "/", root=True).status == 200
    assert post(URL + "/").status == 403
