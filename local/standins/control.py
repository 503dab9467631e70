"""The HTTP control port of a stand-in: order faults, read what happened, start afresh.

POST /faults   a JSON object of the fault settings to change; 400 with the reason if one is unknown or wrong
GET  /state    what was counted since the start or the last reset
POST /reset    counters to zero, no faults
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


@asynccontextmanager
async def serve_control(
    port: int,
    *,
    change_faults: Callable[[Mapping[str, Any]], None],
    state: Callable[[], Mapping[str, Any]],
    reset: Callable[[], None],
) -> AsyncIterator[int]:
    """Serve the control port on 127.0.0.1 and give the port it got. `change_faults` raises ValueError for nonsense."""

    async def post_faults(request: web.Request) -> web.Response:
        try:
            body = await request.json()
            if not isinstance(body, dict):
                raise TypeError("not a JSON object")
            change_faults(body)
        except (ValueError, TypeError) as exc:
            return web.json_response({"error": str(exc)}, status=400)
        return web.json_response({})

    async def get_state(_: web.Request) -> web.Response:
        return web.json_response(state())

    async def post_reset(_: web.Request) -> web.Response:
        reset()
        return web.json_response({})

    app = web.Application()
    app.add_routes([web.post("/faults", post_faults), web.get("/state", get_state), web.post("/reset", post_reset)])
    async with serve_http(app, port) as bound:
        yield bound


@asynccontextmanager
async def serve_http(app: web.Application, port: int) -> AsyncIterator[int]:
    """Serve an application on 127.0.0.1; port 0 takes a free one. Gives the port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def change(record: T, values: Mapping[str, Any], nested: Mapping[str, Callable[..., object]]) -> T:
    """A copy of a dataclass with settings from JSON; `nested` names those that are dataclasses themselves.

    Raises `ValueError` or `TypeError` for a setting that there is not.
    """
    _check_names(values, [field.name for field in fields(record)])
    settings = {
        name: nested[name](**value) if name in nested and isinstance(value, dict) else value
        for name, value in values.items()
    }
    return replace(record, **settings)


def _check_names(values: Mapping[str, Any], known: Sequence[str]) -> None:
    if unknown := sorted(set(values) - set(known)):
        raise ValueError(f"unknown: {', '.join(unknown)}; known are {', '.join(known)}")
