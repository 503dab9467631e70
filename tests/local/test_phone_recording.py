"""The recording of a call, and the codec that it is written with."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from local import g711
from local.recording import Recording
from local.twilio.line import Piece
from local.utterance_audio import SILENT_FRAME, frames, utterance


def sine(hz: float, rate_hz: int, seconds: float = 0.5) -> np.ndarray:
    return 8000 * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)


def test_every_mu_law_code_survives_decoding_and_encoding() -> None:
    codes = bytes(range(256))
    again = g711.encode(g711.decode(codes))
    # 0x7F is minus zero; there is only one zero in linear samples.
    assert again == codes[:0x7F] + b"\xff" + codes[0x80:]


def test_mu_law_has_the_standards_own_values() -> None:
    """From the tables of ITU-T G.711."""
    assert g711.decode(b"\x00\x0f\x80\x8f\xff\x7f").tolist() == [-32124, -16764, 32124, 16764, 0, 0]


def test_speech_is_told_from_line_noise_by_its_level() -> None:
    noise, speech = (g711.encode((sine(300, 8000, 0.02) * scale).astype(np.int16)) for scale in (0.005, 0.1))
    assert g711.voiced_windows(noise + speech + speech[:40]) == [False, True, True]


def test_the_caller_is_left_and_the_assistant_right_on_one_timeline() -> None:
    loud = bytes([0x00]) * 8
    recording = Recording(caller=(Piece(0.001, loud),), assistant=(Piece(0.002, loud), Piece(0.004, loud)))

    samples = recording.samples()

    assert samples[:, 0].nonzero()[0].tolist() == list(range(8, 16))
    assert samples[:, 1].nonzero()[0].tolist() == [*range(16, 24), *range(32, 40)]


def test_a_call_without_sound_is_saved_as_a_short_file(tmp_path: Path) -> None:
    Recording((), ()).save(tmp_path / "new" / "call.wav")
    with wave.open(str(tmp_path / "new" / "call.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 1)


def test_audio_is_cut_into_whole_frames() -> None:
    cut = frames(b"\x10" * 161)
    assert [len(frame.audio) for frame in cut] == [160, 160]
    assert cut[1].audio == b"\x10" + b"\xff" * 159
    assert frames(b"\xff" * 160) == (SILENT_FRAME,)


def test_an_utterance_knows_where_its_words_end() -> None:
    said = utterance("a", b"\xff" * 320 + b"\x10" * 320 + b"\xff" * 480)
    assert (said.last_voiced, len(said.frames)) == (3, 7)
    with pytest.raises(ValueError, match="nothing can be heard"):
        utterance("a", b"\xff" * 320)
