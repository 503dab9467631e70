"""Variables that several deployables read."""

import pytest

from calls import common_settings as common
from calls.common_settings import webhook_url
from calls.env import BadEnvironment, EnvReader


def test_the_defaults_are_the_promised_ones() -> None:
    env = EnvReader({})
    assert (common.retention_days(env), common.request_timeout_s(env), common.write_budget_s(env)) == (365, 25, 1.5)
    assert (common.call_mode(env), common.reply_engine(env), common.log_transcripts(env)) == (
        "assistant",
        "gemini",
        False,
    )
    assert common.gemini_model(env) == common.GeminiModel("gemini-3.5-flash-lite", "minimal", "global", "")
    assert common.public_host(env) == common.project(env) == ""
    env.finish()


def test_two_auth_tokens_are_told_apart_by_a_comma() -> None:
    assert common.auth_tokens(EnvReader({"TWILIO_AUTH_TOKEN": "old, new"})) == ("old", "new")


@pytest.mark.parametrize("given", ["", " , "])
def test_without_a_token_nothing_starts_unless_that_is_said_to_be_wanted(given: str) -> None:
    env = EnvReader({"TWILIO_AUTH_TOKEN": given})
    common.auth_tokens(env)
    with pytest.raises(BadEnvironment, match="TWILIO_AUTH_TOKEN"):
        env.finish()
    allowed = EnvReader({"TWILIO_AUTH_TOKEN": given, "ALLOW_UNSIGNED_TWILIO": "true"})
    assert common.auth_tokens(allowed) == ()
    allowed.finish()


def test_the_status_url_follows_from_the_public_host() -> None:
    assert common.stream_status_url(EnvReader({}), "a.example") == "https://a.example/webhook/stream_status"
    given = EnvReader({"STREAM_STATUS_URL": "https://st.example/"})
    assert common.stream_status_url(given, "a.example") == "https://st.example"


@pytest.mark.parametrize(
    ("configured", "used"),
    [
        ("https://example.run.app", "https://example.run.app"),
        ("https://example.run.app/", "https://example.run.app"),
        ("https://example.run.app/a/b", "https://example.run.app/a/b"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_a_public_url_has_no_trailing_slash(configured: str, used: str) -> None:
    env = EnvReader({"X": configured})
    assert webhook_url(env, "X") == used
    env.finish()


@pytest.mark.parametrize(
    "configured",
    [
        *("", "example.run.app", "http://example.run.app", "wss://example.run.app", "https://", "https:///path"),
        *("https://a.example/?x=1", "https://a.example/#x", "https://u:p@a.example", "https://a b.example"),
        *('https://a.example/"><Dial>', "https://דוגמה.example", "https://[::1"),
    ],
)
def test_what_twilio_cannot_have_been_given_stops_the_start(configured: str) -> None:
    env = EnvReader({"X": configured})
    webhook_url(env, "X")
    with pytest.raises(BadEnvironment, match="X"):
        env.finish()
