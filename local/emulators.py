"""Firestore and Pub/Sub on this machine: Google's emulators where they are installed, else our stand-ins.

Each is a child process in a session of its own, so that stopping reaches whatever a wrapper script started.
Nothing is printed here: the caller shows `notice` if it likes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from local.guard import Guard
from local.processes import free_ports

GOOGLES: Final = "Google's emulators"
STANDINS: Final = "stand-ins"

_FIRESTORE = Path("platform/cloud-firestore-emulator/cloud_firestore_emulator")
_PUBSUB = Path("platform/pubsub-emulator/bin/cloud-pubsub-emulator")
_READY_WITHIN_S = 60.0
_POLL_S = 0.05
# All they hold is in memory, so nothing is lost by not waiting out a JVM's shutdown (Firestore's takes 2 s).
_END_WITHIN_S = 0.5
# One JVM takes a quarter of the machine's memory for its heap unless told otherwise. The other two make it start
# sooner: it lives for minutes, so the optimising compiler and the parallel collector never pay for themselves.
_JVM = "-Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


class EmulatorsFailed(Exception):
    """A process ended or stayed silent instead of serving; the message ends with what it wrote last."""


@dataclass(frozen=True, slots=True)
class Emulators:
    """Where they listen, as `host:port`."""

    firestore_host: str
    pubsub_host: str
    kind: str
    """`GOOGLES` or `STANDINS`."""
    notice: str
    """One line for the screen: what is running, and how to get the real ones."""

    def environment(self) -> dict[str, str]:
        """The variables that Google's client libraries read."""
        return {"FIRESTORE_EMULATOR_HOST": self.firestore_host, "PUBSUB_EMULATOR_HOST": self.pubsub_host}


@dataclass(frozen=True, slots=True)
class Installation:
    """The emulators found in a Google Cloud SDK."""

    firestore: Path
    pubsub: Path


def find_installation(environ: Mapping[str, str]) -> Installation | str:
    """The installed emulators, or in a few words what is missing and how to get it."""
    if environ.get("LOCAL_EMULATORS") == "standin":
        return "chosen by LOCAL_EMULATORS=standin"
    root = _sdk_root(environ)
    if root is None:
        return "no Google Cloud SDK; get one from cloud.google.com/sdk"
    found = Installation(root / _FIRESTORE, root / _PUBSUB)
    names = (("cloud-firestore-emulator", found.firestore), ("pubsub-emulator", found.pubsub))
    missing = [name for name, wrapper in names if not wrapper.is_file()]
    if missing:
        return f"missing in the Google Cloud SDK; get them: gcloud components install {' '.join(missing)}"
    if shutil.which("java", path=environ.get("PATH")) is None:
        return "Google's need Java; install a Java runtime, 17 or newer"
    return found


