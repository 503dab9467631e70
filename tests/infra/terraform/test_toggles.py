"""What an operator has set with gcloud is still there after the next apply."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.operator_toggles import live_environments, set_by_operators
from tests.infra.terraform.by_hand import release, toggle_function, toggle_media
from tests.infra.terraform.planned import DEPLOYABLES, MEDIA, Plan, changes, environment

pytestmark = pytest.mark.terraform

Planner = Callable[..., Plan]
Copier = Callable[[str], Path]


def synchronise(plan: Plan, folder: Path) -> None:
    """What infra/operator_toggles.py writes where the services are as this plan has them."""
    listed = [
        {
            "metadata": {"name": name},
            "spec": {"template": {"spec": {"containers": [{"env": _env(environment(plan, name))}]}}},
        }
        for name in DEPLOYABLES
    ]
    steerable = json.loads((folder / "steerable.json").read_text(encoding="utf-8"))
    toggles = set_by_operators(live_environments(listed), steerable)
    (folder / "operator.auto.tfvars.json").write_text(json.dumps({"operator_toggles": toggles}), encoding="utf-8")


def _env(variables: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in variables.items()]


def media_variables(plan: Plan, when: str) -> dict[str, Any]:
    [service] = [each for each in plan["resource_changes"] if each["address"] == MEDIA]
    return {each["name"]: each["value"] for each in service["change"][when]["template"][0]["containers"][0]["env"]}


def test_a_toggle_survives_the_next_apply(make_plan: Planner, copy_of_the_repository: Copier) -> None:
    live, wanted = copy_of_the_repository("live"), copy_of_the_repository("wanted")
    toggle_media(live, "ENABLE_STREAMING_STT", "false")
    release(live)
    synchronise(make_plan("prod", folder=live), wanted)

    plan = make_plan("prod", deployed=live, folder=wanted)

    assert media_variables(plan, "after")["ENABLE_STREAMING_STT"] == "false"
    assert changes(plan) == {}


def test_without_asking_the_live_services_an_apply_would_take_it_back(
    make_plan: Planner, copy_of_the_repository: Copier
) -> None:
    """Why the pipeline asks them before each plan."""
    live, wanted = copy_of_the_repository("live"), copy_of_the_repository("wanted")
    toggle_media(live, "ENABLE_STREAMING_STT", "false")

    plan = make_plan("prod", deployed=live, folder=wanted)

    assert "ENABLE_STREAMING_STT" in media_variables(plan, "before")
    assert "ENABLE_STREAMING_STT" not in media_variables(plan, "after")


def test_a_toggle_on_a_function_survives_as_well(make_plan: Planner, copy_of_the_repository: Copier) -> None:
    live, wanted = copy_of_the_repository("live"), copy_of_the_repository("wanted")
    toggle_function(live, "summarize", "REPLY_ENGINE", "script")
    synchronise(make_plan("prod", folder=live), wanted)

    plan = make_plan("prod", deployed=live, folder=wanted)

    assert environment(plan, "summarize")["REPLY_ENGINE"] == "script"
    assert changes(plan) == {}


def test_a_toggle_wins_over_what_is_committed_until_it_is_given_back(
    make_plan: Planner, copy_of_the_repository: Copier
) -> None:
    live, wanted = copy_of_the_repository("live"), copy_of_the_repository("wanted")
    committed = '-var=toggles={STT_BATCH_MS="60"}'
    toggle_media(live, "STT_BATCH_MS", "100")
    synchronise(make_plan("prod", committed, folder=live), wanted)

    assert environment(make_plan("prod", committed, folder=wanted), "media-service")["STT_BATCH_MS"] == "100"

    given_back = copy_of_the_repository("given-back")
    synchronise(make_plan("prod", committed, folder=given_back), wanted)

    assert environment(make_plan("prod", committed, folder=wanted), "media-service")["STT_BATCH_MS"] == "60"


def test_a_new_commit_reaches_a_variable_no_operator_has_touched(
    make_plan: Planner, copy_of_the_repository: Copier
) -> None:
    live, wanted = copy_of_the_repository("live"), copy_of_the_repository("wanted")
    synchronise(make_plan("prod", '-var=toggles={STT_BATCH_MS="60"}', folder=live), wanted)

    plan = make_plan("prod", '-var=toggles={STT_BATCH_MS="40"}', folder=wanted)

    assert environment(plan, "media-service")["STT_BATCH_MS"] == "40"


def test_more_calls_an_instance_bring_more_requests_an_instance(
    make_plan: Planner, copy_of_the_repository: Copier
) -> None:
    """An operator who raises MAX_CONCURRENT_CALLS gets the room at the next apply."""
    live, wanted = copy_of_the_repository("live"), copy_of_the_repository("wanted")
    toggle_media(live, "MAX_CONCURRENT_CALLS", "45")
    synchronise(make_plan("prod", folder=live), wanted)

    plan = make_plan("prod", deployed=live, folder=wanted)

    [service] = [each["change"] for each in plan["resource_changes"] if each["address"] == MEDIA]
    assert service["actions"] == ["update"]
    assert media_variables(plan, "after")["MAX_CONCURRENT_CALLS"] == "45"
    assert service["after"]["template"][0]["max_instance_request_concurrency"] == 55


@pytest.mark.parametrize(
    ("name", "deployable"), [("GOOGLE_CLOUD_PROJECT", "media-service"), ("ENABLE_STREAMING_STT", "summarize")]
)
def test_what_is_not_to_be_steered_there_stops_the_plan(make_plan: Planner, name: str, deployable: str) -> None:
    with pytest.raises(AssertionError, match=r"steerable\.json does not list|that steerable\.json"):
        make_plan("prod", f'-var=operator_toggles={{"{deployable}"={{{name}="x"}}}}')
