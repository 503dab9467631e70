"""The stream against a real gRPC server in this process. FAULTS names in brackets."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_service.adapters.google_channels import KEEPALIVE
from media_service.adapters.google_stt_dialect import GOOGLE_STREAMING, SpeechOptions
from media_service.adapters.google_stt_stream import (
    MAX_REQUEST_BYTES,
    GoogleRecognitionStream,
    StreamHooks,
    StreamLimits,
    open_google_stream,
)
from media_service.adapters.google_stt_v1 import SpeechV1
from media_service.core.events import RecognitionResult
from media_service.core.vad.audio import linear16
from media_service.errors import VendorError, VendorExhausted, VendorRefused, VendorUnavailable
from tests.adapters.fake_speech_server import FakeSpeechServer, ServedStream, serving

DIALECT = SpeechV1(SpeechOptions("iw-IL", punctuation=True), "default", enhanced=True)
BATCH = bytes(range(256)) * 2 + bytes(128)  # 80 ms


class Line:
    """A server with one script, a channel to it, and a count of the streams that ended."""

    def __init__(self, server: FakeSpeechServer, channel: Any) -> None:
        self.server = server
        self.channel = channel
        self.ended = 0
        self.any_ended = asyncio.Event()

    async def open(self, limits: StreamLimits | None = None, **hooks: Any) -> GoogleRecognitionStream:
        def on_end() -> None:
            self.ended += 1
            self.any_ended.set()

        return await open_google_stream(
            self.channel, DIALECT, limits or StreamLimits(), StreamHooks(on_end=on_end, **hooks)
        )

    @property
    def served(self) -> ServedStream:
        return self.server.streams[-1]


async def unexpected(_: ServedStream) -> None:
    raise AssertionError("no script was set")


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with serving(FakeSpeechServer(unexpected)) as server:
        channel = grpc.aio.insecure_channel(server.address, options=KEEPALIVE)
        yield Line(server, channel)
        await channel.close()


async def all_results(stream: GoogleRecognitionStream) -> list[RecognitionResult]:
    async with asyncio.timeout(5):
        return [result async for result in stream]


async def outcome(stream: GoogleRecognitionStream) -> VendorError:
    with pytest.raises(VendorError) as failed:
        await all_results(stream)
    return failed.value


async def test_what_is_sent_arrives_as_linear16_and_what_is_said_comes_back(line: Line) -> None:
    async def script(stream: ServedStream) -> None:
        await stream.hear(1280)
        await stream.say({"text": "קוראים", "stability": 0.5})
        await stream.hear_all()
        await stream.say({"text": "קוראים לי דנה", "is_final": True, "end": 0.25, "confidence": 0.5})

    line.server.script = script
    stream = await line.open()
    results = aiter(stream)
    stream.send(BATCH)
    assert await anext(results) == RecognitionResult(
        "קוראים", is_final=False, stability=0.5, recognizer=GOOGLE_STREAMING
    )
    stream.send(BATCH)
    stream.send(BATCH[:100])
    stream.finish()
    final = RecognitionResult("קוראים לי דנה", True, 0.25, confidence=0.5, recognizer=GOOGLE_STREAMING)
    assert await anext(results) == final
    with pytest.raises(StopAsyncIteration):
        await anext(results)
    assert bytes(line.served.audio) == linear16(BATCH + BATCH + BATCH[:100])
    assert line.served.config.config.model == "default"
    assert line.ended == 1


async def test_finishing_again_or_after_the_end_is_harmless(line: Line) -> None:
    line.server.script = ServedStream.hear_all
    stream = await line.open()
    stream.finish()
    stream.finish()
    assert await all_results(stream) == []
    stream.finish()
    stream.send(BATCH)
    await stream.cancel()
    assert await all_results(stream) == []
    assert line.ended == 1


async def test_a_cancelled_stream_is_gone_on_the_server_too(line: Line) -> None:
    """[STT-04] After a rotation nothing goes on reading audio for nobody."""
    line.server.script = ServedStream.hear_all
    for _ in range(20):
        stream = await line.open()
        stream.send(BATCH)
        await asyncio.sleep(0)
        await stream.cancel()
        stream.send(BATCH)
        await stream.cancel()
        assert await all_results(stream) == []
    for served in line.server.streams:
        async with asyncio.timeout(2):
            await served.ended.wait()
    assert line.server.active == 0
    assert line.ended == 20
    assert {task.get_name() for task in asyncio.all_tasks()}.isdisjoint(
        {"recognition-stream", "recognition-stream-writer"}
    )


async def test_nothing_is_delivered_after_cancel(line: Line) -> None:
    async def script(stream: ServedStream) -> None:
        await stream.say({"text": "שלום", "is_final": True})
        await stream.hear_all()

    line.server.script = script
    stream = await line.open()
    await anext(aiter(stream))
    await stream.cancel()
    assert await all_results(stream) == []


async def test_waiting_for_finals_that_never_come_ends(line: Line) -> None:
    """[STT-07] A half-closed stream without an end is an error in bounded time."""

    async def script(stream: ServedStream) -> None:
        await stream.hear_all()
        await asyncio.Event().wait()

    line.server.script = script
    stream = await line.open(StreamLimits(drain_s=0.1))
    stream.finish()
    failure = await outcome(stream)
    assert isinstance(failure, VendorUnavailable)
    assert "no end within" in str(failure)
    assert line.ended == 1


async def test_a_writer_that_fails_is_an_error_of_the_stream(
    line: Line, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """[STT-10] A bug on the way out must not leave a stream that is deaf and looks well."""

    def broken(_: bytes) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(DIALECT, "streaming_audio", broken)
    line.server.script = ServedStream.hear_all
    stream = await line.open()
    stream.send(BATCH)
    failure = await outcome(stream)
    assert isinstance(failure, VendorUnavailable)
    assert "ZeroDivisionError" in str(failure)
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        "recognition_writer_failed"
    ]


async def test_a_channel_closed_under_the_stream_is_a_failure_and_not_a_cancellation(line: Line) -> None:
    """[STT-11] A task group that saw a cancellation here would end the call in silence."""
    line.server.script = ServedStream.hear_all
    stream = await line.open()
    stream.send(BATCH)
    await line.channel.close()
    assert isinstance(await outcome(stream), VendorUnavailable)
    with pytest.raises(VendorUnavailable):
        await line.open()
    assert line.ended == 2


async def test_a_reader_that_stops_waiting_loses_nothing(line: Line) -> None:
    """[STT-13] A time-out round a read does not end the request."""
    proceed = asyncio.Event()

    async def script(stream: ServedStream) -> None:
        await stream.hear(1)
        await proceed.wait()
        await stream.say({"text": "כן", "is_final": True})
        await stream.hear_all()

    line.server.script = script
    stream = await line.open()
    stream.send(BATCH)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await anext(aiter(stream))
    proceed.set()
    assert (await anext(aiter(stream))).text == "כן"
    stream.finish()
    assert await all_results(stream) == []


async def test_a_quiet_end_nobody_asked_for_is_a_failure(line: Line) -> None:
    async def script(stream: ServedStream) -> None:
        await stream.hear(1)

    line.server.script = script
    stream = await line.open()
    stream.send(BATCH)
    failure = await outcome(stream)
    assert isinstance(failure, VendorUnavailable)
    assert "ended the stream" in str(failure)


STATUSES = [
    ("UNAVAILABLE", VendorUnavailable),
    ("INTERNAL", VendorUnavailable),
    ("ABORTED", VendorUnavailable),
    ("CANCELLED", VendorUnavailable),
    ("OUT_OF_RANGE", VendorUnavailable),
    ("UNKNOWN", VendorUnavailable),
    ("DEADLINE_EXCEEDED", VendorUnavailable),
    ("RESOURCE_EXHAUSTED", VendorExhausted),
    ("PERMISSION_DENIED", VendorRefused),
    ("UNAUTHENTICATED", VendorRefused),
]


@pytest.mark.parametrize(("code", "expected"), [*STATUSES, ("INVALID_ARGUMENT", VendorRefused)])
async def test_a_status_before_the_first_result_says_whose_fault_it_is(
    line: Line, code: str, expected: type[VendorError]
) -> None:
    """[STT-19]"""

    async def script(stream: ServedStream) -> None:
        await stream.hear(1)
        await stream.abort(grpc.StatusCode[code], "as scripted")

    line.server.script = script
    stream = await line.open()
    stream.send(BATCH)
    failure = await outcome(stream)
    assert type(failure) is expected
    assert "as scripted" in str(failure)
    assert line.ended == 1


@pytest.mark.parametrize("is_final", [False, True])
@pytest.mark.parametrize(("code", "expected"), [*STATUSES, ("INVALID_ARGUMENT", VendorUnavailable)])
async def test_a_status_in_mid_stream_comes_after_what_was_recognized(
    line: Line, code: str, expected: type[VendorError], is_final: bool
) -> None:
    """[STT-19] And a stream that gave results had a good configuration, whatever it says later."""

    async def script(stream: ServedStream) -> None:
        await stream.hear(1)
        await stream.say({"text": "שלום", "is_final": is_final})
        await stream.abort(grpc.StatusCode[code])

    line.server.script = script
    stream = await line.open()
    stream.send(BATCH)
    results = aiter(stream)
    assert (await anext(results)).text == "שלום"
    with pytest.raises(expected) as failed:
        await anext(results)
    assert type(failed.value) is expected


async def test_a_refused_configuration_asks_whether_there_is_another(line: Line) -> None:
    """[STT-14] With another model at hand, opening the next stream helps."""
    asked: list[bool] = []

    async def script(stream: ServedStream) -> None:
        await stream.hear(1)
        await stream.abort(grpc.StatusCode.INVALID_ARGUMENT, "model")

    def yes() -> bool:
        asked.append(True)
        return True

    line.server.script = script
    stream = await line.open(on_refused_config=yes)
    stream.send(BATCH)
    assert type(await outcome(stream)) is VendorUnavailable
    assert asked == [True]


async def test_audio_that_is_not_accepted_ends_the_stream(line: Line) -> None:
    """Never waits, never grows without end, never drops a part of the speech unseen."""

    async def deaf(_: ServedStream) -> None:
        await asyncio.Event().wait()

    line.server.script = deaf
    stream = await line.open(StreamLimits(unsent_bytes=20_000))
    for _ in range(20):
        stream.send(bytes(1000))
    stream.send(b"\x00")
    failure = await outcome(stream)
    assert isinstance(failure, VendorUnavailable)
    assert "not accepted" in str(failure)
    assert line.ended == 1


async def test_a_slow_reader_gets_every_final_and_only_the_newest_interim(line: Line) -> None:
    async def script(stream: ServedStream) -> None:
        for number in range(200):
            await stream.say({"text": f"מילה {number}"})
        await stream.say({"text": "ראשון", "is_final": True}, {"text": "ועוד"})
        await stream.say({"text": "שני", "is_final": True})
        await stream.hear_all()

    line.server.script = script
    stream = await line.open()
    stream.finish()
    async with asyncio.timeout(5):
        await line.any_ended.wait()
    assert [result.text for result in await all_results(stream)] == ["ראשון", "שני"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=8))
async def test_no_request_is_too_large_however_audio_piles_up(line: Line, sizes: list[int]) -> None:
    """[STT-18] Each request stays below 15,000 bytes, and no sample is lost or moved."""
    line.server.script = ServedStream.hear_all
    stream = await line.open(StreamLimits(unsent_bytes=1_000_000))
    audio = b"".join(bytes([number + 1]) * size for number, size in enumerate(sizes))
    at = 0
    for size in sizes:
        stream.send(audio[at : at + size])
        at += size
    stream.finish()
    await all_results(stream)
    assert bytes(line.served.audio) == linear16(audio)
    assert max(line.served.request_sizes) <= 2 * MAX_REQUEST_BYTES < 15_000


async def test_an_endpoint_that_accepts_and_says_nothing_is_given_up() -> None:
    """[STT-15] gRPC itself would wait 20 s for the greeting of the server."""
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the kernel accepts, and nobody reads
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{silent.getsockname()[1]}")
        line = Line(FakeSpeechServer(unexpected), channel)
        async with asyncio.timeout(2):
            with pytest.raises(VendorUnavailable, match="no connection within"):
                await line.open(StreamLimits(open_s=0.2))
        assert line.ended == 1
        await channel.close()


async def test_an_endpoint_that_refuses_is_reported_at_once() -> None:
    """[STT-15]"""
    channel = grpc.aio.insecure_channel("127.0.0.1:1")
    line = Line(FakeSpeechServer(unexpected), channel)
    with pytest.raises(VendorUnavailable, match="UNAVAILABLE"):
        await line.open(StreamLimits(open_s=2))
    assert line.ended == 1
    await channel.close()


async def test_cancelling_whoever_waits_is_a_cancellation(line: Line) -> None:
    """The other side of [STT-10]: the end of a call is not a failure of the recognizer."""
    line.server.script = ServedStream.hear_all
    stream = await line.open()
    reader = asyncio.create_task(all_results(stream))
    await asyncio.sleep(0.01)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    await stream.cancel()
    assert line.ended == 1
