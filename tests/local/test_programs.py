"""What every program of the local system does at a terminal, before it is even imported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SHOWS_HEBREW = """
from local.screen import Screen

def main(arguments):
    Screen().line("שלום")
    print("להתראות")
    return 3
"""
SLOW_TO_IMPORT = """
import time
print("importing", flush=True)
time.sleep(30)
"""
INTERRUPTED = """
def main(arguments):
    raise KeyboardInterrupt
"""
RUNS_IT = "import sys, local.__main__ as ours; ours.PROGRAMS['it'] = 'it'; sys.argv[1:] = ['it']; sys.exit(ours.main())"


def started(folder: Path, program: str, **environ: str) -> subprocess.Popen[bytes]:
    (folder / "it.py").write_text(program, encoding="utf-8")
    return subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-c", RUNS_IT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f".{os.pathsep}{folder}", **environ},
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_cannot_write_hebrew_is_told_and_ends_nothing(tmp_path: Path, encoding: str) -> None:
    with started(tmp_path, SHOWS_HEBREW, PYTHONIOENCODING=encoding) as program:
        shown, complaints = program.communicate(timeout=20)

    told, *lines = shown.decode(encoding).splitlines()
    assert "has no Hebrew" in told
    assert "PYTHONIOENCODING=utf-8" in told
    assert lines == ["  ????", "???????"]
    assert complaints == b""
    assert program.returncode == 3


@pytest.mark.parametrize("environ", [{"PYTHONIOENCODING": "utf-8"}, {"LC_ALL": "C", "PYTHONIOENCODING": ""}])
def test_where_hebrew_can_be_written_nothing_is_said(tmp_path: Path, environ: dict[str, str]) -> None:
    with started(tmp_path, SHOWS_HEBREW, **environ) as program:
        shown, complaints = program.communicate(timeout=20)
    assert shown.decode() == "  שלום\nלהתראות\n"
    assert complaints == b""


def test_ctrl_c_while_it_is_imported_is_one_line(tmp_path: Path) -> None:
    with started(tmp_path, SLOW_TO_IMPORT) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"importing\n"
        program.send_signal(signal.SIGINT)
        _, complaints = program.communicate(timeout=20)
    assert complaints.split() == [b"Stopped."]
    assert program.returncode == 130


def test_ctrl_c_after_the_clean_up_is_one_line(tmp_path: Path) -> None:
    with started(tmp_path, INTERRUPTED) as program:
        _, complaints = program.communicate(timeout=20)
    assert complaints == b"Stopped.\n"
    assert program.returncode == 130


def test_what_it_does_not_know_it_answers_with_what_it_knows() -> None:
    answer = subprocess.run([sys.executable, "-m", "local"], capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "{demo,local,call,bench,soak}" in answer.stderr
