"""The pinned requirements are those of `pyproject.toml`, and install from anywhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.package_index import PIN

ROOT = Path(__file__).parent.parent
EXTRAS: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
FILES = {
    "requirements-pip.txt": ["pip"],
    "requirements-dev.txt": list(EXTRAS),
    "media_service/requirements.txt": ["media-service"],
    "functions/incoming_call/requirements.txt": ["incoming-call"],
    "functions/stream_status/requirements.txt": ["stream-status"],
    "functions/summarize/requirements.txt": ["summarize"],
}


def pins(path: str) -> dict[str, str]:
    return {found["name"]: found["version"] for found in PIN.finditer((ROOT / path).read_text())}


def names(extras: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[; ]", line)[0].lower() for extra in extras for line in EXTRAS[extra]}


@pytest.mark.parametrize("path", FILES)
def test_everything_asked_for_is_pinned(path: str) -> None:
    """Otherwise: `make requirements`."""
    assert names(FILES[path]) - pins(path).keys() == set()


@pytest.mark.parametrize("path", FILES)
def test_what_is_deployed_is_what_was_tested(path: str) -> None:
    assert pins(path).items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize("path", FILES)
def test_what_is_pinned_with_an_extra_is_pinned_without_it_too(path: str) -> None:
    """Old pips need both (docs/traps.md)."""
    found = {(pin["name"], bool(pin["extras"])) for pin in PIN.finditer((ROOT / path).read_text())}

    assert {name for name, extra in found if extra} <= {name for name, extra in found if not extra}


@pytest.mark.parametrize("path", FILES)
def test_a_file_holds_pins_and_hashes_and_nothing_of_the_machine_it_was_made_on(path: str) -> None:
    lines = [line for line in (ROOT / path).read_text().splitlines() if line and not line.lstrip().startswith("#")]

    odd = [
        line for line in lines if not PIN.match(line) and not re.match(r"    --hash=sha256:[0-9a-f]{64}( \\)?$", line)
    ]
    assert odd == []
    assert not re.search(r"https?:|file:/|/(opt|tmp|home|root)/", (ROOT / path).read_text())
