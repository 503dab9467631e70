"""The release's questions, asked of the service itself as it runs on Cloud Run; and the log it writes there."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from calls.stream_token import mint
from calls.twilio_signature import signature
from local.processes import Child
from local.system import System
from tests.e2e.live_calls import another_media_service

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

ROOT = Path(__file__).resolve().parents[2]
TRACE = "0af7651916cd43dd8448eb211c80319c"
CALL = "CA" + 31 * "0" + "7"


@dataclass(frozen=True, slots=True)
class OnCloudRun:
    system: System
    process: Child
    address: str

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.process.lines()]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(the_system: System, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OnCloudRun]:
    environment = {"K_SERVICE": "media-service", "LOG_TRANSCRIPTS": "false"}
    logs = tmp_path_factory.mktemp("on-cloud-run")
    async with another_media_service(the_system, logs, environment) as (process, address):
        yield OnCloudRun(the_system, process, address)


async def asked(service: OnCloudRun, *, public_host: str, token: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infra.release.smoke", "--ready-within", "5"),
        *("--url", f"http://{service.address}", "--public-host", public_host),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TWILIO_AUTH_TOKEN": token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_a_service_that_takes_calls_passes(service: OnCloudRun) -> None:
    found = service.system.addresses

    status, output = await asked(service, public_host=found.public_host, token=f"{found.twilio_auth_token},next")

    assert status == 0, output


async def test_one_that_was_told_another_host_or_token_does_not(service: OnCloudRun) -> None:
    found = service.system.addresses

    other_host = await asked(service, public_host="other.example", token=found.twilio_auth_token)
    other_token = await asked(service, public_host=found.public_host, token="other")

    for status, output in (other_host, other_token):
        assert status == 1
        assert "a signed WebSocket: 403, not 101" in output


async def test_every_line_of_a_call_carries_the_trace_of_its_websocket(service: OnCloudRun) -> None:
    found = service.system.addresses
    await one_call(service, f"00-{TRACE}-b7ad6b7169203331-01")
    async with asyncio.timeout(15):
        await service.process.line(lambda line: "[WS] ended" in line)

    of_the_call = [
        entry for entry in service.entries() if entry.get("logging.googleapis.com/labels", {}).get("call_sid") == CALL
    ]

    messages = [entry["message"] for entry in of_the_call]
    assert messages[0] == f"[WS] connected call={CALL}"
    assert "[STT] Streaming session started call=" + CALL in messages
    assert messages[-1] == f"[WS] ended call={CALL}"
    name = f"projects/{found.project}/traces/{TRACE}"
    assert {entry["logging.googleapis.com/trace"] for entry in of_the_call} == {name}
    others = [entry for entry in service.entries() if entry not in of_the_call]
    assert name not in {entry["logging.googleapis.com/trace"] for entry in others}
    assert {"🚀 Streaming STT enabled: True", "ready"} <= {entry["message"] for entry in others}


async def one_call(service: OnCloudRun, traceparent: str) -> None:
    """Says nothing, and hangs up."""
    found = service.system.addresses
    public = f"wss://{found.public_host}/ws/twilio-media"
    headers = {"X-Twilio-Signature": signature(found.twilio_auth_token, public), "traceparent": traceparent}
    start = {
        "accountSid": "AC1",
        "streamSid": "MZ1",
        "callSid": CALL,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {
            "token": mint(service.system.environment["STREAM_TOKEN_SECRET"], CALL, 1, int(time.time()) + 60)
        },
    }
    url = f"ws://{service.address}/ws/twilio-media"
    async with aiohttp.ClientSession() as session, session.ws_connect(url, headers=headers) as ws:
        await ws.send_json({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": "MZ1"})
        async with asyncio.timeout(15):
            await service.process.line(lambda line: "Streaming session started" in line)
        await ws.send_json({"event": "stop", "sequenceNumber": "2", "streamSid": "MZ1"})
