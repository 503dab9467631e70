"""What the documents point at exists, and what they tell operators to type is understood."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from calls.event_wire import encode
from calls.lead_notice import message
from calls.records import new_lead
from functions.summarize.found import Found
from media_service.core.turns import turn_states
from media_service.republish import find_events
from tests.functions.summarize.example_calls import BEGAN_AT, demo_call

ROOT = Path(__file__).parents[1]
VOCABULARY_AND_SETTINGS = {
    "actions.py",
    "events.py",
    "conversation.py",
    "call_settings.py",
    "stream_settings.py",
    "intake.py",
}
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
STEERABLE: dict[str, list[str]] = json.loads((ROOT / "infra/terraform/steerable.json").read_text("utf-8"))


def prose(document: Path) -> str:
    return re.sub(r"^```.*?^```", "", document.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(document: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


def links() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
            if "://" not in target:
                yield str(document.relative_to(ROOT)), target


@pytest.mark.parametrize(("source", "target"), sorted(set(links())))
def test_a_link_leads_somewhere(source: str, target: str) -> None:
    path, _, anchor = target.partition("#")
    document = (ROOT / source).parent / path if path else ROOT / source
    assert document.exists()
    if anchor:
        assert anchor in anchors(document)


def test_the_diagram_of_turns_is_the_table() -> None:
    """Made by `python -m media_service.core.turns.turn_states`."""
    assert f"```mermaid\n{turn_states.diagram()}\n```" in (ROOT / "docs/architecture.md").read_text("utf-8")


def test_the_architecture_names_every_file_of_the_core_and_no_other() -> None:
    """A newcomer finds the room for a change in its table."""
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    core = ROOT / "media_service/core"
    files = {path.name for path in core.rglob("*.py") if path.name != "__init__.py"}
    named = {name.rpartition("/")[2] for name in re.findall(r"[a-z_/]+\.py", text)}
    assert files - named - VOCABULARY_AND_SETTINGS == set()
    with_wing = set(re.findall(r"`((?:vad|recognition|speaking|turns|record)/[a-z_]+\.py)`", text))
    assert with_wing <= {str(path.relative_to(core)) for path in core.rglob("*.py")}


def test_the_message_that_others_are_shown_is_like_those_they_get() -> None:
    (shown,) = re.findall(r"```json\n(.+?)```", (ROOT / "docs/new-leads.md").read_text("utf-8"), re.DOTALL)
    lead = new_lead("CA1", "+972501234567", "", BEGAN_AT, 365) | {"fields": {"name": Found("דנה").as_document("CA1")}}
    sent, example = json.loads(message("972501234567", lead).data), json.loads(shown)
    assert example.keys() == sent.keys() | {"recording_url"}
    assert example["fields"]["name"].keys() == sent["fields"]["name"].keys()


@pytest.mark.parametrize("document", ["runbook.md", "deploy.md", "capacity.md", "cost.md"])
def test_variables_that_operators_are_told_to_set_can_be_set(document: str) -> None:
    text = (ROOT / "docs" / document).read_text("utf-8")
    told = set(re.findall(r"--(?:update|remove)-env-vars[ =]([A-Z_]+)", text))
    told |= set(re.findall(r"\| `([A-Z_]{5,})=[^`]*` ", text))
    assert told <= {name for names in STEERABLE.values() for name in names}


def commands(document: str) -> list[str]:
    """Blocks to be pasted into a shell."""
    blocks = re.findall(r"^```\n(.*?)^```", (ROOT / "docs" / document).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [block for block in blocks if not block.startswith("<")]


@pytest.mark.parametrize("document", ["runbook.md", "deploy.md"])
def test_what_is_to_be_pasted_is_shell(document: str) -> None:
    blocks = commands(document)
    assert len(blocks) >= 5
    for block in blocks:
        checked = subprocess.run(["bash", "-n"], input=block.encode(), capture_output=True, check=False)  # noqa: S607
        assert checked.returncode == 0, block + checked.stderr.decode()


@pytest.mark.parametrize("document", ["runbook.md", "deploy.md", "capacity.md", "cost.md"])
def test_what_a_document_calls_by_name_is_there(document: str) -> None:
    """Terraform's outputs and variables, targets of the Makefile, and our own programs."""
    text = (ROOT / "docs" / document).read_text("utf-8")
    terraform = "\n".join(path.read_text("utf-8") for path in (ROOT / "infra/terraform").glob("*.tf"))
    outputs = set(re.findall(r'^output "(\w+)"', terraform, re.MULTILINE))
    assert set(re.findall(r"output (?:-raw )?([a-z]\w+_\w+)", text)) <= outputs
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([\w-]+)`", text)) <= targets
    for module in re.findall(r"python3? -m ((?:infra|media_service)[\w.]*)", text):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module
    resources = set(re.findall(r'^resource "(\w+)" "(\w+)"', terraform, re.MULTILINE))
    assert set(re.findall(r"(google_\w+)\.(\w+)", text)) <= resources


def test_metrics_and_log_lines_that_the_runbook_names_are_written() -> None:
    text = (ROOT / "docs/runbook.md").read_text("utf-8")
    sources = [ROOT / "media_service", ROOT / "functions", ROOT / "calls", ROOT / "infra"]
    code = "\n".join(path.read_text("utf-8") for folder in sources for path in folder.rglob("*.py"))
    told = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text))
    metrics = (ROOT / "infra/terraform/monitoring/metrics.yaml").read_text("utf-8")
    terraform = "\n".join(path.read_text("utf-8") for path in (ROOT / "infra/terraform").glob("*.tf"))
    assert not {word for word in told if word not in code + metrics + terraform}


def test_the_replay_reads_what_the_runbook_makes_of_dead_letters() -> None:
    """Its jq program makes of each pulled message an object with `message` and `event`, the message's data."""
    runbook = (ROOT / "docs/runbook.md").read_text("utf-8")
    assert "jq '[.[] | {message: \"event_undelivered\", event: (.message.data | @base64d)}]'" in runbook
    made = [{"message": "event_undelivered", "event": encode(event).decode()} for event in demo_call()]
    found = find_events(json.dumps(made, ensure_ascii=False))
    assert (len(found.events), found.unreadable) == (len(demo_call()), 0)


def test_what_guards_a_trap_is_there() -> None:
    traps = (ROOT / "docs/traps.md").read_text("utf-8")
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert not {name for name in re.findall(r"`(test_\w+)`", traps) if f"def {name}(" not in tests}
    assert not {path for path in re.findall(r"`(tests/[^`]+)`", traps) if not list(ROOT.glob(path))}
