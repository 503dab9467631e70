"""`make demo` and `make local` as people end them: by Ctrl-C, by closing the terminal, by killing what hangs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from local.deployables import ROOT

pytestmark = pytest.mark.e2e

_LIMIT_S = 90.0
TRACES = ("Traceback", "make:", "Error", "exception")


class Terminal:
    """A target of the Makefile in a session of its own, as a shell starts it, and what it writes."""

    def __init__(self, target: str, folder: Path, stderr: int = subprocess.STDOUT) -> None:
        self._process = subprocess.Popen(  # noqa: S603 -- our own Makefile
            ["/usr/bin/env", "make", "-f", str(ROOT / "Makefile"), "READY=", f"PY={sys.executable}", target],
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._output: IO[bytes] = self._process.stdout
        # A line that never comes ends the test instead of holding it up for ever.
        self._limit = threading.Timer(_LIMIT_S, self._kill)
        self._limit.start()
        self.started: set[int] = set()
        """All processes that it has started, as far as they ran when we looked."""

    def read_until(self, wanted: str) -> str:
        written = [""]
        while wanted not in written[-1]:
            written.append(self._output.readline().decode())
            assert written[-1], f"it ended before {wanted!r}: {''.join(written)}"
        self.started |= descendants(self._process.pid)
        return written[-1]

    def signalled(self, number: signal.Signals, *, all_of_it: bool = True) -> tuple[int, list[str]]:
        """Its status, and what it wrote from then on. Ctrl-C and a closing terminal reach `all_of_it`."""
        (os.killpg if all_of_it else os.kill)(self._process.pid, number)
        rest = self._output.read().decode().splitlines()
        return self._process.wait(20), [line for line in rest if line.strip()]

    def read_no_more(self) -> tuple[int, str]:
        """Its status, and what it then wrote to the terminal beside it."""
        self._output.close()
        assert self._process.stderr is not None
        with self._process.stderr as terminal_:
            rest = terminal_.read().decode()
        return self._process.wait(20), rest

    def close(self) -> None:
        self._limit.cancel()
        self._kill()
        self._output.close()
        self._process.wait()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


@contextlib.contextmanager
def terminal(target: str, folder: Path, stderr: int = subprocess.STDOUT) -> Iterator[Terminal]:
    opened = Terminal(target, folder, stderr)
    try:
        yield opened
    finally:
        opened.close()


def descendants(pid: int) -> set[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
    found, new = set[int](), {pid}
    while new:
        found |= new
        new = {child for child, parent in parents.items() if parent in new} - found
    return found - {pid}


def left_of(pids: set[int]) -> set[int]:
    """Those that do not end within five seconds."""
    give_up_at = time.monotonic() + 5.0
    while (left := {pid for pid in pids if runs(pid)}) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return left


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def named(pids: set[int], word: str) -> int:
    """The first of those that were started so; others are its own workers."""
    return min(pid for pid in pids if word in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))


@pytest.mark.parametrize("moment", ["tts is ready", "caller    "], ids=["while it starts", "during the call"])
def test_ctrl_c_ends_the_demonstration_in_one_line_with_nothing_left(tmp_path: Path, moment: str) -> None:
    """Seen: a traceback of thirty lines, three times of three."""
    with terminal("demo", tmp_path) as demo:
        demo.read_until(moment)

        status, shown = demo.signalled(signal.SIGINT)

        assert status == -signal.SIGINT  # of make itself, which a shell shows as 130
        assert shown[-1] == "Stopped."
        assert [line for line in shown if any(trace in line for trace in TRACES)] == []
        assert len(demo.started) > 4
        assert left_of(demo.started) == set()


def test_a_demonstration_that_nobody_reads_any_more_ends_quietly_with_nothing_left(tmp_path: Path) -> None:
    """`make demo | head`. Seen: a traceback of eighty lines."""
    with terminal("demo", tmp_path, stderr=subprocess.PIPE) as demo:
        demo.read_until("tts is ready")

        status, beside = demo.read_no_more()

        assert status == -signal.SIGPIPE  # of make itself, which a shell shows as 141
        # The Makefile looks for its requirements, which are not in this folder.
        assert [line for line in beside.splitlines() if not line.startswith("cat: ")] == []

        assert len(demo.started) > 4
        assert left_of(demo.started) == set()


def test_two_systems_keep_apart_and_neither_outlives_its_terminal(tmp_path: Path) -> None:
    with terminal("local", tmp_path) as first, terminal("local", tmp_path) as second:
        first.read_until("Ctrl-C ends it all")
        second.read_until("Ctrl-C ends it all")
        folders = [tmp_path / "build" / name for name in ("local", "local-2")]
        addresses = {(folder / "local.json").read_text() for folder in folders}
        assert len(addresses) == 2
        assert all((folder / "logs" / "media_service.log").stat().st_size for folder in folders)

        summarize = named(first.started, "--target summarize")
        assert len(first.started & second.started) == 0
        os.kill(summarize, signal.SIGKILL)
        assert "/logs/summarize.log)" in first.read_until("summarize ended with status -9")

        status, shown = second.signalled(signal.SIGHUP)
        assert status != 0
        assert "Stopped." in shown
        assert left_of(second.started) == set()

        # Only `make` is told nothing else could be done about it; whatever it started ends by itself.
        first.signalled(signal.SIGKILL, all_of_it=False)
        assert left_of(first.started) == set()


def test_nothing_outlives_a_system_that_was_killed(tmp_path: Path) -> None:
    """Seen: nine processes of 0.8 GB, the emulators' Java among them."""
    with terminal("local", tmp_path) as local:
        local.read_until("media_service is ready")
        local.signalled(signal.SIGKILL)
        assert len(local.started) > 8
        assert left_of(local.started) == set()
