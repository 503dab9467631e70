"""A plan right after an apply has nothing to do, whatever a release did meanwhile; what was done by hand it shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.infra.terraform.by_hand import fix_the_number_of_instances, leave_instances_to_cloud_run, release
from tests.infra.terraform.conftest import EVERYTHING, TERRAFORM
from tests.infra.terraform.planned import MEDIA, Plan, after, changes

pytestmark = pytest.mark.terraform

Planner = Callable[..., Plan]
Copier = Callable[[str], Path]


@pytest.mark.parametrize(
    ("environment", "arguments"), [("dev", ()), ("prod", ()), ("prod", EVERYTHING)], ids=["dev", "prod", "everything"]
)
def test_a_second_plan_is_empty(make_plan: Planner, environment: str, arguments: tuple[str, ...]) -> None:
    plan = make_plan(environment, *arguments, deployed=TERRAFORM)

    assert len(after(plan, "google_cloud_run_v2_service")) == 1
    assert changes(plan) == {}
    assert [name for name, each in plan["output_changes"].items() if each["actions"] != ["no-op"]] == []


def test_what_cloud_run_reports_of_itself_is_no_change(make_plan: Planner, copy_of_the_repository: Copier) -> None:
    """Left undeclared, each plan wanted to remove the scaling that Cloud Run puts into every service."""
    live, wanted = copy_of_the_repository("live"), copy_of_the_repository("wanted")
    leave_instances_to_cloud_run(live)

    assert changes(make_plan("prod", deployed=live, folder=wanted)) == {}


def test_an_apply_leaves_what_a_release_has_done(make_plan: Planner, copy_of_the_repository: Copier) -> None:
    live, wanted = copy_of_the_repository("live"), copy_of_the_repository("wanted")
    release(live)

    assert changes(make_plan("prod", deployed=live, folder=wanted)) == {}


def test_a_number_of_instances_fixed_by_hand_is_taken_back(make_plan: Planner, copy_of_the_repository: Copier) -> None:
    """Forgotten, it would refuse callers however many instances are allowed."""
    live, wanted = copy_of_the_repository("live"), copy_of_the_repository("wanted")
    fix_the_number_of_instances(live)

    plan = make_plan("prod", deployed=live, folder=wanted)

    assert changes(plan) == {MEDIA: ["update"]}
    [scaling] = after(plan, "google_cloud_run_v2_service")[MEDIA]["scaling"]
    assert scaling["scaling_mode"] == "AUTOMATIC"
    assert scaling["manual_instance_count"] == 0
