"""What Terraform tells a deployable, and what the deployable's settings read, are the same names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest

import functions.incoming_call.settings
import functions.stream_status.settings
import functions.summarize.settings
import media_service.settings
from infra.operator_toggles import TERRAFORM
from tests.infra.terraform.planned import DEPLOYABLES, environment, secrets

pytestmark = pytest.mark.terraform

READERS: Final[dict[str, Callable[[Mapping[str, str]], object]]] = {
    "media-service": media_service.settings.read,
    "incoming-call": functions.incoming_call.settings.load,
    "stream-status": functions.stream_status.settings.load,
    "summarize": functions.summarize.settings.read,
}

FOR_THE_PLATFORM: Final = {
    "THREADS": "the functions framework",
    "LOG_EXECUTION_ID": "Cloud Functions",
    "COMMITTED_ENVIRONMENT": "infra/operator_toggles.py",
}
"""Set by Terraform, and read by something else than the settings."""

SET_BY_THE_PLATFORM: Final = {"PORT"}

NOT_IN_THE_CLOUD: Final = {
    "ALLOW_UNSIGNED_TWILIO",
    "FIRESTORE_EMULATOR_HOST",
    "GOOGLE_VERTEX_BASE_URL",
    "PUBSUB_EMULATOR_HOST",
    "SPEECH_EMULATOR_HOST",
    "TEXTTOSPEECH_EMULATOR_HOST",
}
"""For a developer's machine. There, and only there, they are read."""

READ_AS_A_FALLBACK: Final = {"stream-status": {"PUBLIC_HOST"}}
"""Read only to make up STREAM_STATUS_URL, which Terraform sets."""


class Recording(Mapping[str, str]):
    """An environment that remembers which names were asked for."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._variables[name]

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return name in self._variables

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("settings read names, they do not go through the environment")

    def __len__(self) -> int:
        raise AssertionError("settings read names, they do not count them")


def told(plan: Mapping[str, Any], deployable: str) -> dict[str, str]:
    """Its whole environment, with stand-ins for the secrets' values."""
    return environment(plan, deployable) | dict.fromkeys(secrets(plan, deployable), "a-secret")


@pytest.mark.parametrize("deployable", DEPLOYABLES)
def test_every_deployable_starts_with_the_environment_it_gets(plan: Mapping[str, Any], deployable: str) -> None:
    """Its settings raise if a required variable is missing or a value is bad."""
    READERS[deployable](told(plan, deployable))


@pytest.mark.parametrize("deployable", DEPLOYABLES)
def test_terraform_sets_no_name_that_the_deployable_does_not_read(plan: Mapping[str, Any], deployable: str) -> None:
    variables = Recording(told(plan, deployable))
    READERS[deployable](variables)

    assert set(told(plan, deployable)) - variables.asked - set(FOR_THE_PLATFORM) == set()


@pytest.mark.parametrize("deployable", DEPLOYABLES)
def test_every_name_a_deployable_reads_is_set_or_can_be_steered(plan: Mapping[str, Any], deployable: str) -> None:
    """A variable added to the settings and not to Terraform could be set by nobody."""
    variables = Recording(told(plan, deployable))
    READERS[deployable](variables)
    steerable = set(json.loads((TERRAFORM / "steerable.json").read_text())[deployable])
    # One that is read only where another is absent is steerable as well.
    reachable = set(told(plan, deployable)) | steerable | SET_BY_THE_PLATFORM | NOT_IN_THE_CLOUD
    assert variables.asked - reachable - READ_AS_A_FALLBACK.get(deployable, set()) == set()


@pytest.mark.parametrize("deployable", DEPLOYABLES)
def test_every_steerable_name_is_read(plan: Mapping[str, Any], deployable: str) -> None:
    """An operator who sets it must see it work."""
    variables = Recording(told(plan, deployable))
    READERS[deployable](variables)
    steerable = set(json.loads((TERRAFORM / "steerable.json").read_text())[deployable])

    assert steerable - variables.asked == set()
    assert steerable & (SET_BY_THE_PLATFORM | NOT_IN_THE_CLOUD | set(FOR_THE_PLATFORM)) == set()


def test_nothing_of_a_developers_machine_is_set_in_the_cloud(plan: Mapping[str, Any]) -> None:
    for deployable in DEPLOYABLES:
        assert set(told(plan, deployable)) & NOT_IN_THE_CLOUD == set()


def test_all_agree_on_the_addresses(plan: Mapping[str, Any]) -> None:
    """Twilio signs over what one of them hands out, and another checks it."""
    media, incoming, status = (environment(plan, name) for name in DEPLOYABLES[:3])

    assert incoming["PUBLIC_HOST"] == media["PUBLIC_HOST"]
    assert incoming["STREAM_STATUS_URL"] == status["STREAM_STATUS_URL"]


def test_without_a_domain_each_address_is_that_of_its_own_service(prod: Mapping[str, Any]) -> None:
    media, incoming, status = (environment(prod, name) for name in DEPLOYABLES[:3])

    assert media["PUBLIC_HOST"] == "media-service-123456789012.me-west1.run.app"
    assert incoming["INCOMING_CALL_URL"] == "https://incoming-call-123456789012.me-west1.run.app"
    assert status["STREAM_STATUS_URL"] == "https://stream-status-123456789012.me-west1.run.app"


def test_with_a_domain_all_addresses_are_on_it(prod_with_everything: Mapping[str, Any]) -> None:
    media, incoming, status = (environment(prod_with_everything, name) for name in DEPLOYABLES[:3])

    assert media["PUBLIC_HOST"] == "calls.example.com"
    assert incoming["INCOMING_CALL_URL"] == "https://calls.example.com/webhook/incoming_call"
    assert status["STREAM_STATUS_URL"] == "https://calls.example.com/webhook/stream_status"


def test_secrets_are_pinned_to_a_version(plan: Mapping[str, Any]) -> None:
    """`latest` is read when an instance starts, so two instances could check against two tokens."""
    for deployable in DEPLOYABLES:
        assert all(version.isdigit() for version in secrets(plan, deployable).values())
    assert set(secrets(plan, "media-service")) == {"TWILIO_AUTH_TOKEN", "STREAM_TOKEN_SECRET"}
