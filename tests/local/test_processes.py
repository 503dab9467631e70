"""Real children, each a line of Python."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from local import processes
from local.processes import Child, Command, StartFailed, answers, free_ports, running, says

SERVES = "print('READY', flush=True); import time; time.sleep(60)"
IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SERVES
STARTS_ANOTHER = (
    "import subprocess, sys, time; "
    "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    "print(other.pid, flush=True); print('READY', flush=True); time.sleep(60)"
)


def python(code: str, folder: Path, name: str = "child", **options: float) -> Command:
    return Command(name, (sys.executable, "-c", code), dict(os.environ), folder, says("READY"), **options)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until_gone(pid: int) -> None:
    # A killed grandchild is reaped by init, which takes a moment.
    for _ in range(100):
        if not is_alive(pid) or is_zombie(pid):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{pid} is still there")


def is_zombie(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


async def test_children_are_ready_inside_the_block_and_gone_after_it(tmp_path: Path) -> None:
    commands = [python(SERVES, tmp_path, name) for name in ("one", "two")]
    became_ready: list[str] = []

    async with running(commands, tmp_path, became_ready.append) as children:
        pids = [child.pid for child in children.values()]
        assert all(is_alive(pid) for pid in pids)
        assert sorted(became_ready) == ["one", "two"]

    assert not any(is_alive(pid) for pid in pids)


async def test_a_failing_block_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        async with running([python(SERVES, tmp_path)], tmp_path) as children:
            pid = children["child"].pid
            raise KeyError

    assert not is_alive(pid)


async def test_a_child_that_ends_instead_of_serving_is_named_with_its_last_words(tmp_path: Path) -> None:
    broken = python("print('no such setting'); raise SystemExit(3)", tmp_path, "broken")

    with pytest.raises(StartFailed, match=r"broken ended with status 3(.|\n)*no such setting"):
        async with running([broken], tmp_path):
            pass


async def test_a_child_that_fails_to_start_takes_the_others_with_it(tmp_path: Path) -> None:
    pids = tmp_path / "pid"
    healthy = python(f"import os; open({str(pids)!r}, 'w').write(str(os.getpid())); {SERVES}", tmp_path, "healthy")
    broken = python(f"import os, time\nwhile not os.path.exists({str(pids)!r}): time.sleep(0.01)", tmp_path, "broken")

    with pytest.raises(StartFailed):
        async with running([healthy, broken], tmp_path):
            pass

    assert not is_alive(int(pids.read_text()))


async def test_a_child_that_never_serves_is_given_up_in_time(tmp_path: Path) -> None:
    silent = python("import time; time.sleep(60)", tmp_path, "silent", ready_within_s=0.2)

    with pytest.raises(StartFailed, match=r"silent is not ready after 0\.2 s, and wrote nothing"):
        async with running([silent], tmp_path):
            pass


async def test_a_child_deaf_to_sigterm_is_killed(tmp_path: Path) -> None:
    async with running([python(IGNORES_SIGTERM, tmp_path, end_within_s=0.2)], tmp_path) as children:
        child = children["child"]

    assert child.returncode == -signal.SIGKILL


async def test_what_a_child_started_is_ended_with_it(tmp_path: Path) -> None:
    async with running([python(STARTS_ANOTHER, tmp_path)], tmp_path) as children:
        other = int(children["child"].lines()[0])
        assert is_alive(other)

    await until_gone(other)


async def test_cancelling_waits_until_the_children_are_gone(tmp_path: Path) -> None:
    """As after Ctrl-C, pressed again while the first one is being obeyed."""
    ready = asyncio.get_running_loop().create_future()

    async def use() -> None:
        async with running([python(IGNORES_SIGTERM, tmp_path, end_within_s=0.3)], tmp_path) as children:
            ready.set_result(children["child"])
            await asyncio.Event().wait()

    task = asyncio.create_task(use())
    child: Child = await ready
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    assert task.cancelled()
    assert child.returncode == -signal.SIGKILL


async def test_lines_are_kept_logged_and_handed_on(tmp_path: Path) -> None:
    """Also one that is longer than any read buffer, one without an end, and bytes that are not text."""
    code = (
        "import sys; print('READY', flush=True); sys.stdin.read()\n"
        "sys.stdout.buffer.write(b'x' * 300_000 + b'\\n\\xff\\n' + 'שלום'.encode())"
    )
    heard: list[str] = []
    async with running([python(code, tmp_path)], tmp_path) as children:
        child = children["child"]
        with child.listening(heard.append):
            await child.line(lambda line: line == "שלום")

    expected = ["x" * 300_000, "\N{REPLACEMENT CHARACTER}", "שלום"]
    assert [line for line in heard if line != "READY"] == expected
    assert child.lines()[-3:] == tuple(expected)
    assert child.log.read_bytes().endswith("שלום".encode())


async def test_a_line_already_written_is_found(tmp_path: Path) -> None:
    async with running([python(SERVES, tmp_path)], tmp_path) as children:
        async with asyncio.timeout(1.0):
            assert await children["child"].line(lambda line: line.startswith("REA")) == "READY"


async def test_ready_means_the_wanted_status(tmp_path: Path) -> None:
    """A service that answers 503 while it warms up is waited for."""
    answered = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        await reader.readuntil(b"\r\n\r\n")
        answered += 1
        status = b"503 Warming Up" if answered < 3 else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    (port,) = free_ports(1)
    async with await asyncio.start_server(serve, "127.0.0.1", port):
        url = f"http://127.0.0.1:{port}/ready"
        command = Command("child", python(SERVES, tmp_path).argv, dict(os.environ), tmp_path, answers(url, 200))
        async with running([command], tmp_path):
            assert answered == 3


async def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(20)

    assert len(set(ports)) == 20
    for port in ports:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))


async def test_a_port_is_given_to_one_who_asks_and_not_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens on it yet. Many processes that start at the same time would meet on one port now and then."""
    monkeypatch.setattr(processes, "_PORTS", range(29_000, 29_030))
    monkeypatch.setattr(processes, "_handed_out", set())

    assert not set(free_ports(12)) & set(free_ports(12))


async def test_a_child_writes_utf_8_whatever_the_terminal_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    async with running([python("print('שלום', flush=True); " + SERVES, tmp_path)], tmp_path) as children:
        assert children["child"].lines()[0] == "שלום"


async def test_stopping_twice_is_stopping_once(tmp_path: Path) -> None:
    async with running([python(SERVES, tmp_path)], tmp_path) as children:
        await children["child"].stop()


KILLED = """
import asyncio, os, sys
from pathlib import Path
from local.processes import Command, running, says

async def main():
    argv = (sys.executable, "-c", sys.argv[1])
    commands = [Command(f"child{n}", argv, os.environ, Path.cwd(), says("READY")) for n in (1, 2)]
    async with running(commands, Path(sys.argv[2])) as children:
        grandchildren = [child.lines()[0] for child in children.values()]
        print(*(child.pid for child in children.values()), *grandchildren, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_nothing_outlives_a_program_that_was_killed(tmp_path: Path) -> None:
    """Seen: closing the terminal left nine processes, of 0.8 GB."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, STARTS_ANOTHER, str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert program.stdout is not None
    pids = [int(pid) for pid in (await program.stdout.readline()).split()]
    assert len(pids) == 4
    assert all(is_alive(pid) for pid in pids)

    program.kill()
    await program.wait()

    for pid in pids:
        await until_gone(pid)
