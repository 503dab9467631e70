"""Events that could not be published while their call lasted, tried again as long as the instance lives.

The instance has one. It is bounded, so that hours without Pub/Sub end in log entries and not in an instance out of
memory; so does what is still here when the instance is taken away.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from calls.event_wire import encode
from calls.events import CallEvent
from media_service.operations.outbox import log_undelivered, pause_after, published
from media_service.ports import EventPublisher

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may wait at a time. A busy instance says some 12,000 events an hour, 600 bytes each."""

    events: int = 20_000
    encoded_bytes: int = 16 * 1024 * 1024


DEFAULT_BOUNDS: Final = Bounds()


class Backlog:
    """`take` what a call leaves, `close` once when the instance is taken away."""

    def __init__(
        self,
        publisher: EventPublisher,
        bounds: Bounds = DEFAULT_BOUNDS,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._publisher = publisher
        self._bounds = bounds
        self._sleep = sleep
        self._jitter = jitter
        self._calls: dict[str, deque[CallEvent]] = {}
        """By call SID; the one that is tried next is first."""
        self._events = 0
        self._bytes = 0
        self._publishing: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def pending(self) -> int:
        """Events not yet acknowledged."""
        return self._events

    def take(self, events: Sequence[CallEvent]) -> None:
        """Never waits and never raises. What there is no room for, or no time any more, goes to the log at once."""
        kept = 0
        for event in events:
            if self._closed or not self._has_room_for(event):
                break
            self._calls.setdefault(event.call_sid, deque()).append(event)
            self._count(event, 1)
            kept += 1
        for event in events[kept:]:
            log_undelivered(event)
        if kept:
            _log.warning(
                "events_wait", extra={"call_sid": events[0].call_sid, "events": kept, "of_all_calls": self._events}
            )
            self._start_publishing()

    async def close(self, deadline_s: float) -> None:
        """Publish what is left for at most `deadline_s` more, and log what could not be."""
        if self._publishing is not None and not self._publishing.done():
            # It may be in the middle of a pause, or of a request that hangs; there is no time for either.
            await _end(self._publishing)
            self._start_publishing()
            time_is_up = asyncio.ensure_future(self._sleep(deadline_s))
            await asyncio.wait([self._publishing, time_is_up], return_when=asyncio.FIRST_COMPLETED)
            time_is_up.cancel()
            await _end(self._publishing)
        self._closed = True
        for waiting in self._calls.values():
            for event in waiting:
                log_undelivered(event)
        self._calls.clear()
        self._events = self._bytes = 0

    def _has_room_for(self, event: CallEvent) -> bool:
        return self._events < self._bounds.events and self._bytes + _size(event) <= self._bounds.encoded_bytes

    def _count(self, event: CallEvent, one: int) -> None:
        self._events += one
        self._bytes += one * _size(event)

    def _start_publishing(self) -> None:
        if self._publishing is None or self._publishing.done():
            self._publishing = asyncio.create_task(self._publish_all(), name="backlog")

    async def _publish_all(self) -> None:
        failures = 0
        while self._calls:
            call_sid, waiting = next(iter(self._calls.items()))
            if await published(self._publisher, waiting[0], report=False):
                failures = 0
                self._count(waiting.popleft(), -1)
                if not waiting:
                    del self._calls[call_sid]
                    _log.info("events_published_late", extra={"call_sid": call_sid, "of_all_calls": self._events})
            else:
                # Another call is tried next: one event that is refused for good holds up its own call only.
                self._calls[call_sid] = self._calls.pop(call_sid)
                failures += 1
                await self._sleep(pause_after(failures, self._jitter()))


def _size(event: CallEvent) -> int:
    return len(encode(event))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
