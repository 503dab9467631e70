"""What Terraform's files say without being planned."""

from __future__ import annotations

import json
import re

from infra.operator_toggles import TERRAFORM
from tests.infra.terraform.planned import DEPLOYABLES


def test_nobody_reads_the_database_from_a_phone_or_browser() -> None:
    rules = (TERRAFORM / "firestore.rules").read_text()

    assert re.findall(r"allow [^;]*;", rules) == ["allow read, write: if false;"]


def test_every_variable_is_used() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(TERRAFORM.glob("*.tf")))
    declared = re.findall(r'^variable "(\w+)"', text, re.MULTILINE)
    body = re.sub(r"^variable .*?^}", "", text, flags=re.MULTILINE | re.DOTALL)

    assert [name for name in declared if not re.search(rf"\bvar\.{name}\b", body)] == []


def test_the_files_for_operators_are_well_formed() -> None:
    steerable = json.loads((TERRAFORM / "steerable.json").read_text())

    assert tuple(steerable) == DEPLOYABLES
    for names in steerable.values():
        assert names == sorted(set(names))


def test_only_what_a_release_changes_is_ignored() -> None:
    """Whatever is ignored may be changed by hand and stay so, and no plan says it."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(TERRAFORM.rglob("*.tf")))
    [ignored] = re.findall(r"ignore_changes = \[([^=]*)\n    \]", text)

    assert re.findall(r"[a-z]\S*(?=,)", ignored) == [
        "client",
        "client_version",
        "template[0].annotations",
        "template[0].containers[0].image",
        "template[0].labels",
        "template[0].revision",
        "traffic",
    ]


def test_make_leaves_no_test_to_nobody() -> None:
    """What needs Terraform is left out by `make test` and run by `make infra-check`."""
    makefile = (TERRAFORM.parents[1] / "Makefile").read_text(encoding="utf-8")

    assert re.findall(r'-m pytest (?:--numprocesses 2 )?-m ("not terraform"|terraform) \$\(ARGS\)', makefile) == [
        '"not terraform"',
        "terraform",
    ]
