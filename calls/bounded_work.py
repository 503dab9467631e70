"""Run work on a few shared threads, and wait for it no longer than a budget.

For web functions that must answer in time whether or not a database does: the work goes on after the answer.
Threads start with the first piece of work and not before, so an instance may be made before a server forks.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TypeVar

_T = TypeVar("_T")

log = logging.getLogger(__name__)


class StillRunning(Exception):
    """The budget is over; the work goes on, and what becomes of it is no longer of interest here."""


class Overloaded(Exception):
    """As much work as allowed is under way or waiting; this piece was not taken."""


class BoundedWork:
    """Shared by all requests of an instance. Work must bound its own time, else its thread is lost."""

    def __init__(self, threads: int, most_pending: int) -> None:
        """`most_pending` counts what runs and what waits."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bounded-work")
        self._room = threading.BoundedSemaphore(most_pending)

    def run(self, work: Callable[[], _T], budget_s: float, call_sid: str) -> _T:
        """Return what `work` returns, or raise what it raises, within `budget_s`.

        Raises `StillRunning` after that, and `Overloaded` at once where there is no room. `call_sid` stands in the
        log beside what becomes of late work.
        """
        future = self.start(work)
        try:
            return future.result(timeout=budget_s)
        except TimeoutError:
            if future.done():
                return future.result()  # finished at the last moment, or its own error is a TimeoutError
            future.add_done_callback(partial(copy_context().run, partial(_log_late_end, call_sid)))
            raise StillRunning from None

    def start(self, work: Callable[[], _T]) -> Future[_T]:
        """Start `work` without waiting. Raises `Overloaded`."""
        if not self._room.acquire(blocking=False):
            raise Overloaded
        # With the context of the request, so that the log shows whose work it is.
        future = self._pool.submit(copy_context().run, work)
        future.add_done_callback(lambda _: self._room.release())
        return future


def _log_late_end(call_sid: str, future: Future[_T]) -> None:
    error = future.exception()
    if error is None:
        log.info("late_work_done", extra={"call_sid": call_sid})
    else:
        # The class alone: messages of database errors name documents, and those are named by phone numbers.
        log.error("late_work_failed", extra={"call_sid": call_sid, "problem": type(error).__name__})
