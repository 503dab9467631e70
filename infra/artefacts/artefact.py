"""One deployable: its own environment, its start, and how long its first answer takes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.artefacts.confinement import Confinement, confinement, owner, peak_memory_bytes
from infra.virtual_environment import SetUpFailed, make_environment, steps

_ANSWER_WITHIN_S: Final = 60.0
_END_WITHIN_S: Final = 12.0
"""Cloud Run kills ten seconds after SIGTERM."""
_POLL_S: Final = 0.005


class Broken(Exception):
    """It does not start, answer or end as it has to; the message ends with what it wrote."""


@dataclass(frozen=True, slots=True)
class Artefact:
    name: str
    """In the cloud, like `incoming-call`."""
    folder: Path
    """What is deployed, and nothing else."""
    requirements: Path
    program: str
    """In the environment's `bin`."""
    arguments: tuple[str, ...]
    loading: str
    """Python that loads it without serving: most of its start."""
    memory_bytes: int
    may_write: bool
    """It gets a TMPDIR. In the cloud functions do, for gunicorn; the service does not need one."""


@dataclass(frozen=True, slots=True)
class Started:
    first_answer_s: float
    peak_bytes: int
    confined: Confinement
    status: int
    """With which it ended on SIGTERM; negative when a signal ended it."""


def environment_of(artefact: Artefact, python: str, folder: Path) -> Path:
    """A virtual environment with its requirements and nothing else; made anew when they or Python change."""
    ready = folder / "installed-from"
    made_from = f"{python}\n{artefact.requirements.read_text(encoding='utf-8')}"
    if not ready.exists() or ready.read_text(encoding="utf-8") != made_from:
        try:
            make_environment(folder, steps(python, folder, artefact.requirements), folder.with_suffix(".log"))
        except SetUpFailed as problem:
            raise Broken(f"{artefact.name}: {problem}") from problem
        ready.write_text(made_from, encoding="utf-8")
    return folder


def loading_s(artefact: Artefact, venv: Path, environ: Mapping[str, str]) -> float:
    """How long loading it takes, Python's own start left out. The best of three."""
    program = f"import sys, time\nbegan = time.perf_counter()\n{artefact.loading}\n"
    program += "print(time.perf_counter() - began, file=sys.stderr, flush=True)\n"
    found = []
    for _ in range(3):
        ended = subprocess.run(  # noqa: S603 - our own command
            [str(venv / "bin/python"), "-c", program],
            cwd=artefact.folder,
            env={**environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(float(ended.stderr.splitlines()[-1]))
    return min(found)


def start(
    artefact: Artefact, venv: Path, environ: Mapping[str, str], log: Path, answered: Callable[[], bool]
) -> Started:
    """Start it confined, wait until `answered`, end it by SIGTERM. Raises `Broken`."""
    with (
        confinement(artefact.name, artefact.memory_bytes) as confined,
        log.open("w") as output,
        _running(artefact, confined, venv, environ, log, output.fileno()) as process,
    ):
        first_answer_s = _wait(process, log, answered)
        if confined.unprivileged and owner(process.pid) == 0:
            raise Broken(f"{artefact.name} runs as root")
        peak = peak_memory_bytes(process.pid)
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired as problem:
            raise Broken(f"{artefact.name} does not end by SIGTERM\n{_tail(log)}") from problem
    return Started(first_answer_s, peak, confined, status)


@contextlib.contextmanager
def _running(
    artefact: Artefact, confined: Confinement, venv: Path, environ: Mapping[str, str], log: Path, output: int
) -> Iterator[subprocess.Popen[bytes]]:
    writable = log.with_suffix(".tmp") if artefact.may_write else None
    given = {**environ, "PATH": f"{venv / 'bin'}{os.pathsep}/usr/bin:/bin:/usr/sbin:/sbin", "PYTHONUNBUFFERED": "1"}
    if writable is not None:
        writable.mkdir(exist_ok=True)
        given["TMPDIR"] = str(writable)
    command = confined.command(str(venv / "bin" / artefact.program), *artefact.arguments, writable=writable)
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=artefact.folder, env=given, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        yield process
    finally:
        # All it started, whatever has become of it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path, answered: Callable[[], bool]) -> float:
    give_up_at = time.monotonic() + _ANSWER_WITHIN_S
    while time.monotonic() < give_up_at and process.poll() is None:
        if answered():
            return time.time() - _started_at(log)
        time.sleep(_POLL_S)
    raise Broken(f"no answer; its status is {process.poll()}\n{_tail(log)}")


def _started_at(log: Path) -> float:
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("started "):
            return float(line.split()[1])
    raise Broken(f"it was not started\n{_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-30:])
