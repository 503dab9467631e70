"""cloudbuild.yaml is a build that Cloud Build takes, and its steps hand each other what they should.

The steps are run one after another with every program they call replaced by one that only notes how it was called.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.cloud.devtools.cloudbuild_v1.types import Build, BuildOptions
from google.protobuf.json_format import ParseDict, ParseError

ROOT = Path(__file__).resolve().parents[2]
BUILD_ID = "5d6e7f80-1234-5678-9abc-def012345678"
GIVEN = {"PROJECT_ID": "maane-prod", "BUILD_ID": BUILD_ID, "SHORT_SHA": "1a2b3c4"}
REPOSITORY = "me-west1-docker.pkg.dev/maane-prod/maane/media-service"
DIGEST = "sha256:" + 64 * "a"
BUILT = f"{REPOSITORY}@{DIGEST}"

_SUBSTITUTION = re.compile(r"\$(?:\$|\{([A-Z_]+)\}|([A-Z_][A-Z0-9_]*))")


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "cloudbuild.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def build(config: dict[str, Any]) -> Build:
    return Build(ParseDict(config, Build.pb(Build())))


def substituted(text: str, values: dict[str, str]) -> str:
    """As Cloud Build does it before a step starts; a name it does not know is an error there as well."""
    return _SUBSTITUTION.sub(lambda found: "$" if found[0] == "$$" else values[found[1] or found[2]], text)


def test_it_is_a_build_of_cloud_build(build: Build) -> None:
    assert [step.id for step in build.steps] == ["test", "bundle", "image", "toggles", "apply", "release"]
    assert build.timeout.total_seconds() == 5400
    # Without one of these a build with an account of its own is refused.
    assert build.options.logging == BuildOptions.LoggingMode.CLOUD_LOGGING_ONLY


def test_a_field_that_cloud_build_does_not_know_would_be_noticed(config: dict[str, Any]) -> None:
    with pytest.raises(ParseError, match="secretEnvironment"):
        ParseDict({**config, "steps": [{"name": "x", "secretEnvironment": []}]}, Build.pb(Build()))


def test_every_substitution_is_given_and_used(config: dict[str, Any]) -> None:
    """Cloud Build refuses a build with one too many, and one with one too few."""
    used = {
        found[0] or found[1]
        for found in _SUBSTITUTION.findall(json.dumps([config["steps"], config["availableSecrets"]]))
    }
    trigger = (ROOT / "infra/terraform/build.tf").read_text()
    given_by_trigger = set(re.findall(r"^\s+(_[A-Z_]+)\s+=", trigger, re.MULTILINE))

    assert used - {""} == config["substitutions"].keys() | GIVEN.keys()
    assert given_by_trigger <= config["substitutions"].keys()


def test_only_the_smoke_test_gets_a_secret(build: Build) -> None:
    assert {step.id: list(step.secret_env) for step in build.steps if step.secret_env} == {
        "release": ["TWILIO_AUTH_TOKEN"]
    }
    assert [secret.env for secret in build.available_secrets.secret_manager] == ["TWILIO_AUTH_TOKEN"]


def test_the_images_that_build_are_pinned(build: Build) -> None:
    """Google's own builders have no versions; they are named by Cloud Build's documentation as they are."""
    names = [step.name for step in build.steps if not step.name.startswith("gcr.io/cloud-builders/")]

    assert [name for name in names if not re.search(r":\d+\.\d+", name)] == []


def test_terraform_is_the_one_that_the_configuration_asks_for(build: Build) -> None:
    required = re.search(r'required_version = ">= ([0-9.]+)"', (ROOT / "infra/terraform/versions.tf").read_text())
    (image,) = {step.name for step in build.steps if "terraform" in step.name}

    assert required
    assert image.startswith(f"hashicorp/terraform:{required[1]}")


@dataclass(frozen=True, slots=True)
class Ran:
    calls: list[list[str]]
    failed: str
    """Step that failed, if any."""

    def of(self, program: str) -> list[list[str]]:
        return [call[1:] for call in self.calls if call[0] == program]


_NOTES = """#!{python}
import json, os, sys
name = os.path.basename(sys.argv[0])
with open({calls!r}, "a") as calls:
    calls.write(json.dumps([name, *sys.argv[1:]]) + "\\n")
if name == "docker" and sys.argv[1:3] == ["image", "inspect"]:
    print("elsewhere/media-service@{digest}\\n{repository}@{digest}")
if name == "gcloud" and sys.argv[1] == "info":
    print({bin!r} + "/python3")
