"""How many calls an instance has, once a minute: added up over all instances they are the calls there are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

LOAD_REPORT_S: Final = 60.0
"""The metric `concurrent_calls` adds up what came within a minute: with another period it would count wrongly."""

log = logging.getLogger(__name__)


class Instance(Protocol):
    @property
    def calls(self) -> int: ...

    @property
    def max_calls(self) -> int: ...


async def report_load(instance: Instance, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Runs until it is cancelled."""
    while True:
        await sleep(LOAD_REPORT_S)
        # The numbers are fields only: a terminal shows fields beside the message, and would show them twice.
        log.info("[LOAD]", extra={"calls": instance.calls, "max_calls": instance.max_calls})
