"""Recordings are kept wherever Twilio keeps them, and nowhere else."""

import pytest

from functions.incoming_call.recordings import refusal

PATH = "/2010-04-01/Accounts/AC1/Recordings/RE1"


@pytest.mark.parametrize(
    "host",
    [
        "api.twilio.com",
        "api.dublin.ie1.twilio.com",
        "api.sydney.au1.twilio.com",
        "api.frankfurt.us1.twilio.com",
        "api.ashburn-ix.us1.twilio.com",
        "api.ie1.twilio.com",
    ],
)
def test_twilio_s_own_hosts_regional_ones_included(host: str) -> None:
    assert refusal(f"https://{host}{PATH}") == ""


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "no address"),
        (f"http://api.twilio.com{PATH}", "not https"),
        ("javascript:alert(1)", "not https"),
        (f"HTTPS://api.twilio.com{PATH}", "not https"),
        (f"https://api.twilio.com.evil.example{PATH}", "not a host of Twilio's"),
        (f"https://eviltwilio.com{PATH}", "not a host of Twilio's"),
        (f"https://api.eviltwilio.com{PATH}", "not a host of Twilio's"),
        (f"https://evilapi.twilio.com{PATH}", "not a host of Twilio's"),
        (f"https://www.twilio.com{PATH}", "not a host of Twilio's"),
        (f"https://api.dublin.ie1.twilio.com.evil.example{PATH}", "not a host of Twilio's"),
        (f"https://api.a.b.c.twilio.com{PATH}", "not a host of Twilio's"),
        (f"https://api..twilio.com{PATH}", "not a host of Twilio's"),
        (f"https://api.-.twilio.com{PATH}", "not a host of Twilio's"),
        (f"https://api.twilio.com@evil.example{PATH}", "not a host of Twilio's"),
        (f"https://evil.example\\@api.twilio.com{PATH}", "not a host of Twilio's"),
        (f"https://api.twilio.com:8443{PATH}", "not a host of Twilio's"),
        (f"https://api.twilio\u3002com{PATH}", "not a host of Twilio's"),
        (f"https://api.twilio.com\n{PATH}", "not a host of Twilio's"),
        ("https://evil.example/api.twilio.com/x", "not a host of Twilio's"),
        ("https://169.254.169.254/computeMetadata/v1/", "not a host of Twilio's"),
        ("https://api.twilio.com", "not a plain path"),
        ("https://api.twilio.com/x?y=1", "not a plain path"),
        ("https://api.twilio.com/x#y", "not a plain path"),
        ("https://api.twilio.com/x\n", "not a plain path"),
        ("https://api.twilio.com/" + "x" * 401, "not a plain path"),
    ],
)
def test_what_only_looks_like_it_is_refused_with_a_reason(url: str, reason: str) -> None:
    assert refusal(url) == reason
