"""The recognizer against a real gRPC server in this process. FAULTS names in brackets."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from google.cloud.speech_v1.types import cloud_speech as v1
from google.cloud.speech_v2.types import cloud_speech as v2

from media_service.adapters.google_channels import GoogleEndpoint
from media_service.adapters.google_stt import GoogleRecognizer, GoogleSpeechSettings, google_recognizer
from media_service.adapters.google_stt_stream import StreamLimits
from media_service.adapters.google_stt_v1 import SpeechV1
from media_service.adapters.google_stt_v2 import SpeechV2
from media_service.core.events import RecognitionResult
from media_service.core.vad.audio import linear16
from media_service.errors import VendorError, VendorExhausted, VendorRefused, VendorUnavailable
from tests.adapters.fake_speech_server import FakeSpeechServer, Script, ServedStream, serving

FRAME = bytes(640)
NOWHERE = "127.0.0.1:1"


def model_of(stream: ServedStream) -> tuple[str, bool]:
    config = stream.config.config
    return config.model, getattr(config, "use_enhanced", False)


def knows(models: Collection[tuple[str, bool]], then: Script = ServedStream.hear_all) -> Script:
    """A server that refuses other models at the first audio, as the real one does."""

    async def script(stream: ServedStream) -> None:
        await stream.hear(1)
        if model_of(stream) not in models:
            await stream.abort(grpc.StatusCode.INVALID_ARGUMENT, "model not supported for language : iw-IL.")
        await then(stream)

    return script


async def greet(stream: ServedStream) -> None:
    await stream.hear(1)
    await stream.say({"text": "שלום"})
    await stream.hear_all()


DEFAULT_ONLY = knows({("default", True), ("default", False)})


def speech(server: FakeSpeechServer, **more: Any) -> GoogleSpeechSettings:
    return GoogleSpeechSettings(emulator_host=server.address, **more)


@asynccontextmanager
async def recognizing(
    server: FakeSpeechServer, **more: Any
) -> AsyncIterator[tuple[FakeSpeechServer, GoogleRecognizer]]:
    async with serving(server), google_recognizer(speech(server, **more)) as recognizer:
        yield server, recognizer


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "[STT]" in record.getMessage()]


async def test_a_model_that_is_refused_at_the_first_audio_is_passed_over_at_start(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """[STT-14] Opening a stream proves nothing; only audio brings the refusal out."""
    caplog.set_level(logging.INFO)
    async with serving(FakeSpeechServer(DEFAULT_ONLY)) as server, google_recognizer(speech(server)) as recognizer:
        assert (recognizer.model, recognizer.language) == ("default", "iw-IL")
        assert [model_of(each) for each in server.streams] == [
            ("phone_call", True),
            ("phone_call", False),
            ("default", True),
        ]
        assert recognizer.open_streams == 0
    assert lines(caplog) == [
        "⚠️ [STT] Model 'phone_call' not available for iw-IL, trying next…",
        "✅ [STT] Selected model: default (enhanced=True)",
    ]


async def test_chirp_is_asked_over_v2_at_the_endpoints_location() -> None:
    async with (
        serving(FakeSpeechServer(knows({("chirp_3", False)}, greet))) as server,
        google_recognizer(speech(server, model="chirp_3", project="p")) as recognizer,
    ):
        assert recognizer.model == "chirp_3"
        stream = await recognizer.open_stream()
        stream.send(FRAME)
        assert (await anext(aiter(stream))).text == "שלום"
        await stream.cancel()
        assert server.streams[-1].version is v2
        assert server.streams[-1].recognizer == "projects/p/locations/eu/recognizers/_"


async def test_the_limits_are_those_of_the_model_in_use() -> None:
    chirp = FakeSpeechServer(knows({("chirp_3", False)}))
    async with recognizing(chirp, model="chirp_3", project="p") as (server, recognizer):
        assert recognizer.profile == SpeechV2.profile
        server.script = knows({("default", True)})
        await failure_of(recognizer)
        assert (recognizer.model, recognizer.profile) == ("phone_call", SpeechV1.profile)


async def test_without_chirp_v1_answers() -> None:
    async with (
        serving(FakeSpeechServer(DEFAULT_ONLY)) as server,
        google_recognizer(speech(server, model="chirp_3", project="p")) as recognizer,
    ):
        assert recognizer.model == "default"
        assert [each.version for each in server.streams] == [v2, v1, v1, v1]


async def test_an_unreachable_endpoint_falls_to_the_global_one_loudly(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(FakeSpeechServer(DEFAULT_ONLY)) as server:
        settings = GoogleSpeechSettings(emulator_host=NOWHERE)
        async with google_recognizer(settings, fallback=GoogleEndpoint(server.address, plain=True)) as recognizer:
            stream = await recognizer.open_stream()
            await stream.cancel()
            assert recognizer.model == "default"
    assert [record.levelname for record in caplog.records if NOWHERE in record.getMessage()] == ["ERROR"]


async def test_an_endpoint_that_refuses_every_model_falls_to_the_global_one() -> None:
    async with (
        serving(FakeSpeechServer(knows(set()))) as here,
        serving(FakeSpeechServer(DEFAULT_ONLY)) as there,
        google_recognizer(speech(here), GoogleEndpoint(there.address, plain=True)) as recognizer,
    ):
        before = len(here.streams)
        stream = await recognizer.open_stream()
        stream.send(FRAME)
        stream.finish()
        assert [each async for each in stream] == []
        assert len(here.streams) == before


async def test_when_nothing_answers_calls_try_the_model_that_knows_every_language(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The service starts all the same: by the time of the next call the recognizer may be back."""
    async with asyncio.timeout(5), google_recognizer(GoogleSpeechSettings(emulator_host=NOWHERE)) as recognizer:
        assert recognizer.model == "default"
        with pytest.raises(VendorUnavailable):
            await recognizer.open_stream()
        with pytest.raises(VendorUnavailable):
            await recognizer.recognize(FRAME)
        assert recognizer.open_streams == 0
    assert "❌ [STT] No model was accepted; calls will try 'default'" in lines(caplog)


