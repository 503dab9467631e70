"""Start child processes, know when they are ready, collect what they write, and leave none behind.

A child gets a session of its own: Ctrl-C reaches only us, and we decide who ends first. A guard ends it if we are
killed. Nothing is restarted.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from local.guard import Guard

# Below the range from which systems take ports for outgoing connections, so that none of those takes a port
# between our probing it and the child's binding it.
_PORTS: Final = range(20_000, 30_000)
_handed_out: Final[set[int]] = set()
"""Whoever got one may not listen yet, so it looks free to the next who asks."""
_POLL_S: Final = 0.05
_KEPT_LINES: Final = 400


class StartFailed(Exception):
    """A child ended or stayed silent instead of becoming ready; the message ends with what it wrote last."""


@dataclass(frozen=True, slots=True)
class Command:
    """One process to start."""

    name: str
    """Names the log file, and the process on the screen."""
    argv: tuple[str, ...]
    env: Mapping[str, str]
    """The whole environment; nothing is inherited."""
    cwd: Path
    ready: Callable[[Child], Awaitable[None]]
    """Returns once the child serves. Abandoned when the child ends or the time is up."""
    ready_within_s: float = 60.0
    end_within_s: float = 10.0
    """From SIGTERM to SIGKILL."""


class Child:
    """A running process. Whoever called `start` calls `stop`."""

    def __init__(self, command: Command, transport: asyncio.SubprocessTransport, output: _Output) -> None:
        self.name = command.name
        self.pid = transport.get_pid()
        self.log = output.log
        self._command = command
        self._transport = transport
        self._output = output
        self._guard: Guard | None = Guard(self.pid)

    @classmethod
    async def start(cls, command: Command, logs: Path) -> Child:
        """Returns as soon as the process exists; `wait_until_ready` is next."""
        transport, output = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Output(logs / f"{command.name}.log"),
            *command.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=command.cwd,
            # What it writes is read as UTF-8, whatever the terminal we were started from takes.
            env={**command.env, "PYTHONIOENCODING": "utf-8"},
            start_new_session=True,
        )
        return cls(command, transport, output)

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._transport.get_returncode()

    def lines(self) -> tuple[str, ...]:
        """What it wrote last, oldest first. The log file has everything."""
        return tuple(self._output.kept)

    @contextlib.contextmanager
    def listening(self, listener: Callable[[str], None]) -> Iterator[None]:
        """Hand every line written from now on to `listener`, which must not block."""
        self._output.listeners.append(listener)
        try:
            yield
        finally:
            self._output.listeners.remove(listener)

    async def line(self, wanted: Callable[[str], bool]) -> str:
        """The first kept or coming line that is wanted. Waits for ever: bound it with a timeout."""
        found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def look(line: str) -> None:
            if not found.done() and wanted(line):
                found.set_result(line)

        with self.listening(look):
            for line in self.lines():
                look(line)
            return await found

    async def wait_until_ready(self) -> None:
        """Raises `StartFailed`; the child is then still to be stopped."""
        ready = asyncio.ensure_future(self._command.ready(self))
        ended = asyncio.ensure_future(self._output.ended.wait())
        within_s = self._command.ready_within_s
        try:
            await asyncio.wait({ready, ended}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                ready.result()
                return
            if ended.done():
                # Its last words; bounded because something it started may hold the pipe open.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await self._output.closed.wait()
                raise StartFailed(f"{self.name} ended with status {self.returncode}{self._said_last()}")
            raise StartFailed(f"{self.name} is not ready after {within_s:g} s{self._said_last()}")
        finally:
            for each in (ready, ended):
                each.cancel()
            await asyncio.gather(ready, ended, return_exceptions=True)

    def send(self, number: signal.Signals) -> None:
        """Signal the process itself, not what it started. Nothing happens once it has ended."""
        with contextlib.suppress(ProcessLookupError):
            self._transport.send_signal(number)

    def kill(self) -> None:
        """SIGKILL for it and whatever it started, as where a machine goes away. Nothing happens once all has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def wait(self) -> int:
        """The exit status, as soon as it has ended."""
        await self._output.ended.wait()
        status = self.returncode
        assert status is not None  # noqa: S101 -- it has ended
        return status

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL for it and whatever it started if that is not enough. May be repeated."""
        self.send(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._command.end_within_s):
                await self._output.ended.wait()
        # The session has the pid of its leader, and outlives it as long as a grandchild does.
        self.kill()
        await self._output.ended.wait()
        await self._output.closed.wait()
        self._transport.close()
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.dismiss()

    def _said_last(self) -> str:
        last = [line for line in self.lines() if line.strip()][-12:]
        return f" (log: {self.log}):\n  " + "\n  ".join(last) if last else ", and wrote nothing"


class _Output(asyncio.SubprocessProtocol):
    """What one child writes, cut into lines. Its end and the end of its output are two things: see `stop`."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.kept: deque[str] = deque(maxlen=_KEPT_LINES)
        self.listeners: list[Callable[[str], None]] = []
        self.ended = asyncio.Event()
        self.closed = asyncio.Event()
        self._file = log.open("wb")
        self._rest = b""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            self._written(line)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if self._rest:
            self._written(self._rest)
        self._file.close()
        self.closed.set()

    def process_exited(self) -> None:
        self.ended.set()

    def _written(self, raw: bytes) -> None:
        line = raw.decode(errors="replace").rstrip("\r")
        self.kept.append(line)
        for listener in tuple(self.listeners):
            listener(line)


