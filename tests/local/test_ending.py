"""A program that is told to end cleans up once, and then ends with the status that shells expect."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys

import pytest

from local import ending
from local.ending import MAKE_PID, Stopped, ending_on_signals

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_ends_the_work_after_its_clean_up(number: signal.Signals) -> None:
    cleaned_up = False

    async def work() -> None:
        nonlocal cleaned_up
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            cleaned_up = True

    with pytest.raises(Stopped) as stopped:
        ending.run(work())

    assert cleaned_up
    assert stopped.value.status == 128 + number


def test_work_that_ends_by_itself_gives_its_result() -> None:
    async def work() -> int:
        return 7

    assert ending.run(work()) == 7


async def test_a_second_signal_changes_nothing() -> None:
    cleaned_up = False

    async def program() -> None:
        nonlocal cleaned_up
        with ending_on_signals():
            try:
                await asyncio.Event().wait()
            finally:
                os.kill(os.getpid(), signal.SIGINT)
                await asyncio.sleep(0.05)
                cleaned_up = True

    task = asyncio.create_task(program())
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.gather(task, return_exceptions=True)

    assert task.cancelled()
    assert cleaned_up


def test_a_make_that_was_killed_ends_what_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as make:
        monkeypatch.setenv(MAKE_PID, str(make.pid))

        async def work() -> None:
            await asyncio.sleep(0.1)
            make.kill()  # and nobody asks for its status
            await asyncio.sleep(30)

        with pytest.raises(Stopped) as stopped:
            ending.run(work())
    assert stopped.value.status == 129


IS_READ = """
import asyncio, os, sys
from local import ending, output

async def work():
    try:
        while True:
            print("a line", flush=True)
            await asyncio.sleep(0)
    finally:
        print("cleaning up", flush=True)
        os.write(2, b"clean")

output.survive_its_reader(ending.nobody_reads)
try:
    ending.run(work())
except ending.Stopped as stopped:
    sys.exit(stopped.status)
"""


def test_whoever_reads_may_leave_and_the_clean_up_is_done_without_a_traceback() -> None:
    with subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-c", IS_READ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "."},
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == b"a line\n"
        program.stdout.close()
        assert program.stderr.read() == b"clean"
    assert program.returncode == 128 + signal.SIGPIPE


HANGS_UP = """
import asyncio, os, sys
from local import ending

async def work():
    try:
        print("up", flush=True)
        await asyncio.sleep(30)
    finally:
        print("cleaning up", flush=True)
        os.write(int(sys.argv[1]), b"clean")

ending.run(work())
"""


def test_a_terminal_that_closes_does_not_cut_the_clean_up_short() -> None:
    """Writing to it fails from then on."""
    ours, terminal = pty.openpty()
    told, tells = os.pipe()
    with subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-c", HANGS_UP, str(tells)],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
        pass_fds=[tells],
        env={**os.environ, "PYTHONPATH": "."},
    ) as program:
        for each in (terminal, tells):
            os.close(each)
        shown = b""
        while not shown.endswith(b"\n"):
            shown += os.read(ours, 100)
        os.close(ours)
        program.send_signal(signal.SIGHUP)
        assert os.read(told, 100) == b"clean"
    os.close(told)
