"""Plans of the configuration, made by real Terraform without a cloud. `make infra-check` runs what needs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]
TERRAFORM: Final = ROOT / "infra" / "terraform"
_WITHIN_S: Final = 180

Plan: TypeAlias = dict[str, Any]
"""As `terraform show -json` prints it."""


@pytest.fixture(scope="session")
def tf_offline() -> str:
    """The program that plans without providers or cloud; TF_OFFLINE names it."""
    program = shutil.which(os.environ.get("TF_OFFLINE", ""))
    if not program:
        pytest.fail("TF_OFFLINE names no program: run these tests with make infra-check", pytrace=False)
    if not shutil.which("terraform"):
        pytest.fail("terraform is not on PATH: install version 1.11 or newer", pytrace=False)
    if not (ROOT / "build" / "functions" / "summarize.zip").is_file():
        pytest.fail("build/functions is empty: run make bundle first", pytrace=False)
    return program


@pytest.fixture(scope="session")
def make_plan(tf_offline: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Plan]:
    """Call it with the environment's name and further arguments to Terraform."""

    def plan(environment: str, *arguments: str, deployed: Path | None = None, folder: Path = TERRAFORM) -> Plan:
        out = tmp_path_factory.mktemp("plan") / "plan.json"
        how = ["plan"] if deployed is None else ["upgrade", "--from", str(deployed)]
        given = [f"-var-file=environments/{environment}.tfvars", *arguments]
        command = [tf_offline, str(folder), *how, "--json-out", str(out), *given, "-no-color"]
        ended = subprocess.run(  # noqa: S603 - the program TF_OFFLINE names, on our own files
            command, capture_output=True, text=True, check=False, timeout=_WITHIN_S
        )
        assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
        result: Plan = json.loads(out.read_text(encoding="utf-8"))
        return result

    return plan


@pytest.fixture(scope="session")
def dev(make_plan: Callable[..., Plan]) -> Plan:
    return make_plan("dev")


@pytest.fixture(scope="session")
def prod(make_plan: Callable[..., Plan]) -> Plan:
    return make_plan("prod")


EVERYTHING: Final = (
    "-var=public_domain=calls.example.com",
    "-var=billing_account=012345-6789AB-CDEF01",
    "-var=state_bucket=maane-prod-terraform-state",
    '-var=repository={owner="owner",name="maane"}',
    "-var=lead_webhook_url=https://crm.example.com/maane",
)
"""Every optional part switched on: load balancer, budget, trigger, grant on the state, webhook."""


@pytest.fixture(scope="session")
def prod_with_everything(make_plan: Callable[..., Plan]) -> Plan:
    return make_plan("prod", *EVERYTHING)


@pytest.fixture(scope="session", params=["dev", "prod", "prod_with_everything"])
def plan(request: pytest.FixtureRequest) -> Plan:
    """What holds of each of them."""
    result: Plan = request.getfixturevalue(request.param)
    return result


@pytest.fixture
def copy_of_the_repository(tmp_path: Path) -> Callable[[str], Path]:
    """Copies what Terraform reads and returns the copy's configuration, to be changed as a test likes."""

    def copy(name: str) -> Path:
        root = tmp_path / name
        ignored = shutil.ignore_patterns(".terraform", "operator.auto.tfvars.json")
        shutil.copytree(TERRAFORM, root / "infra" / "terraform", ignore=ignored)
        shutil.copytree(ROOT / "build" / "functions", root / "build" / "functions")
        (root / ".git").mkdir()  # marks the tree that has to be copied along
        return root / "infra" / "terraform"

    return copy
