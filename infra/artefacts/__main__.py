"""Prove what is deployed, and measure its start.

    make artefacts            a table, and an error if something does not hold
    make artefacts KEEP=1     the table also goes to docs/artefacts.md

Each function's bundle and the media service's files start in an empty virtual environment with their own hashed
requirements, without rights, in the memory that Terraform gives them, and answer what the cloud asks them first; the
stand-ins of the local system take the place of Google's services.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from infra.artefacts import questions
from infra.artefacts.artefact import Artefact, Broken, Started, environment_of, loading_s, start
from infra.artefacts.questions import Question, WrongAnswer
from infra.artefacts.terraform_limits import memory_bytes
from infra.bundle_functions import ROOT, bundle_all
from local import system
from local.processes import free_ports

BUILD: Final = ROOT / "build" / "artefacts"
PAGE: Final = ROOT / "docs" / "artefacts.md"
FIRST_ANSWER_WITHIN_S: Final = 1.0
"""A caller hears nothing meanwhile. The media service is started before it is needed; see its two rows."""

_MIB: Final = 2**20
_RUNS: Final = 3
_IMAGE_FOLDERS: Final = ("calls", "understanding", "media_service")
_TERRAFORM: Final = ROOT / "infra" / "terraform"
_KEPT_OF_THE_MACHINE: Final = ("LANG", "LD_LIBRARY_PATH")
_FUNCTIONS: Final[Mapping[str, tuple[str, Question]]] = {
    "incoming_call": ("http", questions.incoming_call),
    "stream_status": ("http", questions.stream_status),
    "summarize": ("cloudevent", questions.summarize),
}


@dataclass(frozen=True, slots=True)
class Measured:
    what: str
    limit_bytes: int
    loading_s: float
    runs: list[Started]

    @property
    def first_answer_s(self) -> float:
        return min(run.first_answer_s for run in self.runs)

    @property
    def peak_bytes(self) -> int:
        return max(run.peak_bytes for run in self.runs)


def function(name: str, bundles: Path, port: int) -> Artefact:
    deployed = name.replace("_", "-")
    signature_type, _ = _FUNCTIONS[name]
    folder = bundles / name
    return Artefact(
        name=deployed,
        folder=folder,
        requirements=folder / "requirements.txt",
        program="functions-framework",
        arguments=(
            *("--source", "main.py", "--target", name, "--signature-type", signature_type),
            *("--host", "127.0.0.1", "--port", str(port)),
        ),
        loading=f"import functions_framework\nfunctions_framework.create_app('{name}', 'main.py', '{signature_type}')",
        memory_bytes=memory_bytes(_TERRAFORM, deployed),
        may_write=True,
    )


def media_service(image: Path) -> Artefact:
    """By the Dockerfile's command; a test holds the two together."""
    return Artefact(
        name="media-service",
        folder=image,
        requirements=image / "media_service" / "requirements.txt",
        program="python",
        arguments=("-m", "media_service"),
        loading="import media_service.__main__, google.cloud.logging_v2.handlers",
        memory_bytes=memory_bytes(_TERRAFORM, "media-service"),
        may_write=False,
    )


def lay_out_image(image: Path, python: Path | str) -> Path:
    """What the Dockerfile copies, compiled as it compiles it."""
    shutil.rmtree(image, ignore_errors=True)
    for name in _IMAGE_FOLDERS:
        shutil.copytree(ROOT / name, image / name, ignore=shutil.ignore_patterns("__pycache__"))
    compiling = ["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", *_IMAGE_FOLDERS]
    subprocess.run([str(python), *compiling], cwd=image, check=True)  # noqa: S603 - our own command
    return image


def measure(what: str, artefact: Artefact, question: Question, python: str, environ: Mapping[str, str]) -> Measured:
    """Raises `Broken` or `WrongAnswer`."""
    venv = environment_of(artefact, python, BUILD / "venv" / artefact.name)
    runs = []
    for number in range(_RUNS):
        log = BUILD / f"{artefact.name}-{number}.log"
        run = start(artefact, venv, environ, log, partial(question, int(environ["PORT"]), environ))
        if run.status not in {0, -15}:
            raise Broken(f"{artefact.name} ended with {run.status} on SIGTERM; see {log}")
        runs.append(run)
    return Measured(what, artefact.memory_bytes, loading_s(artefact, venv, environ), runs)