def _sdk_root(environ: Mapping[str, str]) -> Path | None:
    given = environ.get("CLOUDSDK_ROOT_DIR")
    if given:
        return Path(given)
    gcloud = shutil.which("gcloud", path=environ.get("PATH"))
    if gcloud is None:
        return None
    beside_the_link = Path(gcloud).resolve().parent.parent
    if (beside_the_link / "platform").is_dir():
        return beside_the_link
    # Only for installations that hide gcloud behind a script of their own: asking takes seconds.
    asked = subprocess.run(
        [gcloud, "info", "--format=value(installation.sdk_root)"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=dict(environ),
    )
    return Path(asked.stdout.strip()) if asked.stdout.strip() else None


class EmulatorProcesses:
    """The two child processes. `start()` once, `stop()` from any thread, also during `start()` and more than once."""

    def __init__(self, environ: Mapping[str, str] | None = None, logs: Path | None = None) -> None:
        self._environ = dict(os.environ if environ is None else environ)
        self._logs = logs
        """Where what they write is kept; None: nowhere."""
        self._children: list[_Child] = []
        self._starting = threading.Lock()
        self._stop = threading.Event()

    def start(self) -> Emulators:
        """Returns when both serve. Raises `EmulatorsFailed`, with nothing left running."""
        installation = find_installation(self._environ)
        if isinstance(installation, str):
            return self._start_standins(installation)
        try:
            return self._start_googles(installation)
        except EmulatorsFailed as exc:
            if self._stop.is_set():
                raise
            return self._start_standins(f"Google's did not start: {exc}")

    def stop(self) -> None:
        self._stop.set()
        with self._starting:
            self._end_children()

    def ended(self) -> list[str]:
        """In words, those that have ended although nobody asked them to."""
        return [] if self._stop.is_set() else [why for child in self._children if (why := child.ended())]

    def _start_googles(self, installation: Installation) -> Emulators:
        firestore, pubsub = free_ports(2)
        self._start_both(
            [str(installation.firestore), "start", "--host=127.0.0.1", f"--port={firestore}"],
            [str(installation.pubsub), "--host=127.0.0.1", f"--port={pubsub}"],
            (firestore, pubsub),
        )
        return Emulators(f"127.0.0.1:{firestore}", f"127.0.0.1:{pubsub}", GOOGLES, "Firestore, Pub/Sub: " + GOOGLES)

    def _start_standins(self, why: str) -> Emulators:
        firestore, pubsub = free_ports(2)
        module = [sys.executable, "-m"]
        self._start_both(
            [*module, "local.standins.firestore", "--port", str(firestore)],
            [*module, "local.standins.pubsub", "--port", str(pubsub)],
            (firestore, pubsub),
        )
        notice = f"Firestore, Pub/Sub: our own {STANDINS} ({why})"
        return Emulators(f"127.0.0.1:{firestore}", f"127.0.0.1:{pubsub}", STANDINS, notice)

    def _start_both(self, firestore: Sequence[str], pubsub: Sequence[str], ports: Sequence[int]) -> None:
        with self._starting:
            try:
                self._children = [
                    _Child(name, command, self._environ, self._logs)
                    for name, command in (("firestore", firestore), ("pubsub", pubsub))
                ]
                for child, port in zip(self._children, ports, strict=True):
                    child.wait_until_serving(port, self._stop)
            except BaseException:
                self._end_children()
                raise

    def _end_children(self) -> None:
        for child in self._children:
            child.terminate()
        for child in self._children:
            child.reap()
        self._children = []


class _Child:
    """One process with a session of its own, and what it wrote."""

    def __init__(self, name: str, command: Sequence[str], environ: Mapping[str, str], logs: Path | None) -> None:
        self._log = logs / f"{name}.log" if logs else None
        # Both closed by reap().
        self._output: IO[bytes] = self._log.open("w+b") if self._log else tempfile.TemporaryFile()  # noqa: SIM115
        self._name = name
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parent.parent,
            env={
                **environ,
                "PYTHONIOENCODING": "utf-8",
                "JAVA_TOOL_OPTIONS": f"{environ.get('JAVA_TOOL_OPTIONS', '')} {_JVM}".strip(),
            },
            start_new_session=True,
        )
        self._guard = Guard(self._process.pid)

    def wait_until_serving(self, port: int, stop: threading.Event) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not _accepts(port):
            if self._process.poll() is not None:
                raise EmulatorsFailed(f"{self._name} ended: {self._last_line()}")
            if time.monotonic() > deadline:
                raise EmulatorsFailed(f"{self._name} is not serving after {_READY_WITHIN_S:g} s: {self._last_line()}")
            if stop.wait(_POLL_S):
                raise EmulatorsFailed("stopped while starting")

    def ended(self) -> str:
        status = self._process.poll()
        return "" if status is None else f"{self._name} ended with status {status} (log: {self._log})"

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def reap(self) -> None:
        # The whole group: the wrapper ends at once, the JVM that it started may take a moment longer.
        self._wait_until_gone()
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._wait_until_gone()
        self._output.close()
        self._guard.dismiss()

    def _wait_until_gone(self) -> None:
        deadline = time.monotonic() + _END_WITHIN_S
        while self._signal(0) and time.monotonic() < deadline:
            self._process.poll()
            time.sleep(_POLL_S)

    def _signal(self, number: int) -> bool:
        """Whether anybody was left in the process group to receive it."""
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return False
        return True

    def _last_line(self) -> str:
        self._output.seek(0)
        lines = self._output.read().decode(errors="replace").split("\n")
        return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "no output")


@contextlib.contextmanager
def running(environ: Mapping[str, str] | None = None) -> Iterator[Emulators]:
    """Both, for as long as the block lasts. For programs without an event loop, such as pytest's fixtures."""
    processes = EmulatorProcesses(environ)
    try:
        yield processes.start()
    finally:
        processes.stop()


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