@contextlib.asynccontextmanager
async def running(
    commands: Sequence[Command], logs: Path, on_ready: Callable[[str], None] = lambda _: None
) -> AsyncIterator[dict[str, Child]]:
    """All of them started together and ready, by name; all ended together afterwards, whatever happened."""
    children: dict[str, Child] = {}
    try:
        for command in commands:
            children[command.name] = await Child.start(command, logs)
        await _all_ready(children.values(), on_ready)
        yield children
    finally:
        await _to_its_end(asyncio.gather(*(child.stop() for child in children.values())))


async def _all_ready(children: Iterable[Child], on_ready: Callable[[str], None]) -> None:
    async def one(child: Child) -> None:
        await child.wait_until_ready()
        on_ready(child.name)

    waits = [asyncio.create_task(one(child)) for child in children]
    try:
        for next_ready in asyncio.as_completed(waits):
            await next_ready
    finally:
        for each in waits:
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _to_its_end(stopping: asyncio.Future[list[None]]) -> None:
    """Ending processes is bounded by itself, so a cancellation waits until it is done."""
    cancelled: asyncio.CancelledError | None = None
    while not stopping.done():
        try:
            await asyncio.shield(stopping)
        except asyncio.CancelledError as exc:
            cancelled = exc
    stopping.result()
    if cancelled is not None:
        raise cancelled


def says(line: str) -> Callable[[Child], Awaitable[None]]:
    """Ready when it writes exactly this line."""

    async def ready(child: Child) -> None:
        await child.line(lambda written: written.strip() == line)

    return ready


def answers(url: str, status: int | None = None) -> Callable[[Child], Awaitable[None]]:
    """Ready when a GET of this URL is answered, with this status if one is given."""

    async def ready(_: Child) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5.0)) as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(url) as response:
                        if status in {None, response.status}:
                            return
                await asyncio.sleep(_POLL_S)

    return ready


def free_ports(count: int) -> tuple[int, ...]:
    """Different ports of 127.0.0.1 that nothing listens on now, and that this process has given to nobody before."""
    with contextlib.ExitStack() as held:
        found: list[int] = []
        for port in random.sample(_PORTS, len(_PORTS)):
            if len(found) == count:
                break
            if port in _handed_out:
                continue
            probe = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
        if len(found) < count:
            raise OSError("no free port")
        _handed_out.update(found)
        return tuple(found)
