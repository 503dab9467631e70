"""Run a stand-in as a process: say READY when it serves, end quietly on SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AbstractAsyncContextManager


async def serve_until_stopped(standin: AbstractAsyncContextManager[object]) -> None:
    """Enter the stand-in, print `READY`, and leave it when the process is asked to end."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with standin:
        print("READY", flush=True)
        await stop.wait()