sys.exit(name == {fails!r} or " ".join(sys.argv[1:3]) == {fails!r})
"""


def run(config: dict[str, Any], folder: Path, *, fails: str = "", **substitutions: str) -> Ran:
    """Every step in its order, until one fails. `fails`: a program, or its first two arguments."""
    programs, calls = folder / "bin", folder / "calls"
    programs.mkdir()
    calls.touch()
    text = _NOTES.format(
        python=sys.executable, calls=str(calls), bin=str(programs), fails=fails, digest=DIGEST, repository=REPOSITORY
    )
    for name in ("make", "docker", "gcloud", "terraform", "python3"):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    values = {**config["substitutions"], **GIVEN, **substitutions}
    failed = ""
    for step in config["steps"]:
        command = [step["entrypoint"], *(substituted(each, values) for each in step["args"])]
        ended = subprocess.run(  # noqa: S603 - our own build
            [each.replace("/workspace", str(folder)) for each in command],
            cwd=ROOT / step.get("dir", "."),
            env={"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
            check=False,
            capture_output=True,
        )
        if ended.returncode:
            failed = step["id"]
            break
    return Ran([json.loads(line) for line in calls.read_text().splitlines()], failed)


def test_the_image_that_was_built_is_applied_and_released_by_its_digest(config: dict[str, Any], tmp_path: Path) -> None:
    ran = run(config, tmp_path)

    assert ran.failed == ""
    assert ran.of("make") == [["check"], ["test"], ["bundle"]]
    assert [call[0] for call in ran.of("docker")] == ["build", "push", "image"]
    plan = next(call for call in ran.of("terraform") if call[0] == "plan")
    assert f"-var=image={BUILT}" in plan
    assert "-var-file=environments/dev.tfvars" in plan
    release = ran.of("python3")[-1]
    assert release == [
        *("-m", "infra.release", "--region", "me-west1", "--image", BUILT),
        *("--name", "r1a2b3c4-5d6e7f", "--watch", "600"),
    ]


def test_what_operators_have_set_is_read_before_terraform_plans_and_the_plan_is_what_is_applied(
    config: dict[str, Any], tmp_path: Path
) -> None:
    ran = run(config, tmp_path)

    order = [call[:3] for call in ran.calls if call[0] in {"terraform", "python3"}]
    assert [each[0] if each[0] == "python3" else each[1] for each in order] == [
        *("python3", "python3", "init", "plan", "apply", "python3"),
    ]
    check, toggles, init, plan, apply, _ = [call[1:] for call in ran.calls if call[0] in {"terraform", "python3"}]
    assert check == ["-m", "infra.release", "--check", "--region", "me-west1"]
    assert toggles == ["-m", "infra.operator_toggles", "--project", "maane-prod", "--region", "me-west1"]
    assert "-backend-config=bucket=maane-prod-terraform-state" in init
    assert "-out=release.tfplan" in plan
    assert apply[-1] == "release.tfplan"


def test_an_image_from_before_is_released_without_building_one(config: dict[str, Any], tmp_path: Path) -> None:
    before = f"{REPOSITORY}@sha256:{64 * 'b'}"

    ran = run(config, tmp_path, _IMAGE=before, SHORT_SHA="")

    assert ran.failed == ""
    assert ran.of("docker") == []
    release = ran.of("python3")[-1]
    assert release[release.index("--image") + 1] == before
    # Submitted by hand there is no commit.
    assert release[release.index("--name") + 1] == "r-5d6e7f"


@pytest.mark.parametrize(
    ("fails", "step", "not_called"),
    [
        ("make", "test", "docker"),
        ("docker", "image", "terraform"),
        ("image inspect", "image", "terraform"),
        ("-m infra.release", "toggles", "terraform"),
        ("-m infra.operator_toggles", "toggles", "terraform"),
    ],
)
def test_nothing_happens_after_a_step_that_failed(
    config: dict[str, Any], tmp_path: Path, fails: str, step: str, not_called: str
) -> None:
    ran = run(config, tmp_path, fails=fails)

    assert ran.failed == step
    assert ran.of(not_called) == []


def test_a_plan_that_fails_is_not_applied(config: dict[str, Any], tmp_path: Path) -> None:
    ran = run(config, tmp_path, fails="plan -input=false")

    assert ran.failed == "apply"
    assert [call[0] for call in ran.of("terraform")] == ["init", "plan"]
    assert [call[1] for call in ran.of("python3")] == ["infra.release", "infra.operator_toggles"]


def test_the_files_it_names_are_there() -> None:
    for environment in ("dev", "prod"):
        assert (ROOT / f"infra/terraform/environments/{environment}.tfvars").is_file()
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"check", "test", "bundle"} <= set(targets)


def test_what_runs_beside_gcloud_needs_nothing_but_python() -> None:
    """Its image has no packages of ours."""
    program = "import infra.operator_toggles, infra.release.__main__, infra.release.smoke"
    subprocess.run([sys.executable, "-S", "-c", program], cwd=ROOT, env={}, check=True)  # noqa: S603 - our own command
