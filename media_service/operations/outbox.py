"""A call's events on their way to Pub/Sub: none is lost, none makes the call wait.

Events leave in the order they were added; one that fails is tried again before the next is sent. There is no way
past a failing one on purpose: events are small and typed, so what refuses one (a missing topic, a missing permission)
refuses all, and somebody may repair it while the call goes on.

The queue has no bound, and that too is on purpose: it holds what was said, a few hundred short texts at the very
most, and a final is never dropped. What is still here when the call's time is up is left to whoever goes on with it
(`backlog.py`), or goes to the log, whole.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from calls.event_wire import encode
from calls.events import CallEnded, CallEvent, OtherEvent, Parties
from media_service.errors import VendorError, reason_of
from media_service.ports import EventPublisher

EVENT_UNDELIVERED: Final = "event_undelivered"

_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0

_log = logging.getLogger(__name__)


def pause_after(failures: int, jitter: float) -> float:
    """Seconds to wait after this many failures in a row (1 or more); `jitter` is 0 to 1.

    Between half and all of a time that doubles up to five seconds, so that calls do not come back all at once.
    """
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(failures - 1, 16))
    return longest * (1.0 + jitter) / 2.0


async def published(publisher: EventPublisher, event: CallEvent, *, report: bool) -> bool:
    """Whether it was acknowledged now. `report`: say in the log why it was not."""
    try:
        await publisher.publish(event)
    except VendorError as error:
        if report:
            _log.warning("event_publish_failed", extra={"call_sid": event.call_sid, "error": reason_of(error)})
        return False
    except Exception:  # noqa: BLE001 -- the edge of the call: a bug in publishing must not cut a caller off
        if report:
            _log.exception("event_publish_broke", extra={"call_sid": event.call_sid})
        return False
    return True


def log_undelivered(event: CallEvent) -> None:
    """The entry that `media_service.replay` reads: `event` is the event's JSON, and the last field of the line.

    Without the numbers: they stand in no log.
    """
    shown = event if isinstance(event, OtherEvent) else replace(event, parties=None)
    _log.error(
        EVENT_UNDELIVERED,
        extra={"call_sid": event.call_sid, "leg": event.leg, "seq": event.seq, "event": encode(shown).decode()},
    )


def _log_all(events: Sequence[CallEvent]) -> None:
    for event in events:
        log_undelivered(event)


class Outbox:
    """One a call. `add` whenever something was said, `run` as a task of the call, `close` once when it ended."""

    def __init__(
        self,
        publisher: EventPublisher,
        *,
        parties: Parties | None = None,
        leave_to: Callable[[Sequence[CallEvent]], None] = _log_all,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`leave_to` gets what could not be published in the call's time."""
        self.parties = parties
        """Who calls whom, once that is known: the first event and the last one of a leg tell it."""
        self._publisher = publisher
        self._leave_to = leave_to
        self._sleep = sleep
        self._jitter = jitter
        self._waiting: deque[CallEvent] = deque()
        self._changed = asyncio.Event()
        self._publishing: asyncio.Task[None] | None = None
        self._closing = False
        self._closed = False

    @property
    def pending(self) -> int:
        """Events not yet acknowledged."""
        return len(self._waiting)

    def add(self, event: CallEvent) -> None:
        """Never waits and never raises. After `close` has returned the event is left to others at once."""
        if not isinstance(event, OtherEvent) and (event.seq == 1 or isinstance(event, CallEnded)):
            event = replace(event, parties=self.parties)
        if self._closed:
            self._leave_to([event])
            return
        self._waiting.append(event)
        self._changed.set()

    async def run(self) -> None:
        """Publish until `close` has finished. Cancelling it loses nothing: `close` goes on where it stopped."""
        publishing = self._start_publishing()
        try:
            await asyncio.wait([publishing])
        finally:
            await _end(publishing)
        if not publishing.cancelled():
            publishing.result()

    async def close(self, deadline_s: float) -> list[CallEvent]:
        """Publish what is left for at most `deadline_s` more; leave to others, and return, what could not be published.

        Works with `run` still running, cancelled or never started. Cancelling it leaves the rest to them at once.
        """
        self._closing = True
        self._changed.set()
        publishing = self._start_publishing()
        time_is_up = asyncio.ensure_future(self._sleep(deadline_s))
        try:
            await asyncio.wait([publishing, time_is_up], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._closed = True
            undelivered = list(self._waiting)
            self._waiting.clear()
            if undelivered:
                self._leave_to(undelivered)
            time_is_up.cancel()
            await _end(publishing)
        return undelivered

    def _start_publishing(self) -> asyncio.Task[None]:
        if self._publishing is None or self._publishing.done():
            self._publishing = asyncio.create_task(self._publish_in_order())
        return self._publishing

    async def _publish_in_order(self) -> None:
        while self._waiting or not self._closing:
            if self._waiting:
                await self._publish_first()
            else:
                self._changed.clear()
                await self._changed.wait()

    async def _publish_first(self) -> None:
        failures = 0
        event = self._waiting[0]
        while not await published(self._publisher, event, report=failures == 0):
            failures += 1
            await self._sleep(pause_after(failures, self._jitter()))
        if failures:
            _log.info("event_published_late", extra={"call_sid": event.call_sid, "failures": failures})
        self._waiting.popleft()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
