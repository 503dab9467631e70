"""What is told of a set-up that fails, and what an interrupted one leaves. `test_set_up.py` sets up for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.virtual_environment import AS_PINNED, SetUpFailed, Step, failure, make_environment, steps

LOG = Path("build/setup.log")
WRITTEN = {
    "check the network": (
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)': /simple/yarl/\n"
        "ERROR: Could not find a version that satisfies the requirement yarl==1.25.1 (from versions: none)\n"
        "ERROR: No matching distribution found for yarl==1.25.1\n"
    ),
    "The index has no such release": "ERROR: No matching distribution found for yarl==1.25.1\n",
    "not the one that was tested": (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package\n"
    ),
    "Make room": "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
    f"apt install python3.{sys.version_info[1]}-venv": (
        "The virtual environment was not created successfully because ensurepip is not\n"
        "available.  On Debian/Ubuntu systems, you need to install the python3-venv\n"
    ),
    "is not complete": "aiohttp 3.14.5 requires yarl, which is not installed.\n",
    "The log says why": "Killed\n",
}


@pytest.mark.parametrize("advice", WRITTEN)
def test_the_last_lines_say_what_to_do(advice: str) -> None:
    written = f"$ pip one\nERROR: of a step before\n$ pip two\n{WRITTEN[advice]}"

    first, *why, to_do, again = failure("114 packages", written, LOG).splitlines()

    assert first == "Set-up failed at: 114 packages"
    assert why[-1] == f"  {WRITTEN[advice].splitlines()[-1]}"
    assert "  ERROR: of a step before" not in why
    assert advice in to_do
    assert again == "Then run make again, which starts over. Everything that was written: build/setup.log"


def test_the_pinned_pip_comes_first_then_everything_as_pinned_then_the_check(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("a==1 \\\na[x]==1 \\\nb==2 \\\n")

    commands = [command for step in steps("python3", tmp_path / "venv", requirements) for command in step.commands]

    assert commands[0] == ("python3", "-m", "venv", str(tmp_path / "venv"))
    installs = [command for command in commands if "install" in command]
    assert [Path(command[-1]).name for command in installs] == ["requirements-pip.txt", "requirements.txt"]
    assert all(set(AS_PINNED) <= set(command) for command in installs)
    assert commands[-1][-1] == "check"
    assert "2 packages" in [step.what for step in steps("python3", tmp_path / "venv", requirements)]


def test_what_says_that_an_environment_is_ready_goes_before_anything_else(tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    folder.mkdir()
    (folder / "pyvenv.cfg").touch()
    (folder / "installed-1").touch()
    failing = Step("nothing", ((sys.executable, "-c", "raise SystemExit('no')"),))

    with pytest.raises(SetUpFailed, match=r"Set-up failed at: nothing\n  no\n"):
        make_environment(folder, [failing], tmp_path / "build/setup.log")

    assert not folder.exists()


def test_one_that_was_interrupted_is_replaced_and_anything_else_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)

    make_environment(folder, [], tmp_path / "log")
    assert not folder.exists()

    (folder / "mine").mkdir(parents=True)
    with pytest.raises(SetUpFailed, match="is not a virtual environment"):
        make_environment(folder, [], tmp_path / "log")
    assert (folder / "mine").exists()


PROGRAM = """
import sys
from infra import virtual_environment
waiting = virtual_environment.Step("waiting", (("sh", "-c", {script!r}),))
virtual_environment.steps = lambda *given: [waiting]
sys.argv = ["", "venv", "requirements.txt", "--log", "build/setup.log", "--ready", "ready"]
sys.exit(virtual_environment.main())
"""


def set_up(folder: Path, script: str) -> subprocess.Popen[str]:
    """A set-up of which `script` is the only step."""
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", PROGRAM.format(script=script)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(file: Path) -> None:
    give_up_at = time.monotonic() + 30
    while not file.exists() and time.monotonic() < give_up_at:
        time.sleep(0.02)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_one_says_so_in_a_line_and_leaves_nothing_running_or_ready(tmp_path: Path, by: int) -> None:
    process = set_up(tmp_path, "sleep 30 & echo $! > pid.new; mv pid.new pid; wait")
    child = tmp_path / "pid"
    wait_for(child)

    process.send_signal(by)
    _, told = process.communicate(timeout=20)

    assert process.returncode == 130
    assert told == "\nSet-up was interrupted. The next make starts it over.\n"
    assert not (tmp_path / "ready").exists()
    # What is killed is gone a moment later.
    give_up_at = time.monotonic() + 10
    while is_running(int(child.read_text())) and time.monotonic() < give_up_at:
        time.sleep(0.02)
    assert not is_running(int(child.read_text()))


def test_several_at_once_set_up_once_and_those_that_wait_can_be_ended(tmp_path: Path) -> None:
    script = "echo set up >> times; for _ in $(seq 1000); do [ -e go ] && exit; sleep 0.02; done"
    first = set_up(tmp_path, script)
    wait_for(tmp_path / "times")
    second, third = (set_up(tmp_path, script) for _ in range(2))
    for waiting in (second, third):
        assert waiting.stdout
        assert waiting.stdout.readline() == "Another set-up is running; waiting for it ...\n"

    third.send_signal(signal.SIGINT)
    third.communicate(timeout=20)
    (tmp_path / "go").touch()
    first.communicate(timeout=20)
    second.communicate(timeout=20)

    assert (first.returncode, second.returncode, third.returncode) == (0, 0, 130)
    assert (tmp_path / "times").read_text() == "set up\n"


def is_running(pid: int) -> bool:
    """What was killed may wait for init to take note of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
