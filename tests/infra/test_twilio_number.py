"""A number is pointed at the system by Twilio's API: only when asked to, and only where it is not already."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from infra.twilio.number import CannotConfigure, Webhooks, changes

ROOT = Path(__file__).resolve().parents[2]
WEBHOOKS = Webhooks("https://calls.example.com/incoming", "https://calls.example.com/status", "")
NUMBER: dict[str, Any] = {
    "sid": "PN1",
    "phone_number": "+97231234567",
    "capabilities": {"voice": True},
    "voice_url": "https://demo.twilio.com/welcome",
    "voice_method": "GET",
    "voice_fallback_url": "https://handler.example.com/EH1",
    "voice_application_sid": None,
    "status_callback": "",
    "trunk_sid": None,
}


class FakeTwilio(ThreadingHTTPServer):
    """Holds one number, as the API would show and change it."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.number = dict(NUMBER)
        self.updates = []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeTwilio

    def do_GET(self):
        asked = parse_qs(urlsplit(self.path).query)["PhoneNumber"][0]
        number = self.server.number
        self._answer({"incoming_phone_numbers": [number] if asked in str(number["phone_number"]) else []})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        update = {name: value for name, [value] in parse_qs(body, keep_blank_values=True).items()}
        self.server.updates.append((urlsplit(self.path).path, update))
        self.server.number["voice_url"] = update.get("VoiceUrl", self.server.number["voice_url"])
        self.server.number["voice_method"] = update.get("VoiceMethod", self.server.number["voice_method"])
        self.server.number["status_callback"] = update.get("StatusCallback", self.server.number["status_callback"])
        self.server.number["status_callback_method"] = update.get("StatusCallbackMethod", "POST")
        self._answer(self.server.number)

    def _answer(self, content):
        allowed = self.headers["Authorization"] == "Basic " + base64.b64encode(b"AC1:new").decode()
        body = json.dumps(content if allowed else {"code": 20003, "message": "Authenticate"}).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def twilio():
    server = FakeTwilio()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def run(twilio, *arguments, number="+97231234567", **environ):
    urls = ["--incoming-call-url", WEBHOOKS.incoming_call_url, "--stream-status-url", WEBHOOKS.stream_status_url]
    command = [sys.executable, "-m", "infra.twilio", "--api", twilio.address, "--number", number, *urls, *arguments]
    environment = {**os.environ, "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "new,old", **environ}
    # Our own program.
    return subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_nothing_is_changed_unless_asked_to(twilio):
    ended = run(twilio)

    assert ended.returncode == 0
    assert "voice_url: https://demo.twilio.com/welcome -> https://calls.example.com/incoming" in ended.stdout
    assert "not changed" in ended.stdout
    assert twilio.updates == []


def test_it_changes_what_is_not_as_it_should_be(twilio):
    assert run(twilio, "--apply").returncode == 0

    [(path, update)] = twilio.updates
    assert path == "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers/PN1.json"
    assert update == {
        "VoiceUrl": "https://calls.example.com/incoming",
        "VoiceMethod": "POST",
        "StatusCallback": "https://calls.example.com/status",
        "StatusCallbackMethod": "POST",
    }


def test_a_second_time_there_is_nothing_to_change(twilio):
    run(twilio, "--apply")

    assert "nothing to change" in run(twilio, "--apply").stdout
    assert len(twilio.updates) == 1


def test_a_fallback_is_set_where_one_is_given(twilio):
    run(twilio, "--apply", "--fallback-url", "https://handler.twilio.com/twiml/EH2")

    [(_, update)] = twilio.updates
    assert (update["VoiceFallbackUrl"], update["VoiceFallbackMethod"]) == (
        "https://handler.twilio.com/twiml/EH2",
        "GET",
    )


def test_a_missing_fallback_is_said(twilio):
    twilio.number["voice_fallback_url"] = ""

    assert "no fallback" in run(twilio).stdout


def test_a_refusal_is_shown_in_twilios_words(twilio):
    ended = run(twilio, TWILIO_AUTH_TOKEN="wrong")

    assert ended.returncode == 1
    assert "401" in ended.stderr
    assert "Authenticate" in ended.stderr
    assert "wrong" not in ended.stderr


def test_a_number_the_account_has_not_is_not_taken_for_one_like_it(twilio):
    ended = run(twilio, "--apply", number="+9723123456")

    assert ended.returncode == 1
    assert "no number +9723123456" in ended.stderr
    assert twilio.updates == []


def test_an_application_is_taken_off():
    """With one, Twilio would not look at the URLs."""
    assert changes({**NUMBER, "voice_application_sid": "AP1"}, WEBHOOKS.settings())["voice_application_sid"] == (
        "AP1",
        "",
    )


@pytest.mark.parametrize("number", [{**NUMBER, "trunk_sid": "TK1"}, {**NUMBER, "capabilities": {"voice": False}}])
def test_a_number_that_cannot_serve_is_left_alone(number):
    with pytest.raises(CannotConfigure):
        changes(number, WEBHOOKS.settings())


@pytest.mark.parametrize(
    "url", ["http://calls.example.com", "https://calls.example.com/", "https://c.example/?a=1", ""]
)
def test_a_url_whose_signatures_would_not_match_is_refused(url):
    with pytest.raises(CannotConfigure):
        Webhooks(url, "https://calls.example.com/status", "").settings()


def test_the_token_is_sent_to_nobody_in_the_clear(twilio):
    twilio_by_name = type("Elsewhere", (), {"address": "http://api.example.com"})()

    assert "only by https" in run(twilio_by_name).stderr


def test_the_fallback_needs_nothing_of_ours():
    """It is what callers hear when we are away."""
    response = ElementTree.parse(ROOT / "infra" / "twilio" / "fallback.xml").getroot()  # noqa: S314 - our own file

    assert [verb.tag for verb in response] == ["Say", "Hangup"]
    assert response[0].get("language") == "he-IL"
    assert not [verb for verb in response.iter() if verb.get("action") or verb.get("url")]
