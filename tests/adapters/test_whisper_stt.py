"""The real package with a real, if tiny, model: loading, recognizing, refusing."""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from media_service.adapters.whisper_stt import (
    WhisperRecognizer,
    WhisperSettings,
    doubled_rate,
    whisper_language,
    whisper_recognizer,
)
from media_service.core.vad.audio import SAMPLE_RATE_HZ, encode_mulaw
from media_service.errors import VendorExhausted, VendorRefused, VendorUnavailable
from tests.adapters.tiny_whisper import write_tiny_whisper

SENTENCE = "קוראים לי דנה לוי"
TWO_SECONDS = bytes([0x10, 0x90]) * 8000


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("whisper") / "model"
    write_tiny_whisper(folder, SENTENCE)
    return str(folder)


async def test_a_model_in_a_folder_is_loaded_and_recognizes(model: str) -> None:
    async with whisper_recognizer(WhisperSettings(model)) as whisper:
        heard = await whisper.recognize(TWO_SECONDS)
    (result,) = heard.results
    assert heard.recognizer == result.recognizer == "whisper"
    assert (result.text, result.is_final, result.end_s) == (SENTENCE, True, 2.0)
    assert result.confidence is not None
    assert 0.2 < result.confidence <= 1.0


@pytest.mark.parametrize(("tag", "language"), [("he-IL", "he"), ("iw-IL", "he"), ("en-US", "en"), (" AR ", "ar")])
def test_the_configured_language_is_spelt_as_whisper_spells_it(tag: str, language: str) -> None:
    assert whisper_language(tag) == language


async def test_a_language_that_the_model_does_not_know_is_found_out_at_the_start(model: str) -> None:
    """And not by the first caller whom nothing else recognizes."""
    with pytest.raises(VendorRefused, match="does not know the language 'xx'"):
        async with whisper_recognizer(WhisperSettings(model, "xx")):
            pass


async def test_calls_share_one_thread_and_it_ends_with_the_service(model: str) -> None:
    before = set(threading.enumerate())
    async with whisper_recognizer(WhisperSettings(model)) as whisper:
        heard = await asyncio.gather(*(whisper.recognize(TWO_SECONDS) for _ in range(4)))
        new = [thread for thread in threading.enumerate() if thread not in before]
        assert [thread.name for thread in new] == ["whisper_0"]
    assert [each.results[0].text for each in heard] == [SENTENCE] * 4
    new[0].join(timeout=5)
    assert not new[0].is_alive()


async def refused(model: str) -> str:
    with pytest.raises(VendorRefused) as refusal:
        async with whisper_recognizer(WhisperSettings(model)):
            pass
    return str(refusal.value)


async def test_a_model_that_is_not_there_is_named_and_not_downloaded() -> None:
    async with asyncio.timeout(10):
        assert "WHISPER_MODEL='no-such-model'" in await refused("no-such-model")
        assert "WHISPER_MODEL='tiny'" in await refused("tiny")


async def test_a_model_without_its_tokenizer_is_refused_rather_than_completed_from_the_network(tmp_path: Path) -> None:
    assert "tokenizer.json" in await refused(str(tmp_path))


async def test_a_broken_model_is_refused(model: str, tmp_path: Path) -> None:
    for name in ("config.json", "vocabulary.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((Path(model) / name).read_bytes())
    (tmp_path / "model.bin").write_bytes((Path(model) / "model.bin").read_bytes()[:2000])
    assert "cannot be loaded" in await refused(str(tmp_path))


async def test_a_missing_package_is_said_plainly(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    assert "faster-whisper is not installed" in await refused(model)


class SlowModel:
    """Recognizes when it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.languages: list[str] = []

    def transcribe(self, audio: np.ndarray, language: str, **_: object) -> tuple[list[SimpleNamespace], None]:
        self.languages.append(language)
        self.let.wait(10)
        return [SimpleNamespace(text=" שלום ", avg_logprob=-0.5)], None


async def test_more_than_the_queue_holds_is_refused_at_once_and_the_rest_is_served() -> None:
    slow = SlowModel()
    with concurrent.futures.ThreadPoolExecutor(1) as worker:
        whisper = WhisperRecognizer(slow, worker, WhisperSettings("", "en", queue=2))
        asked = [asyncio.create_task(whisper.recognize(TWO_SECONDS)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(VendorExhausted):
            await whisper.recognize(TWO_SECONDS)
        slow.let.set()
        assert [(await each).results[0].text for each in asked] == ["שלום", "שלום"]
        assert [each.text for each in (await whisper.recognize(TWO_SECONDS)).results] == ["שלום"]
    assert slow.languages == ["en"] * 3


async def test_a_caller_does_not_wait_for_ever_and_an_abandoned_utterance_keeps_its_place_until_it_is_done() -> None:
    slow = SlowModel()
    with concurrent.futures.ThreadPoolExecutor(1) as worker:
        whisper = WhisperRecognizer(slow, worker, WhisperSettings("", queue=1, timeout_s=0.05))
        with pytest.raises(VendorUnavailable, match=r"within 0\.05 s"):
            await whisper.recognize(TWO_SECONDS)
        with pytest.raises(VendorExhausted):
            await whisper.recognize(TWO_SECONDS)
        slow.let.set()


def tone(frequency_hz: float) -> bytes:
    times_s = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    return encode_mulaw((np.sin(2 * np.pi * frequency_hz * times_s) * 16000).astype(np.int16))


@pytest.mark.parametrize("frequency_hz", [200, 1000, 2500, 3400])
def test_doubling_the_rate_keeps_a_tone_and_adds_no_mirror_image(frequency_hz: int) -> None:
    """The image of the telephone band would lie between 4.6 and 7.8 kHz, where a model expects consonants."""
    doubled = doubled_rate(tone(frequency_hz))
    assert doubled.dtype == np.float32
    assert len(doubled) == 2 * SAMPLE_RATE_HZ
    middle = doubled[1000:-1000]
    loudness = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    hz = np.fft.rfftfreq(len(middle), 1 / (2 * SAMPLE_RATE_HZ))
    assert hz[loudness.argmax()] == pytest.approx(frequency_hz, abs=2)
    image = loudness[np.abs(hz - (8000 - frequency_hz)) < 50].max()
    assert image < loudness.max() / 100
    assert np.abs(middle).max() == pytest.approx(16000 / 32768, rel=0.05)


def test_no_audio_is_no_samples() -> None:
    assert len(doubled_rate(b"")) == 0
