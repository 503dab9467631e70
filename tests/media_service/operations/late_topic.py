"""A topic that fails as a test wants it, and time for it to come back in."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Iterable

from calls.events import CallEvent
from media_service.errors import VendorUnavailable


class VirtualTime:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    async def sleep(self, seconds: float) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), done))
        await done

    async def pass_s(self, seconds: float) -> None:
        end = self.now + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self.now, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                sleeper.set_result(None)
            await self._settle()
        self.now = end

    async def _settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)


class Topic:
    """A publisher that fails as scripted, one entry an attempt, and accepts everything after that."""

    def __init__(self, script: Iterable[Exception | str] = ()) -> None:
        self._script = list(script)
        self.received: list[int] = []
        """The `seq` of each of `events`."""
        self.events: list[CallEvent] = []

    async def publish(self, event: CallEvent) -> None:
        outcome = self._script.pop(0) if self._script else "accepted"
        if outcome == "hangs":
            await asyncio.Event().wait()
        if outcome in {"accepted", "answer lost"}:
            self.received.append(event.seq)
            self.events.append(event)
        if outcome == "answer lost":
            raise VendorUnavailable("no answer")
        if isinstance(outcome, Exception):
            raise outcome
