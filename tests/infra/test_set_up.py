"""`make setup`, in a checkout of its own, from an index on disk."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import distributions, version
from pathlib import Path

import pytest

from tests.package_index import PIN, Index, build_index

ROOT = Path(__file__).resolve().parents[2]
PINNED = ("requirements-pip.txt", "requirements-dev.txt", "tests/oldest-pip.txt")


@dataclass(frozen=True, slots=True)
class Checkout:
    folder: Path
    index: Index

    def make(self, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
        environ = self.index.environ(self.folder)
        return subprocess.run(  # noqa: S603 - our own command
            [str(shutil.which("make")), *arguments],
            cwd=self.folder,
            env=environ if path is None else {**environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    def set_up(self) -> subprocess.CompletedProcess[str]:
        return self.make("setup", f"PYTHON={sys.executable}")

    def is_ready(self) -> bool:
        return any((self.folder / ".venv").glob("installed-*"))

    def installed(self, packages: str = "lib/python3*/site-packages") -> dict[str, str]:
        (folder,) = (self.folder / ".venv").glob(packages)
        return {each.name: each.version for each in distributions(path=[str(folder)])}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder = tmp_path / "checkout"
    index = build_index(tmp_path / "wheels", *((ROOT / name).read_text() for name in PINNED[1:]))
    for name in ("infra", "tests"):
        (folder / name).mkdir(parents=True)
    for name in ("Makefile", "infra/__init__.py", "infra/virtual_environment.py"):
        shutil.copy(ROOT / name, folder / name)
    for name in PINNED:
        (folder / name).write_text(index.pinned((ROOT / name).read_text()))
    return Checkout(folder, index)


def test_a_package_that_cannot_be_had_is_told_at_the_end_and_once_it_can_all_is_well(checkout: Checkout) -> None:
    """What is pinned is installed, whatever pip Python brought, although everything has a newer release."""
    (wheel,) = checkout.index.folder.glob(f"yarl-{version('yarl')}-*.whl")
    gone = wheel.rename(wheel.with_suffix(".gone"))

    failed = checkout.set_up()

    assert failed.returncode != 0
    told = failed.stderr[failed.stderr.index("Set-up failed at: ") :]
    assert "No matching distribution found for yarl" in told
    assert "make PYTHON=" in told
    assert "build/setup.log" in told
    assert len(told.splitlines()) < 8
    assert not checkout.is_ready()

    gone.rename(wheel)
    ended = checkout.set_up()

    assert ended.returncode == 0, ended.stdout + ended.stderr
    pins = {found["name"]: found["version"] for found in PIN.finditer((ROOT / PINNED[1]).read_text())}
    installed = checkout.installed()
    assert {name: installed[name] for name in pins} == pins
    assert installed["pip"] == version("pip")
    assert checkout.is_ready()
    assert f"{len(pins)} packages ... " in ended.stdout
    assert len(ended.stdout.splitlines()) < 6


def test_a_file_that_lacks_a_package_does_not_pass(checkout: Checkout) -> None:
    """Nothing is resolved, so nothing but the check at the end would notice it. Of a short file, which is quicker."""
    lines = checkout.index.pinned((ROOT / "media_service/requirements.txt").read_text()).splitlines(True)
    kept = [line for line in lines if not line.startswith("yarl==")]
    assert len(kept) == len(lines) - 1
    (checkout.folder / "requirements-dev.txt").write_text("".join(kept))

    ended = checkout.set_up()

    assert "requires yarl, which is not installed" in ended.stderr
    assert not checkout.is_ready()


def test_it_is_done_once_and_again_when_the_pins_change_or_python_is_gone(checkout: Checkout) -> None:
    """With a stand-in for what sets up, which only says so."""
    python = checkout.folder / ".venv/bin/python"
    (checkout.folder / "infra/virtual_environment.py").write_text(
        "import os, sys\n"
        f"os.makedirs({str(python.parent)!r}, exist_ok=True)\n"
        f"os.path.lexists({str(python)!r}) and os.unlink({str(python)!r})\n"
        f"os.symlink(sys.executable, {str(python)!r})\n"
        "open(sys.argv[-1], 'w')\n"
        "print('Setting up')\n"
    )

    assert "Setting up" in checkout.set_up().stdout
    assert "Setting up" not in checkout.set_up().stdout
    with (checkout.folder / "requirements-dev.txt").open("a") as file:
        file.write("# changed\n")
    assert "Setting up" in checkout.set_up().stdout
    assert "Setting up" not in checkout.set_up().stdout
    python.unlink()
    python.symlink_to(checkout.folder / "gone")
    assert "Setting up" in checkout.set_up().stdout
    assert "Setting up" not in checkout.set_up().stdout


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH with what make's lines call, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "cat", "cksum", "head", "echo"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def program(folder: Path, name: str, *lines: str) -> None:
    file = folder / name
    file.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    file.chmod(0o755)


def python_3_10(folder: Path, name: str) -> None:
    program(folder, name, '[ "$1" = --version ] || exit 1', "echo Python 3.10.13")


def python(folder: Path, name: str, unless: str = "nothing") -> None:
    """This Python; without `unless`, if that is imported."""
    program(folder, name, f'case "$*" in *{unless}*) exit 1;; esac', f'exec {sys.executable} "$@"')


def pyenv_shim(folder: Path, name: str) -> None:
    program(folder, name, f'echo "pyenv: {name}: command not found" >&2', "exit 127")


def chosen(checkout: Checkout, programs: Path) -> str:
    return checkout.make("--eval", "chosen: ; @echo $(PYTHON)", "chosen", path=str(programs)).stdout.strip()


def test_the_first_python_that_answers_and_is_supported_is_taken(checkout: Checkout, programs: Path) -> None:
    python_3_10(programs, "python3")
    pyenv_shim(programs, "python3.13")
    python(programs, "python3.12")
    python(programs, "python3.11")

    assert chosen(checkout, programs) == "python3.12"


def test_one_that_can_make_environments_goes_first(checkout: Checkout, programs: Path) -> None:
    python(programs, "python3", unless="ensurepip")
    assert chosen(checkout, programs) == "python3"

    python(programs, "python3.11")
    assert chosen(checkout, programs) == "python3.11"


def test_those_of_pyenv_are_found_without_their_shims(checkout: Checkout, programs: Path) -> None:
    pyenv_shim(programs, "python3")
    installed = checkout.folder / ".pyenv/versions/3.12.1/bin"
    installed.mkdir(parents=True)
    python(installed, "python3")

    assert chosen(checkout, programs) == str(installed / "python3")


def test_no_python_that_is_supported_is_told_in_one_line(checkout: Checkout, programs: Path) -> None:
    python_3_10(programs, "python3")

    told, by_make = checkout.make("setup", path=str(programs)).stderr.splitlines()

    assert told == (
        "Maane needs Python 3.11 to 3.14, and none was found (python3: Python 3.10.13). "
        "Install one, or name it: make PYTHON=/path/to/python3"
    )
    assert by_make.startswith("make: ***")


def test_no_python_at_all_is_told_in_one_line(checkout: Checkout, programs: Path) -> None:
    told, _ = checkout.make("setup", path=str(programs)).stderr.splitlines()

    assert told.startswith("Maane needs Python 3.11 to 3.14, and none was found (python3: ")
    assert "not found" in told


def test_a_python_that_is_named_and_not_supported_is_told_in_one_line(checkout: Checkout, programs: Path) -> None:
    python_3_10(programs, "mine")

    told, _ = checkout.make("setup", "PYTHON=mine", path=str(programs)).stderr.splitlines()

    assert told == (
        "Maane needs Python 3.11 to 3.14, and mine is not one (Python 3.10.13). "
        "Name another: make PYTHON=/path/to/python3"
    )


def test_make_and_pyproject_say_the_same_of_python() -> None:
    assert 'requires-python = ">=3.11,<3.15"' in (ROOT / "pyproject.toml").read_text()
    assert "(3, 11) <= sys.version_info[:2] <= (3, 14)" in (ROOT / "Makefile").read_text()
    assert "Python 3.11 to 3.14" in (ROOT / "README.md").read_text()
