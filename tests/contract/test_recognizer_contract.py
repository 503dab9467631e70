"""What the service expects of any recognizer, on the Google adapter with the speech stand-in behind it, v1 and v2."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import pytest

from local.processes import free_ports
from local.voice import CALLER, speak
from media_service.adapters.google_stt import GoogleSpeechSettings, google_recognizer
from media_service.core.events import RecognitionResult
from media_service.core.vad.audio import SILENCE_BYTE, duration_s
from media_service.errors import VendorUnavailable
from media_service.ports import RecognitionStream, Recognizer

ROOT = Path(__file__).parents[2]
BATCH_BYTES = 640
BATCH_S = 0.08
PHRASE = "קוראים לי דנה לוי"
MODELS = {"v1": ("phone_call", "default"), "v2": ("chirp_3", "chirp_3")}


@contextmanager
def stand_in(*options: str) -> Iterator[tuple[str, str]]:
    """Addresses of the service and of its control port."""
    port, control = free_ports(2)
    argv = [sys.executable, "-m", "local.standins.speech", "--port", str(port), "--control-port", str(control)]
    with subprocess.Popen(  # noqa: S603 (our own module, under this interpreter)
        [*argv, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "READY\n"
            yield f"127.0.0.1:{port}", f"http://127.0.0.1:{control}"
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def speech() -> Iterator[tuple[str, str]]:
    with stand_in() as addresses:
        yield addresses


@pytest.fixture(scope="module")
def short_speech() -> Iterator[tuple[str, str]]:
    """One whose streams end after 0.6 s instead of five minutes."""
    with stand_in("--stream-limit-s", "0.6") as addresses:
        yield addresses


@pytest.fixture(params=sorted(MODELS))
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def recognizer_at(address: str, version: str) -> AsyncIterator[Recognizer]:
    configured, chosen = MODELS[version]
    settings = GoogleSpeechSettings(model=configured, emulator_host=address, project="p")
    async with google_recognizer(settings) as recognizer:
        assert recognizer.model == chosen
        assert recognizer.language == "iw-IL"
        yield recognizer


@pytest.fixture
async def recognizer(speech: tuple[str, str], version: str) -> AsyncIterator[Recognizer]:
    async with recognizer_at(speech[0], version) as recognizer:
        yield recognizer


def plain(text: str) -> str:
    return text.rstrip(".,?!")


async def say(stream: RecognitionStream, audio: bytes) -> None:
    """As it comes from the phone: in batches, in real time."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    for start in range(0, len(audio), BATCH_BYTES):
        stream.send(audio[start : start + BATCH_BYTES])
        due += BATCH_S
        await asyncio.sleep(due - loop.time())


def silence(seconds: float) -> bytes:
    return bytes([SILENCE_BYTE]) * int(seconds * 8000)


async def test_a_spoken_phrase_comes_as_interims_and_then_as_a_final(recognizer: Recognizer) -> None:
    audio = silence(0.2) + speak(PHRASE, CALLER) + silence(1.2)
    stream = await recognizer.open_stream()
    heard: list[RecognitionResult] = []

    async def read() -> None:
        async for result in stream:
            heard.append(result)

    reader = asyncio.create_task(read())
    await say(stream, audio)
    stream.finish()
    async with asyncio.timeout(5):
        await reader
    await stream.cancel()

    interims = [result for result in heard if not result.is_final]
    finals = [result for result in heard if result.is_final]
    assert [plain(final.text) for final in finals] == [PHRASE]
    assert interims
    assert heard.index(interims[0]) < heard.index(finals[0])
    assert finals[0].end_s is not None
    assert 0.2 < finals[0].end_s <= duration_s(audio)
    assert finals[0].confidence is None or 0 < finals[0].confidence <= 1


async def test_silence_is_no_result_and_finishing_ends_the_stream(recognizer: Recognizer) -> None:
    stream = await recognizer.open_stream()
    await say(stream, silence(0.4))
    stream.finish()
    stream.finish()
    async with asyncio.timeout(5):
        assert [result async for result in stream] == []
    await stream.cancel()


async def test_a_cancelled_stream_is_silent_and_can_be_cancelled_again(recognizer: Recognizer) -> None:
    stream = await recognizer.open_stream()
    stream.send(silence(0.2))
    await stream.cancel()
    await stream.cancel()
    stream.send(silence(0.2))
    stream.finish()
    assert [result async for result in stream] == []


async def test_one_request_recognizes_one_utterance(recognizer: Recognizer) -> None:
    heard = await recognizer.recognize(speak(PHRASE, CALLER))
    assert [plain(result.text) for result in heard.results] == [PHRASE]
    assert all(result.is_final for result in heard.results)
    assert heard.recognizer == "google_single"
    assert (await recognizer.recognize(silence(0.5))).results == []


async def test_the_end_of_a_streams_time_is_a_failure_that_a_new_stream_helps(
    short_speech: tuple[str, str], version: str
) -> None:
    """[STT-01] The two versions say it with different codes."""
    async with recognizer_at(short_speech[0], version) as recognizer:
        stream = await recognizer.open_stream()
        await say(stream, silence(1.0))
        async with asyncio.timeout(5):
            with pytest.raises(VendorUnavailable):
                assert [result async for result in stream] == []
        await stream.cancel()
        again = await recognizer.open_stream()
        await again.cancel()


async def test_a_connection_that_is_reset_is_a_failure_that_a_new_stream_helps(
    recognizer: Recognizer, speech: tuple[str, str]
) -> None:
    cut = {"cut": {"after_s": 0.2, "status": "RESET", "message": "", "count": 1}}
    async with aiohttp.ClientSession() as http, http.post(f"{speech[1]}/faults", json=cut) as response:
        assert response.ok, await response.text()
    stream = await recognizer.open_stream()
    await say(stream, silence(0.6))
    async with asyncio.timeout(5):
        with pytest.raises(VendorUnavailable):
            assert [result async for result in stream] == []
    await stream.cancel()
    again = await recognizer.open_stream()
    await say(again, silence(0.2))
    again.finish()
    async with asyncio.timeout(5):
        assert [result async for result in again] == []
    await again.cancel()
