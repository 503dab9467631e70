"""How a program at a terminal ends when it is told to: once, after its clean-up, with the status that shells expect.

Told by Ctrl-C, by SIGTERM, by the terminal when it closes, by the end of the `make` that started it, and by whoever
read what it writes and has left.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final, TypeVar

MAKE_PID: Final = "MAKE_PID"
"""Environment variable with the process id of the `make` that started us, if one did."""
_NUMBERS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK_EVERY_S: Final = 0.5
_asked_by_us: Final[list[Callable[[signal.Signals], None]]] = []
"""How to ask the work that goes on, if any does. Python ignores SIGPIPE, and a socket would send it too."""
T = TypeVar("T")


class Stopped(Exception):
    """The work was ended by this signal, and has cleaned up."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(f"stopped by {number.name}")
        self.number = number
        self.status = 128 + number


def run(work: Coroutine[Any, Any, T]) -> T:
    """Like `asyncio.run`. Raises `Stopped` if a signal ended the work."""
    return asyncio.run(_until_a_signal(work))


def nobody_reads() -> None:
    """End the work as SIGPIPE would, but with its clean-up. Without any, `Stopped` is raised here."""
    if not _asked_by_us:
        raise Stopped(signal.SIGPIPE)
    for ask in _asked_by_us:
        ask(signal.SIGPIPE)


async def _until_a_signal(work: Coroutine[Any, Any, T]) -> T:
    with ending_on_signals() as asked:
        try:
            return await work
        except asyncio.CancelledError:
            if not asked:
                raise
            raise Stopped(asked[0]) from None


@contextlib.contextmanager
def ending_on_signals() -> Iterator[list[signal.Signals]]:
    """Let a signal cancel the current task, once: an impatient second Ctrl-C must not cut the clean-up short.

    Call it inside the program's main coroutine. Gives the signal that came, if one did.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101 -- a coroutine runs in one
    asked: list[signal.Signals] = []

    def ask(number: signal.Signals) -> None:
        if number is signal.SIGHUP:
            _leave_the_terminal()
        if not asked:
            asked.append(number)
            task.cancel()

    for number in _NUMBERS:
        # Whoever starts us with `nohup` wants us to outlive the terminal.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, ask, number)
    _asked_by_us.append(ask)
    watching = loop.create_task(_watch_make(lambda: ask(signal.SIGHUP)))
    try:
        yield asked
    finally:
        watching.cancel()
        _asked_by_us.remove(ask)
        for number in _NUMBERS:
            loop.remove_signal_handler(number)


async def _watch_make(gone: Callable[[], None]) -> None:
    """A `make` that is killed cannot tell its shell or us."""
    pid = os.environ.get(MAKE_PID, "")
    if pid.isdigit():
        with contextlib.suppress(ProcessLookupError):
            await _ended(int(pid))
        gone()


async def _ended(pid: int) -> None:
    """Raises `ProcessLookupError` if it ended before."""
    if sys.platform != "linux":
        while True:
            os.kill(pid, 0)
            await asyncio.sleep(_LOOK_EVERY_S)
    # Told even if its parent has not asked for its status yet; until then a signal would still reach it.
    file, ended = os.pidfd_open(pid), asyncio.Event()
    asyncio.get_running_loop().add_reader(file, ended.set)
    try:
        await ended.wait()
    finally:
        asyncio.get_running_loop().remove_reader(file)
        os.close(file)


def _leave_the_terminal() -> None:
    """It is gone: writing to it would fail in the middle of the clean-up."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        # `isatty` says no to a terminal that has closed.
        if stat.S_ISCHR(os.fstat(number).st_mode):
            os.dup2(nowhere, number)
    os.close(nowhere)