async def test_probes_that_get_no_answer_end_in_time() -> None:
    async def mute(_: ServedStream) -> None:
        await asyncio.Event().wait()

    server = FakeSpeechServer(mute)
    async with asyncio.timeout(5), recognizing(server, probe_s=0.05, probes_s=1) as (_, recognizer):
        assert (recognizer.model, recognizer.open_streams) == ("default", 0)


async def test_a_model_withdrawn_during_a_call_is_replaced_for_the_next_stream(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """[STT-14] The failed stream is one that opening again helps, and then it does."""
    async with recognizing(FakeSpeechServer(knows({("phone_call", True)}))) as (server, recognizer):
        assert recognizer.model == "phone_call"
        server.script = knows({("default", True)}, greet)
        for expected in ("phone_call", "default"):
            assert recognizer.model == expected
            stream = await recognizer.open_stream()
            stream.send(FRAME)
            if expected == "default":
                assert (await anext(aiter(stream))).text == "שלום"
            else:
                with pytest.raises(VendorUnavailable):
                    await anext(aiter(stream))
            await stream.cancel()
    assert "✅ [STT] Selected model: default (enhanced=True)" in lines(caplog)


async def internal(stream: ServedStream) -> None:
    """As a refusal reads that met a write."""
    await stream.hear(1)
    await stream.abort(grpc.StatusCode.INTERNAL, "Internal error from Core")


async def failure_of(recognizer: GoogleRecognizer) -> VendorError | None:
    """What the next stream ends with when a frame is sent; None if it is answered."""
    stream = await recognizer.open_stream()
    try:
        stream.send(FRAME)
        await anext(aiter(stream))
    except VendorError as error:
        return error
    finally:
        await stream.cancel()
    return None


async def test_two_refusals_that_met_a_write_change_the_model(caplog: pytest.LogCaptureFixture) -> None:
    """They read as INTERNAL, and the server's own word is lost; one alone may be an accident."""
    async with recognizing(FakeSpeechServer(knows({("phone_call", True)}))) as (server, recognizer):
        server.script = internal
        for model_afterwards in ("phone_call", "default"):
            assert type(await failure_of(recognizer)) is VendorUnavailable
            assert recognizer.model == model_afterwards
        server.script = knows({("default", True)}, greet)
        assert await failure_of(recognizer) is None
    assert lines(caplog)[-2:] == [
        "⚠️ [STT] Model 'phone_call' not available for iw-IL, trying next…",
        "✅ [STT] Selected model: default (enhanced=True)",
    ]


async def test_two_accidents_with_an_answer_between_them_change_nothing() -> None:
    async with recognizing(FakeSpeechServer(knows({("phone_call", True)}))) as (server, recognizer):
        for script in (internal, greet, internal):
            server.script = script
            await failure_of(recognizer)
        assert recognizer.model == "phone_call"


async def test_internal_errors_of_streams_that_were_accepted_change_nothing() -> None:
    """After a result, or later than any refusal comes, the configuration is not what is wrong."""

    async def breaks_after_a_result(stream: ServedStream) -> None:
        await stream.hear(1)
        await stream.say({"text": "שלום"})
        await stream.abort(grpc.StatusCode.INTERNAL)

    async def breaks_late(stream: ServedStream) -> None:
        await stream.hear(1)
        await asyncio.sleep(0.1)
        await stream.abort(grpc.StatusCode.INTERNAL)

    limits = StreamLimits(first_audio_after_s=0.01, refused_within_s=0.05)
    async with recognizing(FakeSpeechServer(knows({("phone_call", True)})), limits=limits) as (server, recognizer):
        for script in (breaks_after_a_result, breaks_late):
            server.script = script
            for _ in range(3):
                stream = await recognizer.open_stream()
                stream.send(FRAME)
                with pytest.raises(VendorUnavailable):
                    async for _ in stream:
                        pass
        assert recognizer.model == "phone_call"


async def test_a_refusal_that_met_a_write_with_no_model_left_is_a_refusal() -> None:
    """So that the breaker of the instance counts it, and spares the next callers."""
    async with recognizing(FakeSpeechServer(knows({("default", False)}))) as (server, recognizer):
        server.script = internal
        assert [type(await failure_of(recognizer)) for _ in range(4)] == [VendorUnavailable, VendorRefused] * 2
        assert recognizer.model == "default"


async def test_a_model_that_is_refused_in_disguise_at_start_is_passed_over() -> None:
    """And an endpoint that refuses every model so is not taken for one that does not answer."""
    async with (
        serving(FakeSpeechServer(internal)) as here,
        serving(FakeSpeechServer(DEFAULT_ONLY)) as there,
        google_recognizer(speech(here), GoogleEndpoint(there.address, plain=True)) as recognizer,
    ):
        assert recognizer.model == "default"
        assert len(here.streams) == 2 * 4, "each model and variant twice"
        stream = await recognizer.open_stream()
        await stream.cancel()
        assert len(here.streams) == 2 * 4, "the calls go elsewhere"


async def test_with_no_model_left_a_refusal_is_a_refusal() -> None:
    async with recognizing(FakeSpeechServer(knows({("default", False)}))) as (server, recognizer):
        server.script = knows(set())
        stream = await recognizer.open_stream()
        stream.send(FRAME)
        with pytest.raises(VendorRefused):
            await anext(aiter(stream))
        await stream.cancel()


async def test_a_missing_permission_changes_no_model() -> None:
    async def forbidden(stream: ServedStream) -> None:
        await stream.hear(1)
        await stream.abort(grpc.StatusCode.PERMISSION_DENIED)

    async with recognizing(FakeSpeechServer(knows({("phone_call", True)}))) as (server, recognizer):
        server.script = forbidden
        stream = await recognizer.open_stream()
        stream.send(FRAME)
        with pytest.raises(VendorRefused):
            await anext(aiter(stream))
        assert recognizer.model == "phone_call"
        await stream.cancel()


async def test_more_streams_than_a_connection_takes_all_get_their_results() -> None:
    """[STT-12] 130 calls against a server that allows 100 streams on a connection."""
    async with (
        recognizing(FakeSpeechServer(greet, streams_per_connection=100), max_streams=130) as (server, recognizer),
        asyncio.timeout(10),
    ):
        streams = await asyncio.gather(*(recognizer.open_stream() for _ in range(130)))
        for stream in streams:
            stream.send(FRAME)
        heard = await asyncio.gather(*(anext(aiter(stream)) for stream in streams))
        assert [each.text for each in heard] == ["שלום"] * 130
        assert recognizer.open_streams == server.active == 130
        await asyncio.gather(*(stream.cancel() for stream in streams))
        assert recognizer.open_streams == 0


async def test_beyond_all_channels_a_stream_is_refused_at_once() -> None:
    async with recognizing(FakeSpeechServer(greet), max_streams=100) as (_, recognizer):
        streams = [await recognizer.open_stream() for _ in range(100)]
        with pytest.raises(VendorExhausted):
            await recognizer.open_stream()
        await asyncio.gather(*(stream.cancel() for stream in streams))


def answering(*texts: str) -> Callable[[Any], Any]:
    replies = iter(texts)

    def single(_: Any) -> Any:
        end = {"seconds": 2}
        return v1.RecognizeResponse(results=[{"alternatives": [{"transcript": next(replies)}], "result_end_time": end}])

    return single


async def test_a_single_request_recognizes_one_utterance() -> None:
    server = FakeSpeechServer(DEFAULT_ONLY, answering("כן, מחר בבוקר"))
    async with serving(server), google_recognizer(speech(server)) as recognizer:
        audio = bytes(range(256)) * 40
        heard = await recognizer.recognize(audio)
        assert heard.results == [
            RecognitionResult("כן, מחר בבוקר", is_final=True, end_s=2.0, recognizer="google_single")
        ]
        assert heard.recognizer == "google_single"
        (request,) = server.single_requests
        assert request.audio.content == linear16(audio)
        assert request.config.language_code == "iw-IL"
        assert recognizer.open_streams == 0


async def test_audio_longer_than_a_request_takes_is_cut() -> None:
    server = FakeSpeechServer(DEFAULT_ONLY, answering("אחד", "שתיים"))
    async with serving(server), google_recognizer(speech(server)) as recognizer:
        heard = await recognizer.recognize(bytes(60 * 8000))
        assert [(each.text, each.end_s) for each in heard.results] == [("אחד", 2.0), ("שתיים", 57.0)]
        assert [len(each.audio.content) for each in server.single_requests] == [55 * 16000, 5 * 16000]


async def test_a_single_request_moves_on_from_a_refused_model() -> None:
    def single(request: Any) -> Any:
        return grpc.StatusCode.INVALID_ARGUMENT if request.config.use_enhanced else v1.RecognizeResponse()

    server = FakeSpeechServer(DEFAULT_ONLY, single)
    async with serving(server), google_recognizer(speech(server)) as recognizer:
        assert (await recognizer.recognize(FRAME)).results == []
        assert [each.config.use_enhanced for each in server.single_requests] == [True, False]
        server.single = lambda _: grpc.StatusCode.INVALID_ARGUMENT
        with pytest.raises(VendorRefused):
            await recognizer.recognize(FRAME)
        server.single = lambda _: grpc.StatusCode.RESOURCE_EXHAUSTED
        with pytest.raises(VendorExhausted):
            await recognizer.recognize(FRAME)


async def test_a_single_request_without_an_answer_is_given_up() -> None:
    """[STT-15] The client library would wait for over an hour."""
    server = FakeSpeechServer(DEFAULT_ONLY, single=lambda _: None)
    async with serving(server), google_recognizer(speech(server, request_timeout_s=0.1)) as recognizer:
        async with asyncio.timeout(2):
            with pytest.raises(VendorUnavailable, match="DEADLINE_EXCEEDED"):
                await recognizer.recognize(FRAME)
        assert recognizer.open_streams == 0
