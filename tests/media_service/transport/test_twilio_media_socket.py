"""The media WebSocket over a real connection of this machine."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from calls import caller_parameter, stream_token
from calls.events import Parties
from media_service import texts
from media_service.call_runner import CallRunner, CallServices
from media_service.core.call_settings import CallSettings
from media_service.core.conversation import AssistantSettings
from media_service.core.listen_call import ListenLogic
from media_service.core.record.transcript import CallIdentity
from media_service.operations.outbox import Outbox
from media_service.operations.telemetry import CallTelemetry
from media_service.replies.scripted_replies import ScriptedReplies
from media_service.settings import TwilioSettings
from media_service.transport.call_registry import CallRegistry
from media_service.transport.twilio_media_socket import PATH, MediaSocket, NewCall, OpenCall, SocketPhone
from tests.fakes import FakePublisher, FakeRecognizer, FakeRecords, FakeVoice, Vocabulary

CALL_SID = "CA00000000000000000000000000000001"
INTAKE = texts.load().intake
START = {
    "event": "start",
    "streamSid": "MZ1",
    "start": {
        "callSid": CALL_SID,
        "streamSid": "MZ1",
        "accountSid": "AC1",
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    },
}


async def open_call(call: NewCall, phone: SocketPhone) -> tuple[CallRunner, CallTelemetry]:
    loop = asyncio.get_running_loop()
    identity = CallIdentity(call.call_sid, call.leg, "iw-IL", datetime.now(UTC), loop.time(), "google_streaming")
    scripted = ScriptedReplies(INTAKE)
    services = CallServices(FakeRecognizer(Vocabulary()), FakeVoice(), scripted, scripted, FakeRecords())
    telemetry = CallTelemetry(call.call_sid, call.leg, log_transcripts=False)
    logic = ListenLogic(identity, CallSettings(), INTAKE, AssistantSettings())
    return CallRunner(identity, logic, phone, services, Outbox(FakePublisher()), telemetry, loop.time), telemetry


@asynccontextmanager
async def connected(secret: str = "", opening: OpenCall = open_call) -> AsyncIterator[ClientWebSocketResponse]:
    unsigned = TwilioSettings("media.example", (), secret, allow_unsigned=True)
    app = web.Application()
    socket = MediaSocket(unsigned, CallRegistry(1), 18.0, opening, lambda: True, ("inbound",))
    app.router.add_get(PATH, socket.handle)
    async with TestClient(TestServer(app)) as client, client.ws_connect(PATH) as ws:
        yield ws


async def closed(ws: ClientWebSocketResponse) -> None:
    async with asyncio.timeout(5):
        while (await ws.receive()).type not in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR}:
            pass


def kinds(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [vars(each)["kind"] for each in caplog.records if each.message == "bad_media_message"]


async def test_a_frame_that_is_too_large_is_called_oversized(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever looks for binary frames, which Twilio never sends, would look for the wrong thing."""
    caplog.set_level(logging.INFO)
    async with connected() as ws:
        await ws.send_json(START)
        await ws.send_str(" " * 70_000)
        await closed(ws)
    assert kinds(caplog) == ["oversized"]


async def test_a_first_frame_that_is_too_large_is_called_oversized_as_well(caplog: pytest.LogCaptureFixture) -> None:
    async with connected() as ws:
        await ws.send_str(json.dumps(START) + " " * 70_000)
        await closed(ws)
    assert kinds(caplog) == ["oversized before start"]


async def test_a_binary_frame_is_called_binary(caplog: pytest.LogCaptureFixture) -> None:
    """It costs itself and not the call."""
    async with connected() as ws:
        await ws.send_bytes(b"x")
        await ws.send_json(START)
        await ws.send_bytes(b"\x00" * 160)
        await ws.send_json({"event": "stop", "streamSid": "MZ1", "stop": {}})
        await closed(ws)
    assert kinds(caplog) == ["binary before start", "binary"]


@pytest.mark.parametrize("secret", ["secret", "another"])
async def test_who_calls_is_believed_where_we_have_signed_it_and_a_call_goes_on_without_it(
    secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = Parties("+972501234567", "+97231234567")
    opened: list[NewCall] = []

    async def note(call: NewCall, phone: SocketPhone) -> tuple[CallRunner, CallTelemetry]:
        opened.append(call)
        return await open_call(call, phone)

    carried = {
        "token": stream_token.mint("secret", CALL_SID, 1, int(time.time()) + 60),
        "caller": caller_parameter.seal(secret, CALL_SID, numbers),
    }
    start = {**START, "start": {**START["start"], "customParameters": carried}}  # type: ignore[dict-item]
    async with connected(secret="secret", opening=note) as ws:
        await ws.send_json(start)
        await ws.send_json({"event": "stop", "streamSid": "MZ1", "stop": {}})
        await closed(ws)
    assert [call.parties for call in opened] == [numbers if secret == "secret" else None]
    refused = [record.message for record in caplog.records].count("caller_parameter_ignored")
    assert refused == (secret != "secret")
