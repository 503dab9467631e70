"""Post to summarize's `/sweep` in the rhythm of Cloud Scheduler, which is not on this machine."""

from __future__ import annotations

import asyncio
from typing import Final

import aiohttp

_EVERY_S: Final = 120.0
_WITHIN_S: Final = 180.0


async def sweeping(summarize_address: str, every_s: float = _EVERY_S) -> None:
    """Until it is cancelled. A function that does not answer is told of by whoever watches it."""
    timeout = aiohttp.ClientTimeout(total=_WITHIN_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while True:
            await asyncio.sleep(every_s)
            try:
                async with session.post(f"{summarize_address}/sweep") as response:
                    await response.read()
            except (aiohttp.ClientError, TimeoutError):
                continue