async def measure_all(python: str) -> list[Measured]:
    bundles, image = BUILD / "bundles", BUILD / "image"
    bundle_all(ROOT, bundles)
    lay_out_image(image, python)
    # Before anything is measured beside it, and in this thread, where Ctrl-C ends it.
    for artefact in (*(function(name, bundles, port=0) for name in _FUNCTIONS), media_service(image)):
        environment_of(artefact, python, BUILD / "venv" / artefact.name)
    machine = {
        name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "CLOUDSDK_ROOT_DIR") if name in os.environ
    }
    measured = []
    async with system.running(machine, BUILD / "system") as running:
        for name, (_, question) in _FUNCTIONS.items():
            (port,) = free_ports(1)
            environ = _as_in_the_cloud(running.environment, name.replace("_", "-"), port)
            artefact = function(name, bundles, port)
            measured.append(await asyncio.to_thread(measure, artefact.name, artefact, question, python, environ))
        for what, question in (
            ("media-service, `/health`", questions.health),
            ("media-service, ready for calls", questions.media_service),
        ):
            (port,) = free_ports(1)
            environ = _as_in_the_cloud(running.environment, "media-service", port)
            measured.append(await asyncio.to_thread(measure, what, media_service(image), question, python, environ))
    return measured


def _as_in_the_cloud(environment: Mapping[str, str], service: str, port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_OF_THE_MACHINE if name in os.environ}
    return {**environment, **kept, "K_SERVICE": service, "PORT": str(port), "HOME": "/nonexistent"}


def broken_promises(measured: list[Measured]) -> list[str]:
    found = [
        f"{each.what}: first answer after {each.first_answer_s:.2f} s, more than {FIRST_ANSWER_WITHIN_S} s"
        for each in measured
        if each.first_answer_s > FIRST_ANSWER_WITHIN_S and not each.what.startswith("media-service")
    ]
    return found + [
        f"{each.what}: {each.peak_bytes / _MIB:.0f} MiB of {each.limit_bytes / _MIB:.0f}"
        for each in measured
        if each.peak_bytes > each.limit_bytes / 2
    ]


def table(measured: list[Measured]) -> str:
    rows = ["| what | loading | first answer | memory | of |", "|---|---|---|---|---|"]
    rows += [
        f"| {each.what} | {each.loading_s:.2f} s | {each.first_answer_s:.2f} s"
        f" | {each.peak_bytes / _MIB:.0f} MiB | {each.limit_bytes / _MIB:.0f} MiB |"
        for each in measured
    ]
    return "\n".join(rows)


def confinement_in_words(measured: list[Measured]) -> str:
    confined = measured[0].runs[0].confined
    words = [
        "as nobody" if confined.unprivileged else "AS ROOT",
        "on a read-only file system" if confined.read_only else "on a writable file system (that takes root to change)",
        "in a control group of the limit in the last column"
        if confined.memory_group
        else "in as much memory as there is (control groups could not be used)",
    ]
    return ", ".join(words)


def page(measured: list[Measured], python: str) -> str:
    version = subprocess.run([python, "--version"], check=True, capture_output=True, text=True)  # noqa: S603
    how = (
        "Each from its own hashed requirements in an empty virtual environment, started "
        f"{confinement_in_words(measured)}; it answered what it is asked first in the cloud, and ended by SIGTERM "
        "within ten seconds. Functions may write to their `TMPDIR` (in memory), the media service to nothing."
    )
    today = datetime.now(UTC).date().isoformat()
    return f"""# What is deployed, started

Made by `make artefacts KEEP=1`, {today}, {version.stdout.strip()}, {os.cpu_count()} CPUs; the best of {_RUNS} starts.

{textwrap.fill(how, 120)}

{table(measured)}

*Loading*: importing everything, Python's own start left out. *First answer*: from the start of the process to the
right answer to the first request (a signed webhook, a Pub/Sub message, a WebSocket taken after the release's smoke
test). *Memory*: the most it has held up to then, all its processes added up. Cloud Run adds what starting a container
takes, and gives a starting instance more CPU than one (`startup_cpu_boost`).

The functions' log lines are written by `calls/json_logging.py`, which needs the standard library only. Google's own
handler makes the same entries and is what the media service uses; in `incoming_call` importing it took 0.13 s more, on
top of the 0.30 s of everything else (213 more modules; 2026-11-21, Python 3.11).
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.artefacts", description=__doc__.split("\n")[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the virtual environments")
    parser.add_argument("--keep", action="store_true", help="write docs/artefacts.md")
    chosen = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        measured = asyncio.run(measure_all(chosen.python))
    except (Broken, WrongAnswer, *system.START_FAILURES) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Started {confinement_in_words(measured)}.\n\n{table(measured)}")
    if chosen.keep:
        PAGE.write_text(page(measured, chosen.python), encoding="utf-8")
    found = broken_promises(measured)
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
