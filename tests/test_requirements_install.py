"""Every requirements file installs, with old pips and new ones, from an index that has newer releases than its pins."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.package_index import PIN, Index, build_index

ROOT = Path(__file__).parent.parent
FILES = (
    "requirements-dev.txt",
    "media_service/requirements.txt",
    "functions/incoming_call/requirements.txt",
    "functions/stream_status/requirements.txt",
    "functions/summarize/requirements.txt",
)
# Made by `make setup`. On Python 3.11 it is pip 22.3.
OLDEST_PIP = Path(sys.prefix) / "oldest-pip/pip"
# Those of Google's buildpack for Python, which installs what a function's requirements.txt says. It resolves.
BUILDPACK = ("--upgrade", "--upgrade-strategy", "only-if-needed", "--force-reinstall", "--no-compile")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return build_index(tmp_path_factory.mktemp("index") / "wheels", (ROOT / "requirements-dev.txt").read_text())


@pytest.mark.parametrize("which", ["oldest", "pinned"])
@pytest.mark.parametrize("path", FILES)
def test_a_file_installs_whatever_has_appeared_since(path: str, which: str, index: Index, tmp_path: Path) -> None:
    """Also where the options are not ours, as in the build of a function."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(index.pinned((ROOT / path).read_text()))
    target = tmp_path / "venv"
    venv.create(target, symlinks=True)
    pip = [sys.executable, *([str(OLDEST_PIP)] if which == "oldest" else ["-m", "pip"])]

    ended = subprocess.run(  # noqa: S603 - our own command
        [*pip, "--python", str(target / "bin/python"), "install", *BUILDPACK, "--requirement", str(requirements)],
        env=index.environ(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert installed_in(target) == pins(path)


def test_the_image_installs_the_pinned_pip_and_with_it_what_the_service_needs(index: Index, tmp_path: Path) -> None:
    """By the Dockerfile's own line."""
    (line,) = re.findall(r"^RUN (pip (?:.*\\\n)*.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for path in ("requirements-pip.txt", "media_service/requirements.txt"):
        (tmp_path / Path(path).name).write_text(index.pinned((ROOT / path).read_text()))
    image, result = tmp_path / "image", tmp_path / "venv"
    venv.create(image, symlinks=True)
    pip = image / "bin/pip"
    pip.write_text(f'#!/bin/sh\nexec {image}/bin/python {OLDEST_PIP} "$@"\n')
    pip.chmod(0o755)

    ended = subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", line.replace("/venv", str(result))],
        cwd=tmp_path,
        env={**index.environ(tmp_path), "PATH": f"{image}/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert "No broken requirements found." in ended.stdout
    assert installed_in(image) == pins("requirements-pip.txt")
    assert installed_in(result) == pins("media_service/requirements.txt")


def pins(path: str) -> dict[str, str]:
    return {found["name"]: found["version"] for found in PIN.finditer((ROOT / path).read_text())}


def installed_in(environment: Path) -> dict[str, str]:
    (packages,) = environment.glob("lib/python3*/site-packages")
    return {each.name: each.version for each in distributions(path=[str(packages)])}
