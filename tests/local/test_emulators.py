"""Where the emulators are looked for, and that nothing of them stays behind."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.emulators import (
    STANDINS,
    EmulatorProcesses,
    EmulatorsFailed,
    Installation,
    find_installation,
    running,
)


def sdk(root: Path, *components: str) -> Path:
    """A Google Cloud SDK as far as we look at it."""
    (root / "bin").mkdir(parents=True)
    (root / "platform").mkdir()
    wrappers = {
        "firestore": root / "platform/cloud-firestore-emulator/cloud_firestore_emulator",
        "pubsub": root / "platform/pubsub-emulator/bin/cloud-pubsub-emulator",
    }
    for each in (root / "bin/gcloud", *(wrappers[name] for name in components)):
        program(each, "exit 3")
    return root


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def environ(tmp_path: Path, **variables: str) -> dict[str, str]:
    """A machine with Java, and with the programs in `bin`."""
    program(tmp_path / "bin/java", "exit 0")
    return {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", **variables}


def test_the_sdk_is_found_through_the_link_to_gcloud(tmp_path: Path) -> None:
    root = sdk(tmp_path / "sdk", "firestore", "pubsub")
    machine = environ(tmp_path)
    (tmp_path / "bin/gcloud").symlink_to(root / "bin/gcloud")
    found = find_installation(machine)
    assert isinstance(found, Installation)
    assert found.firestore.is_relative_to(root)


def test_a_gcloud_behind_a_script_is_asked_where_it_is(tmp_path: Path) -> None:
    root = sdk(tmp_path / "sdk", "firestore", "pubsub")
    machine = environ(tmp_path)
    program(tmp_path / "bin/gcloud", f'[ "$1" = info ] && echo {root}')
    assert isinstance(find_installation(machine), Installation)


def test_the_sdk_may_be_named(tmp_path: Path) -> None:
    root = sdk(tmp_path / "sdk", "firestore", "pubsub")
    assert isinstance(find_installation(environ(tmp_path, CLOUDSDK_ROOT_DIR=str(root))), Installation)


@pytest.mark.parametrize(
    ("components", "advice"),
    [
        (["firestore"], "gcloud components install pubsub-emulator"),
        ([], "gcloud components install cloud-firestore-emulator pubsub-emulator"),
    ],
)
def test_a_missing_component_is_named_with_how_to_get_it(tmp_path: Path, components: list[str], advice: str) -> None:
    root = sdk(tmp_path / "sdk", *components)
    found = find_installation(environ(tmp_path, CLOUDSDK_ROOT_DIR=str(root)))
    assert isinstance(found, str)
    assert found.endswith(advice)


def test_a_machine_without_java_is_told_so(tmp_path: Path) -> None:
    root = sdk(tmp_path / "sdk", "firestore", "pubsub")
    found = find_installation({"PATH": str(tmp_path), "CLOUDSDK_ROOT_DIR": str(root)})
    assert isinstance(found, str)
    assert "Java" in found


def test_a_machine_without_the_sdk_is_told_so(tmp_path: Path) -> None:
    found = find_installation({"PATH": str(tmp_path)})
    assert isinstance(found, str)
    assert "no Google Cloud SDK" in found


def test_emulators_that_do_not_start_are_replaced_and_that_is_said(tmp_path: Path) -> None:
    root = sdk(tmp_path / "sdk", "firestore", "pubsub")
    for wrapper in (root / "platform").rglob("cloud*emulator"):
        if wrapper.is_file():
            program(wrapper, "echo this Java is too old; exit 1")
    machine = {**os.environ, **environ(tmp_path), "CLOUDSDK_ROOT_DIR": str(root)}
    machine["LOCAL_EMULATORS"] = ""
    with running(machine) as pair:
        assert pair.kind == STANDINS
        assert "this Java is too old" in pair.notice
        assert _listens(pair.firestore_host)
        assert _listens(pair.pubsub_host)


def test_what_a_wrapper_started_ends_with_it(tmp_path: Path) -> None:
    """Google's script for Firestore starts Java and waits; a signal to the script alone would leave Java running."""
    root = sdk(tmp_path / "sdk", "firestore", "pubsub")
    for wrapper in (root / "platform").rglob("cloud*emulator"):
        if wrapper.is_file():
            program(wrapper, f"trap '' TERM; sleep 600 & echo $! > {wrapper}.pid; wait; sleep 600")
    processes = EmulatorProcesses({**os.environ, **environ(tmp_path), "CLOUDSDK_ROOT_DIR": str(root)})
    what_start_raised = _in_thread(processes)
    pids = [_eventually_written(path) for path in _pid_files(root)]
    processes.stop()
    processes.stop()
    assert isinstance(what_start_raised(), EmulatorsFailed)
    assert [pid for pid in pids if _runs(pid)] == []


