import asyncio
import re
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from google.cloud.texttospeech_v1.types import cloud_tts
from hypothesis import given
from hypothesis import strategies as st

from media_service.adapters.google_tts import (
    LONGEST_TEXT_BYTES,
    SURE_SENTENCE_CHARS,
    GoogleVoiceSettings,
    google_synthesizer,
    pieces,
    raw_audio,
    with_short_sentences,
)
from media_service.errors import VendorExhausted, VendorRefused, VendorUnavailable

Answer = Callable[[Any], bytes | grpc.StatusCode | None]


class FakeTtsServer:
    """Answers with audio, with a status, or (None) not at all."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[Any] = []
        self.deadlines: list[float] = []

    async def synthesize(self, request: Any, context: Any) -> Any:
        self.requests.append(request)
        self.deadlines.append(context.time_remaining())
        answer = self.answer(request)
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, grpc.StatusCode):
            await context.abort(answer, "as scripted")
        return cloud_tts.SynthesizeSpeechResponse(audio_content=answer)


@asynccontextmanager
async def speaking(
    answer: Answer, **more: Any
) -> AsyncIterator[tuple[FakeTtsServer, Callable[[str], Awaitable[bytes]]]]:
    fake = FakeTtsServer(answer)
    handler = grpc.unary_unary_rpc_method_handler(
        fake.synthesize,
        request_deserializer=cloud_tts.SynthesizeSpeechRequest.deserialize,
        response_serializer=cloud_tts.SynthesizeSpeechResponse.serialize,
    )
    server = grpc.aio.server()
    service = grpc.method_handlers_generic_handler(
        "google.cloud.texttospeech.v1.TextToSpeech", {"SynthesizeSpeech": handler}
    )
    server.add_generic_rpc_handlers([service])
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        async with google_synthesizer(GoogleVoiceSettings(emulator_host=address, **more)) as synthesizer:
            yield fake, synthesizer.synthesize
    finally:
        await server.stop(grace=None)


def once(first: bytes | grpc.StatusCode | None, then: bytes | grpc.StatusCode | None) -> Answer:
    answers = iter([first, then])
    return lambda _: next(answers)


def wav(audio: bytes, *, code: int = 7, rate_hz: int = 8000, data_size: int | None = None, extra: bytes = b"") -> bytes:
    fmt = struct.pack("<HHIIHHH", code, 1, rate_hz, rate_hz, 1, 8, 0)
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + extra
    body += b"data" + struct.pack("<I", len(audio) if data_size is None else data_size) + audio
    return b"RIFF" + struct.pack("<I", len(body)) + body


FACT = b"fact" + struct.pack("<II", 4, 3)
ODD_CHUNK = b"LIST" + struct.pack("<I", 3) + b"abc\x00"


async def test_the_voice_is_asked_for_as_the_operators_set_it() -> None:
    async with speaking(lambda _: b"\x11\x12", voice="he-IL-Wavenet-D", rate=0.96, pitch=-2.0) as (server, synthesize):
        assert await synthesize("\u200fשלום\u202c ") == b"\x11\x12"
    (request,) = server.requests
    assert request.input.text == "שלום"
    assert (request.voice.name, request.voice.language_code) == ("he-IL-Wavenet-D", "he-IL")
    audio = request.audio_config
    assert (audio.audio_encoding, audio.sample_rate_hertz) == (cloud_tts.AudioEncoding.MULAW, 8000)
    assert (audio.speaking_rate, audio.pitch) == (0.96, -2.0)


async def test_a_chirp_voice_gets_no_pitch() -> None:
    async with speaking(lambda _: b"\x11", voice="he-IL-Chirp3-HD-Kore", pitch=-2.0) as (server, synthesize):
        await synthesize("שלום")
    assert server.requests[0].audio_config.pitch == 0.0
    assert server.requests[0].voice.language_code == "he-IL"


@pytest.mark.parametrize("text", ["", "  \n", "\u200e\u202a"])
async def test_nothing_to_say_is_refused_before_it_is_sent(text: str) -> None:
    async with speaking(lambda _: b"\x11") as (server, synthesize):
        with pytest.raises(VendorRefused):
            await synthesize(text)
        assert server.requests == []


async def test_one_failure_is_repeated_and_a_second_is_not() -> None:
    async with speaking(once(grpc.StatusCode.UNAVAILABLE, b"\x11")) as (server, synthesize):
        assert await synthesize("שלום") == b"\x11"
        assert len(server.requests) == 2
    async with speaking(lambda _: grpc.StatusCode.UNAVAILABLE) as (server, synthesize):
        with pytest.raises(VendorUnavailable):
            await synthesize("שלום")
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, VendorRefused),
        (grpc.StatusCode.PERMISSION_DENIED, VendorRefused),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, VendorExhausted),
    ],
)
async def test_what_asking_again_does_not_help_is_asked_once(
    status: grpc.StatusCode, expected: type[Exception]
) -> None:
    async with speaking(lambda _: status) as (server, synthesize):
        with pytest.raises(expected):
            await synthesize("שלום")
        assert len(server.requests) == 1


async def test_a_slow_attempt_is_given_up_for_a_second_one() -> None:
    """[LLM-01] The client library has no time-out of its own, and the caller would hear nothing."""
    async with speaking(once(None, b"\x11"), first_attempt_s=0.1) as (_, synthesize):
        assert await synthesize("שלום") == b"\x11"
    async with asyncio.timeout(2), speaking(lambda _: None, first_attempt_s=0.1, timeout_s=0.2) as (_, synthesize):
        with pytest.raises(VendorUnavailable):
            await synthesize("שלום")


async def test_a_longer_text_has_more_time_up_to_the_bound_of_all_requests() -> None:
    async with speaking(lambda _: b"\x11", request_timeout_s=7.0) as (server, synthesize):
        await synthesize("שלום")
        await synthesize("א" * 600)
        await synthesize("א" * 2000)
    assert [round(each) for each in server.deadlines] == [3, 6, 7]


async def test_silence_in_return_is_a_failure() -> None:
    async with speaking(lambda _: b"") as (_, synthesize):
        with pytest.raises(VendorUnavailable):
            await synthesize("שלום")


async def test_a_text_longer_than_a_request_takes_is_spoken_in_order() -> None:
    sentence = "אנחנו עובדים בימים ראשון עד חמישי. "
    async with speaking(lambda request: request.input.text.encode()) as (server, synthesize):
        audio = await synthesize(sentence * 200)
    texts = [request.input.text for request in server.requests]
    assert audio.decode() == "".join(texts)
    assert " ".join(texts) == (sentence * 200).strip()
    assert all(len(text.encode()) <= LONGEST_TEXT_BYTES and text.endswith(".") for text in texts)


def refuses_sentences_over(chars: int) -> Answer:
    """As the real one does, by its own idea of a sentence; what it takes it gives back."""

    def answer(request: Any) -> bytes | grpc.StatusCode:
        text: str = request.input.text
        too_long = any(len(sentence) > chars for sentence in re.split(r"(?<=[.!?])\s", text))
        return grpc.StatusCode.INVALID_ARGUMENT if too_long else text.encode()

    return answer


CLAUSE = "אם הבנתי נכון אתם צריכים הצעת מחיר למזגן חדש לסלון,"


async def test_a_sentence_that_is_refused_as_too_long_is_cut_at_commas_and_spoken_whole() -> None:
    sentence = " ".join([CLAUSE] * 7)
    async with speaking(refuses_sentences_over(300)) as (server, synthesize):
        audio = (await synthesize(f"שלום. {sentence} נכון? תודה. להתראות.")).decode()
    refused, *spoken = [request.input.text for request in server.requests]
    assert audio == "".join(spoken)
    assert " ".join(spoken) == refused == f"שלום. {sentence} נכון? תודה. להתראות."
    assert spoken[0] == "שלום." and spoken[-1] == "תודה. להתראות.", "short sentences stay together"
    assert all(part.endswith((",", ".", "?")) for part in spoken)


async def test_a_text_without_any_mark_is_cut_at_spaces_when_it_is_refused() -> None:
    text = " ".join(["מילה"] * 80)
    async with speaking(refuses_sentences_over(300)) as (server, synthesize):
        await synthesize(text)
    spoken = [request.input.text for request in server.requests[1:]]
    assert " ".join(spoken) == text
    assert all(len(part) <= SURE_SENTENCE_CHARS for part in spoken)


async def test_a_text_that_is_refused_again_is_not_asked_for_a_third_time() -> None:
    """And whoever asked says so: it is an error, and not audio with a hole."""
    async with speaking(lambda _: grpc.StatusCode.INVALID_ARGUMENT) as (server, synthesize):
        with pytest.raises(VendorRefused, match=r"INVALID_ARGUMENT .*\(also in 4 parts\)"):
            await synthesize(" ".join([CLAUSE] * 7))
        assert len(server.requests) == 2


async def test_only_a_bad_text_is_cut_and_not_a_missing_permission() -> None:
    async with speaking(lambda _: grpc.StatusCode.PERMISSION_DENIED) as (server, synthesize):
        with pytest.raises(VendorRefused):
            await synthesize(" ".join([CLAUSE] * 7))
        assert len(server.requests) == 1


@given(st.text(alphabet="אב, .!?\nc", max_size=300), st.integers(2, 60))
def test_cut_sentences_hold_every_letter_in_order_and_none_is_too_long(text: str, longest: int) -> None:
    parts = with_short_sentences(text.strip(), longest)
    assert "".join("".join(parts).split()) == "".join(text.split())
    sentences = [sentence for part in parts for sentence in re.split(r"(?<=[.!?])\s+", part)]
    assert all(0 < len(sentence) <= longest for sentence in sentences)


@pytest.mark.parametrize(
    "file",
    [
        wav(b"\x01\x02\x03"),
        wav(b"\x01\x02\x03", extra=FACT),
        wav(b"\x01\x02\x03", extra=ODD_CHUNK),
        wav(b"\x01\x02\x03", data_size=0),
        wav(b"\x01\x02\x03", data_size=0xFFFFFFFF),
        b"\x01\x02\x03",
    ],
)
def test_only_samples_are_left_of_a_file(file: bytes) -> None:
    """A header played to a caller is a click, and Twilio forbids it."""
    assert raw_audio(file) == b"\x01\x02\x03"


@pytest.mark.parametrize(
    "file", [wav(b"\x01", code=1), wav(b"\x01", rate_hz=24000), b"RIFF\0\0\0\0WAVE", wav(b"")[:30]]
)
def test_a_file_of_another_kind_is_not_played(file: bytes) -> None:
    with pytest.raises(VendorUnavailable):
        raw_audio(file)


def test_a_short_text_is_one_piece_and_a_long_one_is_cut_at_sentence_ends() -> None:
    assert list(pieces("שלום. מה שלומך?", 100)) == ["שלום. מה שלומך?"]
    assert list(pieces("One. Two! Three? Four", 10)) == ["One. Two!", "Three?", "Four"]


def test_a_sentence_that_is_too_long_is_cut_at_spaces_and_a_word_anywhere() -> None:
    assert list(pieces("aaa bbb ccc", 7)) == ["aaa bbb", "ccc"]
    assert "".join(pieces("א" * 50, 10)) == "א" * 50


@given(st.text(alphabet="אב. !\nc", max_size=200), st.integers(8, 60))
def test_no_piece_is_too_long_and_no_letter_is_lost(text: str, longest: int) -> None:
    parts = list(pieces(text.strip(), longest))
    assert all(0 < len(part.encode()) <= longest for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
