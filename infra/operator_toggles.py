"""Keep what operators have set on the live services: read it before each plan, so that Terraform wants it too.

    python -m infra.operator_toggles --project maane-prod --region me-west1

An operator's variable is one of `infra/terraform/steerable.json` whose value on the live service is not the one that
was committed when Terraform last wrote it there (`COMMITTED_ENVIRONMENT`, beside it). What is found goes to
`operator.auto.tfvars.json`, which Terraform reads by itself. `gcloud run services update ... --remove-env-vars NAME`
gives a variable back: at the next apply it has its committed value, or is gone. So does setting it to that value.

Only gcloud and the standard library, and Python 3.11: it runs beside gcloud, wherever that is.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

TERRAFORM: Final = Path(__file__).resolve().parent / "terraform"
COMMITTED: Final = "COMMITTED_ENVIRONMENT"

_WITHIN_S: Final = 120


class CannotTell(Exception):
    """What operators have set could not be found out. Planning without it would undo it."""


def live_environments(services: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Plain variables by service, from `gcloud run services list --format=json`. Secrets are left out."""
    found: dict[str, dict[str, str]] = {}
    for service in services:
        try:
            containers = service["spec"]["template"]["spec"]["containers"]
            variables = [each for container in containers for each in container.get("env", [])]
            # gcloud prints an empty value as none at all.
            found[service["metadata"]["name"]] = {
                each["name"]: each.get("value", "") for each in variables if "valueFrom" not in each
            }
        except (KeyError, TypeError, AttributeError) as problem:
            raise CannotTell(f"gcloud printed a service without {problem}") from problem
    return found


def set_by_operators(
    live: Mapping[str, Mapping[str, str]], steerable: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, str]]:
    """What operators have set, by deployable; those without anything set, or not deployed yet, are left out."""
    found: dict[str, dict[str, str]] = {}
    for deployable, names in steerable.items():
        environment = live.get(deployable, {})
        committed = _committed(deployable, environment)
        changed = {
            name: environment[name]
            for name in sorted(names)
            if name in environment and environment[name] != committed.get(name)
        }
        if changed:
            found[deployable] = changed
    return found


def _committed(deployable: str, environment: Mapping[str, str]) -> Mapping[str, str]:
    written = environment.get(COMMITTED, "")
    try:
        committed = json.loads(written or "{}")
    except ValueError as problem:
        raise CannotTell(f"{COMMITTED} of {deployable} is not what Terraform writes: {problem}") from problem
    if not isinstance(committed, dict):
        raise CannotTell(f"{COMMITTED} of {deployable} is not what Terraform writes: {written!r}")
    return committed


def _services(project: str, region: str) -> Sequence[Mapping[str, Any]]:
    # All at once: one that is missing is then one that was not deployed yet, and no error to tell from others.
    command = ["gcloud", "run", "services", "list", "--project", project, "--region", region, "--format", "json"]
    try:
        ended = subprocess.run(  # noqa: S603 - fixed words and two names
            [*command, "--quiet"], check=False, stdout=subprocess.PIPE, timeout=_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise CannotTell(f"gcloud did not answer: {problem}") from problem
    if ended.returncode:
        raise CannotTell(f"gcloud run services list ended with {ended.returncode}")
    try:
        services = json.loads(ended.stdout)
    except ValueError as problem:
        raise CannotTell("gcloud run services list printed no JSON") from problem
    if not isinstance(services, list):
        raise CannotTell("gcloud run services list printed no list")
    return services


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m infra.operator_toggles", description="Write what operators have set where Terraform reads it."
    )
    parser.add_argument("--project", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--out", type=Path, default=TERRAFORM / "operator.auto.tfvars.json")
    chosen = parser.parse_args()
    steerable = json.loads((TERRAFORM / "steerable.json").read_text(encoding="utf-8"))
    try:
        toggles = set_by_operators(live_environments(_services(chosen.project, chosen.region)), steerable)
    except CannotTell as problem:
        print(f"{problem}\nNothing was written. Do not apply: it could undo what operators have set.", file=sys.stderr)
        return 1
    text = json.dumps({"operator_toggles": toggles}, ensure_ascii=False, indent=2, sort_keys=True)
    chosen.out.write_text(text + "\n", encoding="utf-8")
    for deployable, variables in toggles.items():
        for name, value in variables.items():
            print(f"{deployable}: {name}={value} is an operator's and stays")
    if not toggles:
        print("no variable is an operator's")
    return 0


if __name__ == "__main__":
    sys.exit(main())