def test_nothing_outlives_a_program_that_was_killed() -> None:
    script = "import time; from local import emulators; print(emulators.EmulatorProcesses().start()); time.sleep(60)"
    with subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-u", "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LOCAL_EMULATORS": "standin", "PYTHONPATH": "."},
    ) as program_of_ours:
        assert program_of_ours.stdout is not None
        started = program_of_ours.stdout.readline()
        program_of_ours.kill()
    hosts = re.findall(r"127\.0\.0\.1:\d+", started)
    assert len(hosts) == 2
    give_up_at = time.monotonic() + 5
    while any(map(_listens, hosts)):
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def test_an_emulator_that_ends_by_itself_is_named_with_its_log(tmp_path: Path) -> None:
    processes = EmulatorProcesses({**os.environ, "LOCAL_EMULATORS": "standin"}, tmp_path)
    try:
        processes.start()
        assert processes.ended() == []
        os.kill(processes._children[1]._process.pid, 9)
        processes._children[1]._process.wait(5)
        assert processes.ended() == [f"pubsub ended with status -9 (log: {tmp_path / 'pubsub.log'})"]
    finally:
        processes.stop()
    assert processes.ended() == []


def test_stand_ins_end_quietly_when_asked() -> None:
    with running({**os.environ, "LOCAL_EMULATORS": "standin"}) as pair:
        assert _listens(pair.firestore_host)
    assert not _listens(pair.firestore_host)
    assert not _listens(pair.pubsub_host)


@pytest.mark.parametrize("module", ["firestore", "pubsub"])
async def test_a_stand_in_says_ready_and_ends_with_status_zero(module: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"local.standins.{module}", "--port", str(port), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"READY\n"
    assert _listens(f"127.0.0.1:{port}")
    process.terminate()
    rest, _ = await process.communicate()
    assert (rest, process.returncode) == (b"", 0)


def _listens(host: str) -> bool:
    address, port = host.split(":")
    with socket.socket() as probe:
        return probe.connect_ex((address, int(port))) == 0


def _in_thread(processes: EmulatorProcesses) -> Callable[[], BaseException | None]:
    """Start them in a thread; returns what waits for it and tells what it raised."""
    raised: list[BaseException] = []

    def start() -> None:
        try:
            processes.start()
        except EmulatorsFailed as error:
            raised.append(error)

    thread = threading.Thread(target=start)
    thread.start()

    def ended() -> BaseException | None:
        thread.join(10)
        return raised[0] if raised else None

    return ended


def _eventually_written(path: Path) -> int:
    give_up_at = time.monotonic() + 10
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < give_up_at, path
        time.sleep(0.01)
    return int(path.read_text())


def _pid_files(root: Path) -> list[Path]:
    wrappers = [each for each in (root / "platform").rglob("cloud*emulator") if each.is_file()]
    return [each.with_name(each.name + ".pid") for each in wrappers]


def _runs(pid: int) -> bool:
    """Whether it still does anything: one that has ended and was not collected yet does not."""
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        return False
    return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
