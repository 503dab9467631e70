"""The speech stand-in keeps the documented rules, and breaks as ordered, seen through Google's own clients."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import grpc
import pytest
from google.api_core import exceptions
from google.cloud import speech_v1, speech_v2
from google.cloud.speech_v1.services.speech.transports import SpeechGrpcAsyncIOTransport as TransportV1
from google.cloud.speech_v2.services.speech.transports import SpeechGrpcAsyncIOTransport as TransportV2

from local.phrases import phrases
from local.standins.speech import tapes
from local.standins.speech.recognition import Timing
from local.standins.speech.server import Options, SpeechStandIn
from local.voice import CALLER, speak
from media_service.core.vad.audio import linear16

SILENCE = b"\xff"
# A client that is writing at the very moment a refusal arrives may see INTERNAL "Internal error from Core" instead of
# it (grpcio 1.85, several in a hundred without this pause).
BEFORE_AUDIO_S = 0.03
QUICK = Timing(interim_delay_s=0.0, final_delay_s=0.02)
V1_ENCODING = speech_v1.RecognitionConfig.AudioEncoding
V2_ENCODING = speech_v2.ExplicitDecodingConfig.AudioEncoding


@dataclass
class Setup:
    service: SpeechStandIn
    v1: speech_v1.SpeechAsyncClient
    v2: speech_v2.SpeechAsyncClient
    control: str


@asynccontextmanager
async def serving(**options) -> AsyncIterator[Setup]:
    service = SpeechStandIn(Options(timing=QUICK, **options))
    async with (
        service.serving() as address,
        grpc.aio.insecure_channel(f"127.0.0.1:{address.port}") as channel,
    ):
        yield Setup(
            service,
            speech_v1.SpeechAsyncClient(transport=TransportV1(channel=channel)),
            speech_v2.SpeechAsyncClient(transport=TransportV2(channel=channel)),
            f"http://127.0.0.1:{address.control_port}",
        )


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    async with serving() as running:
        yield running


def config_v1(**changes) -> speech_v1.RecognitionConfig:
    return speech_v1.RecognitionConfig(
        {"encoding": V1_ENCODING.MULAW, "sample_rate_hertz": 8000, "language_code": "iw-IL", "model": "default"}
        | changes
    )


def config_v2(model="chirp_3", language="iw-IL", **features) -> speech_v2.RecognitionConfig:
    return speech_v2.RecognitionConfig(
        explicit_decoding_config=speech_v2.ExplicitDecodingConfig(
            encoding=V2_ENCODING.LINEAR16, sample_rate_hertz=8000, audio_channel_count=1
        ),
        model=model,
        language_codes=[language],
        features=speech_v2.RecognitionFeatures(**features),
    )


async def stream_v1(client, audio=b"", config=None, *, chunk=800, pace_s=0.0, hold_s=0.0, **streaming):
    """All responses. The request stays open for `hold_s` after its audio."""

    async def requests():
        streaming_config = speech_v1.StreamingRecognitionConfig(config=config or config_v1(), **streaming)
        yield speech_v1.StreamingRecognizeRequest(streaming_config=streaming_config)
        await asyncio.sleep(BEFORE_AUDIO_S)
        for start in range(0, len(audio), chunk):
            yield speech_v1.StreamingRecognizeRequest(audio_content=audio[start : start + chunk])
            await asyncio.sleep(pace_s)
        await asyncio.sleep(hold_s)

    return [part async for part in await client.streaming_recognize(requests=requests(), retry=None, timeout=10)]


async def stream_v2(client, audio=b"", config=None, *, location="eu", hold_s=0.0, chunk=800):
    async def requests():
        features = speech_v2.StreamingRecognitionFeatures(interim_results=True, enable_voice_activity_events=True)
        yield speech_v2.StreamingRecognizeRequest(
            recognizer=f"projects/p/locations/{location}/recognizers/_",
            streaming_config=speech_v2.StreamingRecognitionConfig(
                config=config or config_v2(), streaming_features=features
            ),
        )
        await asyncio.sleep(BEFORE_AUDIO_S)
        for start in range(0, len(audio), chunk):
            yield speech_v2.StreamingRecognizeRequest(audio=audio[start : start + chunk])
        await asyncio.sleep(hold_s)

    return [part async for part in await client.streaming_recognize(requests=requests(), timeout=10)]


def finals(responses) -> list[str]:
    return [r.alternatives[0].transcript for part in responses for r in part.results if r.is_final]


def interims(responses) -> list[str]:
    return [r.alternatives[0].transcript for part in responses for r in part.results if not r.is_final]


async def order(setup: Setup, **faults) -> None:
    async with aiohttp.ClientSession() as http, http.post(f"{setup.control}/faults", json=faults) as response:
        assert response.status == 200, await response.text()


NAME = speak("קוראים לי דנה לוי", CALLER)
YES = speak("כן", CALLER)


async def test_a_phrase_comes_back_as_text_with_interim_results_before_it(setup) -> None:
    responses = await stream_v1(
        setup.v1, NAME, config_v1(enable_automatic_punctuation=True), interim_results=True, pace_s=0.005
    )
    assert finals(responses) == ["קוראים לי דנה לוי."]
    assert "קוראים לי" in interims(responses)
    last = responses[-1].results[0]
    assert last.alternatives[0].confidence > 0.5
    assert last.stability == 0
    assert last.result_end_time.total_seconds() == pytest.approx(len(NAME) / 8000, abs=0.15)


async def test_interim_results_come_only_when_asked_for(setup) -> None:
    assert interims(await stream_v1(setup.v1, NAME)) == []


async def test_v2_takes_linear16_and_punctuates_by_itself(setup) -> None:
    responses = await stream_v2(setup.v2, linear16(NAME))
    assert finals(responses) == ["קוראים לי דנה לוי."]
    kinds = [part.speech_event_type.name for part in responses if part.speech_event_type]
    assert kinds == ["SPEECH_ACTIVITY_BEGIN", "SPEECH_ACTIVITY_END"]


async def test_offsets_begin_anew_on_every_stream(setup) -> None:
    audio = SILENCE * 4000 + YES
    first, second = [await stream_v1(setup.v1, audio) for _ in range(2)]
    assert first[-1].results[0].result_end_time == second[-1].results[0].result_end_time


async def test_replaying_a_phrase_into_the_next_stream_gives_the_same_text(setup) -> None:
    half = NAME[: len(NAME) // 2]
    assert finals(await stream_v1(setup.v1, half)) != ["קוראים לי דנה לוי"]
    assert finals(await stream_v1(setup.v1, NAME)) == ["קוראים לי דנה לוי"]


async def test_ten_streams_at_once_do_not_mix(setup) -> None:
    said = [phrase for phrase in phrases() if phrase.voice == "caller" and len(phrase.spoken) < 35][:10]
    heard = await asyncio.gather(*(stream_v1(setup.v1, speak(phrase.spoken, CALLER), pace_s=0.001) for phrase in said))
    assert [finals(responses) for responses in heard] == [[phrase.text.replace(",", "")] for phrase in said]
    assert setup.service.counts.streams_active == 0
    assert setup.service.counts.streams_active_peak == 10


@pytest.mark.parametrize("model", ["phone_call", "latest_long", "latest_short", "telephony"])
@pytest.mark.parametrize("language", ["iw-IL", "he-IL"])
async def test_v1_has_no_telephone_models_for_hebrew(setup, model, language) -> None:
    with pytest.raises(exceptions.InvalidArgument) as caught:
        await stream_v1(setup.v1, YES, config_v1(model=model, use_enhanced=True, language_code=language))
    assert caught.value.message == (
        "Invalid recognition 'config': The requested model is currently not supported for language : iw-IL."
    )


@pytest.mark.parametrize("model", ["", "default", "command_and_search"])
async def test_v1_takes_both_tags_of_hebrew_with_the_common_models(setup, model) -> None:
    for language in ("iw-IL", "he-IL"):
        config = config_v1(model=model, use_enhanced=True, language_code=language)
        assert finals(await stream_v1(setup.v1, YES, config)) == ["כן"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"location": "global"}, 'The model "chirp_3" does not exist in the location named "global"'),
        (
            {"config": config_v2(language="he-IL")},
            'The language "he-IL" is not supported by the model "chirp_3" in the location named "eu"',
        ),
        (
            {"config": config_v2(model="telephony"), "location": "global"},
            'The language "iw-IL" is not supported by the model "telephony" in the location named "global"',
        ),
        (
            {"config": config_v2(enable_word_confidence=True)},
            "Recognizer does not support feature: word_level_confidence",
        ),
    ],
)
async def test_v2_says_what_it_does_not_support(setup, arguments, message) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=message):
        await stream_v2(setup.v2, b"\0" * 1600, **arguments)


@pytest.mark.parametrize(
    "changes", [{"sample_rate_hertz": 4000}, {"encoding": V1_ENCODING.OGG_OPUS}, {"model": "no_such_model"}]
)
async def test_a_configuration_that_cannot_be_is_refused(setup, changes) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="Invalid recognition 'config'"):
        await stream_v1(setup.v1, YES, config_v1(**changes))


async def test_the_first_message_must_be_the_configuration_and_no_other(setup) -> None:
    async def audio_only():
        yield speech_v1.StreamingRecognizeRequest(audio_content=b"\xff")

    with pytest.raises(exceptions.InvalidArgument, match="streaming_config"):
        async for _ in await setup.v1.streaming_recognize(requests=audio_only(), retry=None, timeout=5):
            pass


async def test_a_wrong_configuration_can_be_refused_only_when_audio_arrives(setup) -> None:
    await order(setup, refuse_config_on_audio=True)
    assert await stream_v1(setup.v1, b"", config_v1(model="phone_call")) == []
    with pytest.raises(exceptions.InvalidArgument):
        await stream_v1(setup.v1, YES, config_v1(model="phone_call"), pace_s=0.05)


async def test_streams_have_a_longest_duration() -> None:
    async with serving(stream_limit_s=0.3) as setup:
        with pytest.raises(exceptions.OutOfRange) as v1:
            await stream_v1(setup.v1, YES, hold_s=2)
        assert v1.value.message == "Exceeded maximum allowed stream duration of 305 seconds."
        with pytest.raises(exceptions.Aborted) as v2:
            await stream_v2(setup.v2, linear16(YES), hold_s=2)
        assert v2.value.message == "Max duration of 5 minutes reached for stream."


async def test_streams_without_audio_end() -> None:
    async with serving(audio_timeout_s=0.2) as setup:
        with pytest.raises(exceptions.OutOfRange, match="Audio Timeout Error: Long duration elapsed without audio"):
            await stream_v1(setup.v1, hold_s=2)
        with pytest.raises(exceptions.Aborted, match="no more client requests"):
            await stream_v2(setup.v2, hold_s=2)


async def test_large_messages_are_refused_in_the_services_words(setup) -> None:
    with pytest.raises(exceptions.InvalidArgument) as caught:
        await stream_v1(setup.v1, SILENCE * 25_601, chunk=25_601)
    assert caught.value.message == (
        "Audio chunk can be of a maximum of 25600 bytes. Received audio of 25601 bytes instead."
    )
    await stream_v1(setup.v1, SILENCE * 25_600, chunk=25_600)
    with pytest.raises(exceptions.InvalidArgument, match="maximum of 15360 bytes"):
        await stream_v2(setup.v2, b"\0" * 15_362, chunk=15_362)


async def test_audio_far_ahead_of_its_time_is_refused(setup) -> None:
    await stream_v1(setup.v1, SILENCE * 8000 * 5)
    with pytest.raises(exceptions.OutOfRange, match="streamed too fast"):
        await stream_v1(setup.v1, SILENCE * 8000 * 9, chunk=8000, pace_s=0.02)


async def test_a_single_request_gives_every_utterance_and_is_limited_to_a_minute(setup) -> None:
    audio = YES + SILENCE * 8000 + NAME
    response = await setup.v1.recognize(
        config=config_v1(), audio=speech_v1.RecognitionAudio(content=audio), retry=None, timeout=5
    )
    assert [r.alternatives[0].transcript for r in response.results] == ["כן", "קוראים לי דנה לוי"]
    with pytest.raises(exceptions.InvalidArgument, match="Sync input too long"):
        await setup.v1.recognize(
            config=config_v1(), audio=speech_v1.RecognitionAudio(content=SILENCE * 8000 * 61), retry=None, timeout=5
        )
    response = await setup.v2.recognize(
        speech_v2.RecognizeRequest(
            recognizer="projects/p/locations/eu/recognizers/_", config=config_v2(), content=linear16(YES)
        ),
        timeout=5,
    )
    assert [r.alternatives[0].transcript for r in response.results] == ["כן."]


async def test_a_single_utterance_ends_the_stream_by_itself(setup) -> None:
    audio = YES + SILENCE * 8000 + NAME
    responses = await stream_v1(setup.v1, audio, config_v1(model=""), single_utterance=True, hold_s=1)
    assert finals(responses) == ["כן"]
    assert [part.speech_event_type.name for part in responses if part.speech_event_type] == ["END_OF_SINGLE_UTTERANCE"]


async def test_ordered_refusals_strike_and_run_out(setup) -> None:
    await order(setup, refuse={"status": "RESOURCE_EXHAUSTED", "message": "Quota exceeded", "count": 2})
    for _ in range(2):
        with pytest.raises(exceptions.ResourceExhausted, match="Quota exceeded"):
            await stream_v1(setup.v1, YES)
    assert finals(await stream_v1(setup.v1, YES)) == ["כן"]
    async with aiohttp.ClientSession() as http:
        state = await (await http.get(f"{setup.control}/state")).json()
        assert (state["streams_opened"], state["streams_refused"], state["finals_sent"]) == (3, 2, 1)
        assert (state["audio_bytes"], state["largest_audio_bytes"]) == (len(YES), 800)
        await http.post(f"{setup.control}/reset")
        assert (await (await http.get(f"{setup.control}/state")).json())["streams_opened"] == 0
        assert (await http.post(f"{setup.control}/faults", json={"refuse": {"status": "NO_SUCH"}})).status == 400


async def test_a_stream_can_be_broken_in_the_middle_with_a_status_or_a_reset(setup) -> None:
    await order(setup, cut={"after_s": 0.1, "status": "ABORTED", "message": "broken"})
    with pytest.raises(exceptions.Aborted, match="broken"):
        await stream_v1(setup.v1, YES, hold_s=2)
    await order(setup, cut={"after_s": 0.1, "status": "RESET"})
    with pytest.raises(exceptions.ServiceUnavailable):
        await stream_v1(setup.v1, YES, hold_s=2)
    assert finals(await stream_v1(setup.v1, YES)) == ["כן"]


async def until_open(setup: Setup, streams: int) -> None:
    async with asyncio.timeout(5):
        while setup.service.counts.streams_active < streams:  # noqa: ASYNC110 -- a count tells nobody
            await asyncio.sleep(0.01)


async def test_streams_that_are_open_can_be_broken_the_oldest_first(setup) -> None:
    older = asyncio.create_task(stream_v1(setup.v1, NAME, pace_s=0.05))
    await until_open(setup, 1)
    newer = asyncio.create_task(stream_v1(setup.v1, NAME, pace_s=0.05))
    await until_open(setup, 2)

    await order(setup, cut_open={"status": "ABORTED", "count": 1})

    with pytest.raises(exceptions.Aborted):
        await older
    assert finals(await newer) == ["קוראים לי דנה לוי"]


async def test_streams_that_are_open_can_fall_silent(setup) -> None:
    stream = asyncio.create_task(stream_v1(setup.v1, NAME, pace_s=0.05))
    await until_open(setup, 1)

    await order(setup, stall_open={"count": 1})

    with pytest.raises((TimeoutError, exceptions.DeadlineExceeded)):
        await asyncio.wait_for(stream, timeout=2.0)


async def test_what_each_stream_was_sent_can_be_kept(tmp_path) -> None:
    async with serving(keep_audio=tmp_path) as running:
        await stream_v1(running.v1, NAME)
        await stream_v1(running.v1, YES)

    assert tapes.kept(tmp_path) == [NAME, YES]


async def test_a_stalled_stream_takes_audio_and_says_nothing(setup) -> None:
    await order(setup, stall={"after_s": 0})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await stream_v1(setup.v1, NAME)
    assert setup.service.counts.audio_bytes == len(NAME)


async def test_nothing_is_heard_while_mute(setup) -> None:
    await order(setup, mute_s=0.3)
    assert finals(await stream_v1(setup.v1, YES)) == []
    await asyncio.sleep(0.35)
    assert finals(await stream_v1(setup.v1, YES)) == ["כן"]


async def test_finals_can_be_late_repeated_or_lost(setup) -> None:
    await order(setup, repeat_finals=1)
    assert finals(await stream_v1(setup.v1, YES)) == ["כן", "כן"]
    await order(setup, repeat_finals=0, drop_finals=True)
    assert finals(await stream_v1(setup.v1, YES)) == []
    await order(setup, drop_finals=False, delay_finals_s=0.4)
    begun = time.monotonic()
    assert finals(await stream_v1(setup.v1, YES)) == ["כן"]
    assert time.monotonic() - begun > 0.4


async def test_a_connection_can_swallow_everything(setup) -> None:
    assert finals(await stream_v1(setup.v1, YES)) == ["כן"]
    await order(setup, swallow=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await stream_v1(setup.v1, YES)


async def test_the_process_says_ready_and_ends_quietly() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.standins.speech", "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout
        begun = time.monotonic()
        assert await asyncio.wait_for(process.stdout.readline(), 20) == b"READY\n"
        assert time.monotonic() - begun < 15
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 5) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
