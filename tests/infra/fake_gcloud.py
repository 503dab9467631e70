"""A gcloud that knows one Cloud Run service, and only the commands and flags that a release uses.

Installed on PATH as `gcloud`. It keeps the service, what it was asked and what it is to fail at in a folder, which
the test reads and writes through `FakeCloud`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SERVICE = "media-service"
REGION = "me-west1"
FOLDER = "FAKE_GCLOUD_FOLDER"


@dataclass(frozen=True, slots=True)
class FakeCloud:
    folder: Path

    @classmethod
    def in_folder(cls, folder: Path, *, url: str, traffic: list[dict[str, Any]]) -> FakeCloud:
        """`url`: where each tagged revision answers."""
        program = folder / "bin" / "gcloud"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!{sys.executable}\nimport runpy\nrunpy.run_path({__file__!r}, run_name='__main__')\n")
        program.chmod(0o755)
        cloud = cls(folder)
        cloud.write("service", {"newest": "media-service-old", "latest": "media-service-old", "traffic": traffic})
        cloud.write("behaviour", {"url": url, "public_host": "media.example", "fails": {}, "entries": []})
        (folder / "calls").touch()
        return cloud

    def environment(self) -> dict[str, str]:
        return {"PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}", FOLDER: str(self.folder)}

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def write(self, name: str, value: Any) -> None:
        (self.folder / name).write_text(json.dumps(value))

    def behave(self, **changes: Any) -> None:
        """`fails`: step -> which of its calls fail (1 is the first; 0 all). `entries`: the log."""
        self.write("behaviour", {**self.read("behaviour"), **changes})

    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    def changes(self) -> list[list[str]]:
        """The calls that change something."""
        return [call for call in self.calls() if "deploy" in call or "update-traffic" in call]

    def traffic(self) -> list[dict[str, Any]]:
        """Who has callers, and by which rule."""
        return [
            {key: value for key, value in each.items() if key != "url"}
            for each in self.read("service")["traffic"]
            if each.get("percent")
        ]

    def tags(self) -> dict[str, str]:
        return {each["tag"]: each["revisionName"] for each in self.read("service")["traffic"] if "tag" in each}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gcloud", allow_abbrev=False)
    parser.add_argument("command", nargs="+")
    parser.add_argument("--region")
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--format")
    parser.add_argument("--image")
    parser.add_argument("--no-traffic", action="store_true")
    parser.add_argument("--tag")
    parser.add_argument("--revision-suffix")
    parser.add_argument("--limit")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--to-latest", action="store_true")
    group.add_argument("--to-revisions")
    parser.add_argument("--remove-tags")
    parser.add_argument("--update-tags")
    return parser


def main() -> int:
    cloud = FakeCloud(Path(os.environ[FOLDER]))
    given = _parser().parse_args()
    with (cloud.folder / "calls").open("a") as calls:
        calls.write(json.dumps(sys.argv[1:]) + "\n")
    behaviour, service = cloud.read("behaviour"), cloud.read("service")
    answer: Any = None
    match given.command:
        case ["run", "services", "describe", name]:
            step, answer = "describe", _described(service, behaviour)
        case ["run", "deploy", name]:
            step = "deploy"
            _deploy(service, given, behaviour)
        case ["run", "services", "update-traffic", name]:
            step = "to-latest" if given.to_latest else "rollback" if given.update_tags else "canary"
            _route(service, given)
        case ["logging", "read", _]:
            name, step, answer = SERVICE, "read", behaviour["entries"]
        case _:
            return 2
    if name != SERVICE or (step != "read" and given.region != REGION):
        return 2
    if _fails(cloud, behaviour, step):
        print(f"ERROR: (gcloud) {step}", file=sys.stderr)
        return 1
    cloud.write("service", service)
    if answer is not None and given.format == "json":
        print(json.dumps(answer))
    return 0


def _fails(cloud: FakeCloud, behaviour: dict[str, Any], step: str) -> bool:
    counted = cloud.folder / f"count-{step}"
    count = int(counted.read_text()) + 1 if counted.exists() else 1
    counted.write_text(str(count))
    return behaviour["fails"].get(step) in {0, count}


def _described(service: dict[str, Any], behaviour: dict[str, Any]) -> dict[str, Any]:
    environment = [{"name": "PUBLIC_HOST", "value": behaviour["public_host"]}, {"name": "SECRET", "valueFrom": {}}]
    return {
        "spec": {"traffic": service["traffic"], "template": {"spec": {"containers": [{"env": environment}]}}},
        "status": {
            "latestReadyRevisionName": service["latest"],
            "latestCreatedRevisionName": service["newest"],
            "traffic": [
                {"revisionName": service["latest"], **each} if each.get("latestRevision") else each
                for each in service["traffic"]
            ],
        },
    }


def _deploy(service: dict[str, Any], given: argparse.Namespace, behaviour: dict[str, Any]) -> None:
    revision = f"{SERVICE}-{given.revision_suffix}"
    if given.no_traffic:
        for each in service["traffic"]:
            if each.pop("latestRevision", False):
                each["revisionName"] = service["latest"]
    service["traffic"].append({"revisionName": revision, "tag": given.tag, "url": behaviour["url"]})
    service["latest"] = service["newest"] = revision
    if behaviour.get("toggled_meanwhile"):
        service["latest"] = service["newest"] = "media-service-toggled"


def _route(service: dict[str, Any], given: argparse.Namespace) -> None:
    removed = (given.remove_tags or "").split(",")
    tagged = [each for each in service["traffic"] if "tag" in each and each["tag"] not in removed]
    for tag, revision in (each.split("=") for each in (given.update_tags or "").split(",") if each):
        tagged = [each for each in tagged if each["tag"] != tag]
        tagged.append({"revisionName": revision, "tag": tag})
    for each in tagged:
        each.pop("percent", None)
    shares = [each.split("=") for each in (given.to_revisions or "").split(",") if each]
    routed = [{"revisionName": revision, "percent": int(percent)} for revision, percent in shares]
    service["traffic"] = (routed or [{"latestRevision": True, "percent": 100}]) + tagged


if __name__ == "__main__":
    sys.exit(main())
