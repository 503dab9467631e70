"""A function that could not do its work does not start, and says everything that is wrong."""

import pytest

from calls.env import BadEnvironment
from functions.stream_status.settings import load


def test_the_url_follows_from_the_public_host() -> None:
    settings = load({"PUBLIC_HOST": "media.example", "TWILIO_AUTH_TOKEN": "old,new"})
    assert settings.stream_status_url == "https://media.example/webhook/stream_status"
    assert settings.auth_tokens == ("old", "new")
    assert (settings.write_budget_s, settings.retention_days) == (1.5, 365)


def test_the_url_can_be_given_alone() -> None:
    environ = {"STREAM_STATUS_URL": "https://st.example/", "TWILIO_AUTH_TOKEN": "t"}
    assert load(environ).stream_status_url == "https://st.example"


def test_an_empty_environment_is_refused_with_every_problem_at_once() -> None:
    with pytest.raises(BadEnvironment) as refusal:
        load({"RETENTION_DAYS": "0"})
    for name in ("STREAM_STATUS_URL", "TWILIO_AUTH_TOKEN", "RETENTION_DAYS"):
        assert name in str(refusal.value)


def test_without_a_token_it_starts_only_where_that_is_said_to_be_wanted() -> None:
    environ = {"PUBLIC_HOST": "media.example"}
    with pytest.raises(BadEnvironment, match="TWILIO_AUTH_TOKEN"):
        load(environ)
    assert load(environ | {"ALLOW_UNSIGNED_TWILIO": "true"}).auth_tokens == ()
