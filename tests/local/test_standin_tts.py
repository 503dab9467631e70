"""The text-to-speech stand-in keeps the rules that Google documents, seen through Google's own client."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator

import aiohttp
import grpc
import pytest
from google.api_core import exceptions
from google.cloud import texttospeech_v1 as tts
from google.cloud.texttospeech_v1.services.text_to_speech.transports import TextToSpeechGrpcAsyncIOTransport

from local.standins.tts.server import Options, TtsStandIn
from media_service.core.vad.audio import mean_square

WAVENET = tts.VoiceSelectionParams(language_code="he-IL", name="he-IL-Wavenet-D")
CHIRP = tts.VoiceSelectionParams(language_code="he-IL", name="he-IL-Chirp3-HD-Kore")


@pytest.fixture
async def standin() -> AsyncIterator[tuple[TtsStandIn, tts.TextToSpeechAsyncClient, str]]:
    service = TtsStandIn(Options(delay_s=0.01))
    async with (
        service.serving() as address,
        grpc.aio.insecure_channel(f"127.0.0.1:{address.port}") as channel,
    ):
        client = tts.TextToSpeechAsyncClient(transport=TextToSpeechGrpcAsyncIOTransport(channel=channel))
        yield service, client, f"http://127.0.0.1:{address.control_port}"


async def _said(client, text="שלום", voice=WAVENET, encoding=tts.AudioEncoding.MULAW, **audio) -> bytes:
    response = await client.synthesize_speech(
        input=tts.SynthesisInput(text=text),
        voice=voice,
        audio_config=tts.AudioConfig(audio_encoding=encoding, sample_rate_hertz=8000, **audio),
        timeout=5,
    )
    return bytes(response.audio_content)


async def test_mulaw_comes_as_a_wav_file_with_a_header_of_58_bytes(standin) -> None:
    _, client, _ = standin
    audio = await _said(client)
    assert (audio[:4], audio[8:16]) == (b"RIFF", b"WAVEfmt ")
    assert struct.unpack("<IHHIIHHH", audio[16:38]) == (18, 7, 1, 8000, 8000, 1, 8, 0)
    assert audio[38:42] == b"fact"
    assert audio[50:54] == b"data"
    assert struct.unpack("<I", audio[54:58]) == (len(audio) - 58,)
    assert mean_square(audio[58:]) > 500**2


async def test_linear16_has_a_canonical_header_and_pcm_has_none(standin) -> None:
    _, client, _ = standin
    file = await _said(client, encoding=tts.AudioEncoding.LINEAR16)
    assert struct.unpack("<HHIIHH", file[20:36]) == (1, 1, 8000, 16000, 2, 16)
    assert await _said(client, encoding=tts.AudioEncoding.PCM) == file[44:]


@pytest.mark.parametrize("kind", [tts.AudioEncoding.MP3, tts.AudioEncoding.OGG_OPUS])
async def test_compressed_encodings_are_refused(standin, kind) -> None:
    _, client, _ = standin
    with pytest.raises(exceptions.InvalidArgument):
        await _said(client, encoding=kind)


async def test_a_slower_rate_makes_the_same_text_longer(standin) -> None:
    _, client, _ = standin
    ordinary, slow = await _said(client), await _said(client, speaking_rate=0.6)
    assert len(slow) > 1.3 * len(ordinary)


async def test_more_than_5000_bytes_are_refused_and_hebrew_letters_count_twice(standin) -> None:
    _, client, _ = standin
    with pytest.raises(exceptions.InvalidArgument, match="longer than the limit of 5000 bytes"):
        await _said(client, text="א" * 2501)


async def test_a_voice_that_does_not_exist_is_named(standin) -> None:
    _, client, _ = standin
    with pytest.raises(exceptions.InvalidArgument, match="Voice 'he-IL-Neural2-A' does not exist"):
        await _said(client, voice=tts.VoiceSelectionParams(language_code="he-IL", name="he-IL-Neural2-A"))


async def test_a_voice_of_another_language_is_refused(standin) -> None:
    _, client, _ = standin
    with pytest.raises(exceptions.InvalidArgument, match="Requested language code 'en-US' doesn't match"):
        await _said(client, voice=tts.VoiceSelectionParams(language_code="en-US", name="he-IL-Wavenet-D"))


async def test_ordered_refusals_strike_and_run_out(standin) -> None:
    _, client, control = standin
    async with aiohttp.ClientSession() as http:
        order = {"refuse": {"status": "RESOURCE_EXHAUSTED", "message": "Quota exceeded", "count": 1}}
        assert (await http.post(f"{control}/faults", json=order)).status == 200
        with pytest.raises(exceptions.ResourceExhausted, match="Quota exceeded"):
            await _said(client)
        assert await _said(client)
        state = await (await http.get(f"{control}/state")).json()
        assert (state["requests"], state["refused"], state["active"]) == (2, 1, 0)
        assert (await http.post(f"{control}/faults", json={"refues": {}})).status == 400


async def test_a_hanging_request_ends_with_the_clients_patience(standin) -> None:
    service, client, _ = standin
    service.change_faults({"hang": {"count": 1}})
    with pytest.raises(exceptions.DeadlineExceeded):
        await client.synthesize_speech(
            input=tts.SynthesisInput(text="שלום"),
            voice=WAVENET,
            audio_config=tts.AudioConfig(audio_encoding=tts.AudioEncoding.MULAW),
            timeout=0.2,
        )
    assert await _said(client)
