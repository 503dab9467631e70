"""The calls of this instance: how many there may be, which are there, and the end of all of them at a drain."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class LiveCall(Protocol):
    """A call as the registry sees it."""

    @property
    def leg(self) -> int: ...

    def supersede(self) -> None:
        """The caller came back on a later leg; this one is dead."""

    def drain(self) -> None:
        """End the call because the instance is being taken away."""


class CallRegistry:
    def __init__(self, max_calls: int) -> None:
        self.max_calls = max_calls
        self._sockets = 0
        self._calls: dict[str, LiveCall] = {}
        self._draining = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def calls(self) -> int:
        """Sockets held, those that have not said which call they are included."""
        return self._sockets

    @property
    def draining(self) -> bool:
        return self._draining

    @property
    def has_room(self) -> bool:
        return not self._draining and self._sockets < self.max_calls

    @contextmanager
    def socket(self) -> Iterator[None]:
        """Hold a place. Look at `has_room` first."""
        self._sockets += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._sockets -= 1
            if not self._sockets:
                self._empty.set()

    def admit(self, call_sid: str, call: LiveCall) -> bool:
        """Register a call; False if a stream of the same leg, or a later one, is there already."""
        live = self._calls.get(call_sid)
        if live is not None and live.leg >= call.leg:
            return False
        if live is not None:
            live.supersede()
        self._calls[call_sid] = call
        if self._draining:
            call.drain()
        return True

    def leave(self, call_sid: str, call: LiveCall) -> None:
        if self._calls.get(call_sid) is call:
            del self._calls[call_sid]

    async def drain(self, within_s: float) -> bool:
        """Take no more calls and end those there are; whether all were gone in time."""
        self._draining = True
        for call in list(self._calls.values()):
            call.drain()
        try:
            async with asyncio.timeout(within_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True
