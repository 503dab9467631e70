"""The local system's stand-in for Cloud Scheduler."""

import asyncio

from aiohttp import web
from aiohttp.test_utils import TestServer

from local.background import background
from local.sweeps import sweeping


async def test_the_sweep_is_asked_for_again_and_again_also_after_a_failure() -> None:
    seen: list[tuple[str, str]] = []
    enough = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.method, request.path))
        if len(seen) == 3:
            enough.set()
        return web.Response(status=503 if len(seen) == 1 else 200)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server, background(sweeping(str(server.make_url("")).rstrip("/"), every_s=0.01)):
        async with asyncio.timeout(5):
            await enough.wait()
    assert set(seen) == {("POST", "/sweep")}
