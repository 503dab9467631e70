"""What is shown after a call."""

from __future__ import annotations

from aiohttp import web

from local import aftermath
from local.processes import free_ports
from local.standins.control import serve_http


async def test_the_recognizer_is_asked_how_much_it_did_not_know() -> None:
    async def state(_: web.Request) -> web.Response:
        return web.json_response({"utterances_unknown": 3})

    app = web.Application()
    app.add_routes([web.get("/state", state)])
    async with serve_http(app, 0) as port:
        assert await aftermath.unknown_utterances({"speech_control": f"127.0.0.1:{port}"}) == 3


async def test_without_a_stand_in_nothing_was_unknown() -> None:
    assert await aftermath.unknown_utterances({}) == 0
    assert await aftermath.unknown_utterances({"speech_control": ""}) == 0
    assert await aftermath.unknown_utterances({"speech_control": f"127.0.0.1:{free_ports(1)[0]}"}) == 0


async def test_where_the_lead_of_another_system_is_follows_from_the_call() -> None:
    lines = [line async for line in aftermath.lead_of("CA1", "+972501234567", {})]
    assert lines == ["\nThe lead is in the Firestore of that system: leads/972501234567, and the call: calls/CA1"]
    (line,) = [line async for line in aftermath.lead_of("CA1", "anonymous", {})]
    assert "leads/CA1," in line


async def test_a_firestore_that_does_not_answer_is_named() -> None:
    (port,) = free_ports(1)
    system = {"project": "p", "firestore_host": f"127.0.0.1:{port}"}
    lines = [line async for line in aftermath.lead_of("CA1", "+972501234567", system)]
    assert f"Firestore at 127.0.0.1:{port} could not be read" in lines[0]
