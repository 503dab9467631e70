"""Real time, one frame after another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from local.g711 import FRAME_S


async def frame_ticks() -> AsyncIterator[tuple[int, float]]:
    """Count frames: number n comes at start + n * 20 ms, with how late it was in seconds.

    The times do not drift: after a delay the missed frames follow at once, as they do from a phone network.
    """
    clock = asyncio.get_running_loop().time
    start = clock()
    number = 0
    while True:
        due = start + number * FRAME_S
        if (early_s := due - clock()) > 0:
            await asyncio.sleep(early_s)
        yield number, max(0.0, clock() - due)
        number += 1
