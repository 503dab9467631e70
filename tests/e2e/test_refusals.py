"""Whoever is not Twilio, or not who the call belongs to, gets nothing."""

from __future__ import annotations

import aiohttp
import pytest

from calls.twilio_signature import signature
from local.stored_records import StoredRecords
from local.system import System

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

FORM = {"CallSid": "CA" + "0" * 31 + "9", "From": "+972500000900", "To": "+97231234567", "CallStatus": "ringing"}


@pytest.mark.parametrize("path", ["/", "/after-stream", "/recording"])
@pytest.mark.parametrize("header", [None, "", "AAAA", "é", "x" * 4_000])
async def test_an_unsigned_webhook_is_refused_and_writes_nothing(
    the_system: System, stored: StoredRecords, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"X-Twilio-Signature": header}
    async with aiohttp.request(
        "POST", the_system.addresses.incoming_call_address + path, data=FORM, headers=headers
    ) as answer:
        assert (answer.status, await answer.read()) == (403, b"")

    assert (await stored.of_call(FORM["CallSid"])).call is None


async def test_a_signature_over_another_url_is_refused(the_system: System) -> None:
    """The URL that counts is the configured one, whatever the request's headers say."""
    found = the_system.addresses
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Twilio-Signature": signature(found.twilio_auth_token, "https://evil.example/", FORM.items()),
    }
    async with aiohttp.request("POST", found.incoming_call_address + "/", data=FORM, headers=headers) as answer:
        assert answer.status == 403


async def test_an_unsigned_stream_status_is_refused(the_system: System) -> None:
    async with aiohttp.request("POST", the_system.addresses.stream_status_address + "/", data=FORM) as answer:
        assert answer.status == 403


async def test_an_unsigned_websocket_is_refused_before_the_upgrade(the_system: System) -> None:
    url = f"ws://{the_system.addresses.media_address}/ws/twilio-media"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(url)

    assert refused.value.status == 403


async def test_a_signed_websocket_without_a_valid_token_gets_no_audio(the_system: System) -> None:
    """A signature covers only the URL; the token is what admits this stream of this call."""
    found = the_system.addresses
    public = f"wss://{found.public_host}/ws/twilio-media"
    headers = {"X-Twilio-Signature": signature(found.twilio_auth_token, public)}
    start = {
        "accountSid": "AC1",
        "streamSid": "MZ1",
        "callSid": FORM["CallSid"],
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "v1.1.9999999999.AAAA"},
    }
    url = f"ws://{found.media_address}/ws/twilio-media"
    async with aiohttp.ClientSession() as session, session.ws_connect(url, headers=headers) as ws:
        await ws.send_json({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        await ws.send_json({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": "MZ1"})
        answer = await ws.receive(timeout=5.0)

    assert answer.type is aiohttp.WSMsgType.CLOSE


async def test_a_plain_get_of_the_media_path_is_told_to_upgrade(the_system: System) -> None:
    url = f"http://{the_system.addresses.media_address}/ws/twilio-media"
    async with aiohttp.request("GET", url) as answer:
        assert answer.status == 426
        assert "html" not in answer.content_type
