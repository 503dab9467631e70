from __future__ import annotations

from dataclasses import fields

import pytest

from calls.env import BadEnvironment
from local.wiring import Addresses, Plan, Ports, addresses, plan, shared_environment

PORTS = Ports(*range(20_001, 20_001 + len(fields(Ports))))
EMULATORS = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:30001", "PUBSUB_EMULATOR_HOST": "127.0.0.1:30002"}
SECRETS = {"TWILIO_AUTH_TOKEN": "of this run", "STREAM_TOKEN_SECRET": "of this run too"}


def environment(environ: dict[str, str]) -> dict[str, str]:
    return shared_environment(environ, plan(environ), PORTS, EMULATORS, SECRETS)


def where(environ: dict[str, str]) -> Addresses:
    return addresses(environment(environ), plan(environ), PORTS)


def test_nothing_set_starts_every_stand_in_but_gemini() -> None:
    """The demonstration needs no credentials and no model."""
    assert plan({}) == Plan(started=frozenset({"firestore", "pubsub", "speech", "tts"}), real=frozenset())
    assert environment({})["REPLY_ENGINE"] == "script"
    assert "GOOGLE_VERTEX_BASE_URL" not in environment({})


def test_asking_for_gemini_without_google_starts_its_stand_in() -> None:
    asked = {"REPLY_ENGINE": "gemini"}

    assert "gemini" in plan(asked).started
    assert environment(asked)["GOOGLE_VERTEX_BASE_URL"] == f"http://127.0.0.1:{PORTS.gemini}"


def test_a_real_service_is_reached_by_leaving_its_host_variable_out() -> None:
    asked = {"REAL": "speech, gemini", "GOOGLE_CLOUD_PROJECT": "mine"}

    given = environment(asked)

    assert "SPEECH_EMULATOR_HOST" not in given
    assert "GOOGLE_VERTEX_BASE_URL" not in given
    assert given["REPLY_ENGINE"] == "gemini"
    assert given["GOOGLE_CLOUD_PROJECT"] == "mine"
    assert given["TEXTTOSPEECH_EMULATOR_HOST"] == f"127.0.0.1:{PORTS.tts}"
    assert where(asked).speech_control == ""


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({"REAL": "speech"}, "GOOGLE_CLOUD_PROJECT"),
        ({"REAL": "pubsub", "GOOGLE_CLOUD_PROJECT": "mine"}, "cannot push"),
        ({"REAL": "telepathy", "GOOGLE_CLOUD_PROJECT": "mine"}, "firestore, gemini, speech, tts"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(environ: dict[str, str], complaint: str) -> None:
    with pytest.raises(BadEnvironment, match=complaint):
        plan(environ)


def test_what_the_user_set_wins() -> None:
    users = {"PUBLIC_HOST": "abc.example.com", "TWILIO_AUTH_TOKEN": "theirs", "STT_BATCH_MS": "40"}

    given = environment(users)

    assert given["TWILIO_AUTH_TOKEN"] == "theirs"
    assert given["STT_BATCH_MS"] == "40"
    assert given["INCOMING_CALL_URL"] == "https://abc.example.com/webhook/incoming_call"
    assert given["STREAM_TOKEN_SECRET"] == SECRETS["STREAM_TOKEN_SECRET"]


def test_a_variable_set_to_nothing_counts_as_unset() -> None:
    assert environment({"TWILIO_AUTH_TOKEN": ""})["TWILIO_AUTH_TOKEN"] == "of this run"


def test_an_empty_variable_that_means_something_is_passed_on() -> None:
    """`STREAM_STATUS_EVENTS=""` leaves the attribute out of the TwiML."""
    assert environment({"STREAM_STATUS_EVENTS": ""})["STREAM_STATUS_EVENTS"] == ""


def test_a_service_the_user_runs_elsewhere_is_used_and_not_started() -> None:
    users = {"SPEECH_EMULATOR_HOST": "127.0.0.1:4711"}

    assert "speech" not in plan(users).started
    assert environment(users)["SPEECH_EMULATOR_HOST"] == "127.0.0.1:4711"


def test_children_see_the_code_they_are_deployed_with_and_no_other() -> None:
    assert not {"PYTHONPATH", "K_SERVICE", "PORT", "REAL"} & environment({"PYTHONPATH": "/x", "K_SERVICE": "x"}).keys()


def test_no_proxy_stands_between_the_parts() -> None:
    """gRPC and HTTP clients would otherwise send calls to 127.0.0.1 through the proxy of the user's network."""
    given = environment({"https_proxy": "http://proxy:3128", "no_proxy": "intranet"})

    assert given["no_proxy"] == given["NO_PROXY"] == "intranet,127.0.0.1,localhost"


def test_addresses_name_what_the_phone_needs() -> None:
    found = where({})

    assert found.incoming_call_url == "https://maane.local.test/webhook/incoming_call"
    assert found.incoming_call_address == f"http://127.0.0.1:{PORTS.incoming_call}"
    assert found.media_address == f"127.0.0.1:{PORTS.media}"
    assert found.firestore_host == EMULATORS["FIRESTORE_EMULATOR_HOST"]
    assert found.as_dict()["twilio_auth_token"] == "of this run"


def test_printing_addresses_gives_no_secret_away() -> None:
    assert "of this run" not in repr(where({}))
