"""Make a virtual environment that holds what a requirements file pins, and nothing else.

    python -m infra.virtual_environment .venv requirements-dev.txt --log build/setup.log --ready .venv/installed-1

First the pinned pip, whatever pip Python brought; then the complete file without resolving anything, so that what
appears on the index later changes nothing; then `pip check`, which says whether the file was complete. Runs on a bare
Python: standard library only.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

PIP: Final = Path(__file__).resolve().parent.parent / "requirements-pip.txt"
# Wheels only: building one would fetch tools that no file pins.
AS_PINNED: Final = ("--no-deps", "--require-hashes", "--only-binary", ":all:")

_NAME: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", re.MULTILINE)
_TRIED: Final = "Python 3.11, 3.12 and 3.13 are known to work: make PYTHON=/path/to/python3.12"
# The first that fits what pip wrote.
_WHAT_TO_DO: Final = (
    ("No space left on device", "Make room on the disk."),
    (
        "connection broken|ConnectionError|NewConnectionError|Temporary failure in name resolution|SSLError|timed out",
        "pip does not reach its package index: check the network, the proxy, and `pip config list`.",
    ),
    (
        "DO NOT MATCH THE HASHES",
        "A file is not the one that was tested. Check which index pip uses (`pip config list`); do not install it.",
    ),
    ("No matching distribution found", f"The index has no such release for this Python and machine. {_TRIED}"),
    ("which is not installed|but you have", "The requirements file is not complete. Take the one of the last commit."),
    (
        r"ensurepip is not\s+available|No module named '?ensurepip",
        f"On Debian and Ubuntu: apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv",
    ),
)

_OF_AN_ENVIRONMENT: Final = {"bin", "include", "lib", "lib64", "share", "oldest-pip", ".gitignore"}
_POLL_S: Final = 0.1
_interrupted: Final = threading.Event()


class SetUpFailed(Exception):
    """The message says where, why, and in its last line what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    what: str
    commands: tuple[Sequence[str], ...]


def steps(python: str, folder: Path, requirements: Path, oldest_pip: Path | None = None) -> list[Step]:
    """`oldest_pip`: requirements that go to a folder of that name in the environment, for the tests to call."""
    inside = str(folder / "bin" / "python")
    pip = (inside, "-m", "pip", "--disable-pip-version-check", "--no-input")
    install = (*pip, "install", "--progress-bar", "off", *AS_PINNED)
    with_pip = [(python, "-m", "venv", str(folder)), (*install, "--requirement", str(PIP))]
    if oldest_pip is not None:
        with_pip.append((*install, "--target", str(folder / "oldest-pip"), "--requirement", str(oldest_pip)))
    count = len(set(_NAME.findall(requirements.read_text(encoding="utf-8"))))
    return [
        Step("environment and pip", tuple(with_pip)),
        Step(f"{count} packages", ((*install, "--requirement", str(requirements)),)),
        Step("check that they fit together", ((*pip, "check"),)),
    ]


def make_environment(
    folder: Path, planned: Sequence[Step], log: Path, show: Callable[[str], None] = lambda text: None
) -> None:
    """In `folder`, in place of the environment that may be there. Raises `SetUpFailed`."""
    _remove(folder)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        for step in planned:
            show(f"  {step.what} ... ")
            began = time.monotonic()
            for command in step.commands:
                _carry_out(command, output, log, step)
            show(f"{time.monotonic() - began:.0f} s\n")


def _remove(folder: Path) -> None:
    if not folder.exists():
        return
    # One that was interrupted may have no pyvenv.cfg, and holds nothing else.
    if not (folder / "pyvenv.cfg").exists() and {each.name for each in folder.iterdir()} - _OF_AN_ENVIRONMENT:
        raise SetUpFailed(f"{folder} is not a virtual environment.\nRemove it, or name another: make VENV=.venv")
    # What says that it is ready goes first, in case removing the rest is interrupted.
    for ready in folder.glob("installed-*"):
        ready.unlink()
    shutil.rmtree(folder)


def _carry_out(command: Sequence[str], output: TextIO, log: Path, step: Step) -> None:
    output.write(f"$ {' '.join(command)}\n")
    output.flush()
    # In a group of its own, so that what it has started ends with it, and nothing but us ends it.
    process = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, process_group=0
    )
    try:
        while process.poll() is None and not _interrupted.wait(_POLL_S):
            pass
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if _interrupted.is_set():
        raise KeyboardInterrupt
    if process.returncode != 0:
        raise SetUpFailed(failure(step.what, log.read_text(encoding="utf-8", errors="replace"), log))


def failure(what: str, written: str, log: Path) -> str:
    """What to tell of a step that failed, given all that pip and venv wrote."""
    last = re.split(r"^\$ .*\n", written, flags=re.MULTILINE)[-1]
    lines = last.splitlines()
    errors = [line for line in lines if line.startswith(("ERROR:", "Error:"))] or lines[-3:]
    advice = next((text for pattern, text in _WHAT_TO_DO if re.search(pattern, last)), "The log says why.")
    told = [f"Set-up failed at: {what}", *(f"  {line[:200]}" for line in errors[-3:])]
    return "\n".join([*told, f"{advice}\nThen run make again, which starts over. Everything that was written: {log}"])


@contextlib.contextmanager
def _alone(lock: Path, show: Callable[[str], None]) -> Iterator[bool]:
    """Whether nobody else was setting up; if somebody was, it has ended."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    first = True
    with lock.open("w") as held:
        while not _taken(held):
            if first:
                show("Another set-up is running; waiting for it ...\n")
            first = False
            if _interrupted.wait(_POLL_S):
                raise KeyboardInterrupt
        yield first


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _show(text: str) -> None:
    print(text, end="", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.virtual_environment", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--oldest-pip", type=Path, help="requirements of a pip for the tests to call")
    parser.add_argument("--log", type=Path, required=True, help="gets what venv and pip write")
    parser.add_argument("--ready", type=Path, required=True, help="file that is made when all is done")
    chosen = parser.parse_args()
    # Noted rather than raised: raised while a process is being started, it would leave that running.
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: _interrupted.set())
    try:
        with _alone(chosen.log.with_suffix(".lock"), _show) as first:
            if first or not chosen.ready.exists():
                _show(f"Setting up {chosen.folder} with Python {platform.python_version()}, once ({chosen.log})\n")
                folder = chosen.folder.resolve()
                planned = steps(sys.executable, folder, chosen.requirements, chosen.oldest_pip)
                make_environment(folder, planned, chosen.log, _show)
                chosen.ready.touch()
    except SetUpFailed as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"\nSet-up failed: {problem}\nPut that right, then run make again, which starts over.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up was interrupted. The next make starts it over.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
