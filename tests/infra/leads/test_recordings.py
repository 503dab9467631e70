"""Recordings are deleted where Twilio keeps them, and nowhere else."""

from __future__ import annotations

import base64
import urllib.request

import pytest

from infra.leads.recordings import Credentials, Recordings

ADDRESS = f"https://api.dublin.ie1.twilio.com/2010-04-01/Accounts/AC{'1' * 32}/Recordings/RE{'2' * 32}"
KEYS = Credentials("AC1", ["old", "new"])


class Twilio:
    """Answers with each status in turn."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.asked: list[tuple[str, str, str]] = []

    def __call__(self, request: urllib.request.Request) -> int:
        secret = base64.b64decode((request.get_header("Authorization") or "").removeprefix("Basic ")).decode()
        self.asked.append((request.get_method(), request.full_url, secret))
        status = self.statuses.pop(0)
        if not status:
            raise TimeoutError
        return status


@pytest.mark.parametrize("suffix", ["", ".wav", ".mp3"])
def test_a_recording_is_deleted_where_it_is_kept(suffix: str) -> None:
    twilio = Twilio(204)
    assert Recordings(KEYS, twilio).delete(ADDRESS + suffix) == ""
    assert twilio.asked == [("DELETE", f"{ADDRESS}.json", "AC1:old")]


def test_one_that_is_gone_already_is_gone() -> None:
    assert Recordings(KEYS, Twilio(404)).delete(ADDRESS) == ""


def test_while_a_token_is_rotated_the_other_one_is_tried() -> None:
    twilio = Twilio(401, 204)
    assert Recordings(KEYS, twilio).delete(ADDRESS) == ""
    assert [secret for _, _, secret in twilio.asked] == ["AC1:old", "AC1:new"]


@pytest.mark.parametrize(
    ("statuses", "why"), [([401, 401], "401"), ([500], "500"), ([0], "cannot be reached (TimeoutError)")]
)
def test_what_is_still_there_is_told_with_the_reason(statuses: list[int], why: str) -> None:
    twilio = Twilio(*statuses)
    assert why in Recordings(KEYS, twilio).delete(ADDRESS)
    assert twilio.statuses == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/2010-04-01/Accounts/AC1/Recordings/RE1",
        ADDRESS.replace("https", "http"),
        "https://api.twilio.com/2010-04-01/Accounts/AC1",
        f"{ADDRESS}/../../Calls/CA1",
    ],
)
def test_the_token_is_sent_to_nobody_else_and_nothing_else_is_deleted(url: str) -> None:
    twilio = Twilio()
    assert Recordings(KEYS, twilio).delete(url) == "not the address of a recording at Twilio"


def test_without_credentials_it_says_what_is_missing() -> None:
    assert "TWILIO_AUTH_TOKEN" in Recordings(None, Twilio()).delete(ADDRESS)
