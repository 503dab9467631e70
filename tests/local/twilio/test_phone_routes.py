"""Where public addresses are really served, and whom a written-down system says to call."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.twilio.routes import Routes, parse_route
from local.twilio.target import target_from_file

ROUTES = Routes(
    {
        "https://maane.test/webhook/incoming_call": "http://127.0.0.1:8081",
        "https://maane.test/webhook/stream_status": "127.0.0.1:8082",
        "maane.test": "127.0.0.1:8080",
    }
)


@pytest.mark.parametrize(
    ("public", "served"),
    [
        ("https://maane.test/webhook/incoming_call", "http://127.0.0.1:8081/"),
        ("https://maane.test/webhook/incoming_call/after-stream?x=1", "http://127.0.0.1:8081/after-stream?x=1"),
        ("https://maane.test/webhook/incoming_calls", "http://127.0.0.1:8080/webhook/incoming_calls"),
        ("https://maane.test/webhook/stream_status", "http://127.0.0.1:8082/"),
        ("wss://maane.test/ws/twilio-media", "ws://127.0.0.1:8080/ws/twilio-media"),
        ("https://maane.test", "http://127.0.0.1:8080/"),
        ("wss://elsewhere.test/ws", "wss://elsewhere.test/ws"),
    ],
)
def test_the_longest_matching_beginning_is_replaced(public: str, served: str) -> None:
    assert ROUTES.connect_url(public) == served


def test_a_route_on_the_command_line_needs_both_sides() -> None:
    assert parse_route("maane.test=127.0.0.1:8080") == ("maane.test", "127.0.0.1:8080")
    for text in ("maane.test", "=127.0.0.1:8080", "maane.test="):
        with pytest.raises(ValueError, match="PUBLIC_HOST=ADDRESS"):
            parse_route(text)


def test_a_running_system_is_called_as_it_wrote_itself_down(tmp_path: Path) -> None:
    known = {
        "incoming_call_url": "https://maane.test/webhook/incoming_call",
        "incoming_call_address": "http://127.0.0.1:8081",
        "stream_status_url": "https://maane.test/webhook/stream_status",
        "stream_status_address": "http://127.0.0.1:8082",
        "public_host": "maane.test",
        "media_address": "127.0.0.1:8080",
        "twilio_auth_token": "new, old",
    }
    path = tmp_path / "local.json"
    path.write_text(json.dumps(known))

    target = target_from_file(path)

    assert target.auth_token == "new"
    assert target.incoming_call_url == known["incoming_call_url"]
    assert target.routes.connect_url("wss://maane.test/ws/twilio-media") == "ws://127.0.0.1:8080/ws/twilio-media"
