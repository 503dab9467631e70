"""A function that could not do its work does not start, and says everything that is wrong."""

import pytest

from calls.env import BadEnvironment
from functions.incoming_call.budgets import Budgets
from functions.incoming_call.settings import load

GOOD = {
    "INCOMING_CALL_URL": "https://in.example",
    "PUBLIC_HOST": "media.example",
    "TWILIO_AUTH_TOKEN": "old,new",
    "STREAM_TOKEN_SECRET": "s3cret",
}


def test_the_defaults_are_the_promised_ones() -> None:
    settings = load(GOOD)
    assert settings.stream_status_url == "https://media.example/webhook/stream_status"
    assert settings.auth_tokens == ("old", "new")
    assert settings.stream_token_ttl_s == 120
    assert settings.call_mode == "assistant"
    assert settings.stream_status_events == "start mark stop"
    assert settings.most_reconnects == 2
    assert settings.write_budget_s == 1.5
    assert settings.retention_days == 365
    assert settings.budgets == Budgets(20, 60, 0)


def test_every_setting_can_be_set() -> None:
    settings = load(
        GOOD
        | {
            "STREAM_STATUS_URL": "https://st.example/",
            "STREAM_TOKEN_TTL_SEC": "60",
            "CALL_MODE": "listen",
            "FORWARD_TO": "+97231234567",
            "STREAM_STATUS_EVENTS": "",
            "STREAM_RECONNECTS": "0",
            "LEAD_WRITE_BUDGET_MS": "200",
            "RETENTION_DAYS": "30",
            "GOOGLE_CLOUD_PROJECT": "p",
            "CALLS_PER_NUMBER_PER_HOUR": "0",
            "MINUTES_PER_NUMBER_PER_DAY": "5",
            "MINUTES_PER_DAY": "600",
        }
    )
    assert settings.stream_status_url == "https://st.example"
    assert (settings.stream_token_ttl_s, settings.call_mode, settings.forward_to) == (60, "listen", "+97231234567")
    assert (settings.stream_status_events, settings.most_reconnects, settings.write_budget_s) == ("", 0, 0.2)
    assert (settings.retention_days, settings.project) == (30, "p")
    assert settings.budgets == Budgets(0, 5, 600)


def test_an_empty_environment_is_refused_with_every_problem_at_once() -> None:
    with pytest.raises(BadEnvironment) as refusal:
        load({})
    for name in GOOD:
        assert name in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INCOMING_CALL_URL", "in.example"),
        ("PUBLIC_HOST", "wss://media.example"),
        ("PUBLIC_HOST", "media.example/"),
        ("PUBLIC_HOST", 'a"><Dial>'),
        ("STREAM_STATUS_URL", "http://st.example"),
        ("CALL_MODE", "sing"),
        ("CALL_MODE", "listen"),
        ("FORWARD_TO", "</Dial>"),
        ("STREAM_TOKEN_TTL_SEC", "0"),
        ("STREAM_RECONNECTS", "-1"),
        ("LEAD_WRITE_BUDGET_MS", "20000"),
        ("RETENTION_DAYS", "soon"),
        ("CALLS_PER_NUMBER_PER_HOUR", "-1"),
        ("MINUTES_PER_NUMBER_PER_DAY", "1441"),
        ("MINUTES_PER_DAY", "many"),
    ],
)
def test_a_bad_value_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(BadEnvironment):
        load(GOOD | {name: value})


def test_without_a_token_it_starts_only_where_that_is_said_to_be_wanted() -> None:
    unsigned = GOOD | {"TWILIO_AUTH_TOKEN": " , "}
    with pytest.raises(BadEnvironment, match="TWILIO_AUTH_TOKEN"):
        load(unsigned)
    assert load(unsigned | {"ALLOW_UNSIGNED_TWILIO": "true"}).auth_tokens == ()


def test_a_printed_setting_shows_no_secret() -> None:
    assert not {"old", "new", "s3cret"} & set(repr(load(GOOD)).replace("'", " ").split())
