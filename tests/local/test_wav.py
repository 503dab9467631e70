"""Whatever WAV file somebody has becomes telephone audio, or they are told what it is instead."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from local import g711
from local.wav import read_wav

PCM, FLOAT, ALAW, MULAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
# The rest of the identifier of a format in an extensible header.
GUID = bytes.fromhex("000000001000800000aa00389b71")


def sine(hz: float, rate_hz: int, seconds: float = 0.5) -> np.ndarray:
    return 8000 * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)


def encoded(samples: np.ndarray, kind: int, bits: int) -> bytes:
    """Samples on the 16-bit scale."""
    if kind == FLOAT:
        return (samples / 32768).astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return (samples / 256 + 128).astype(np.uint8).tobytes()
    whole = np.rint(samples * 2.0 ** (bits - 16)).astype("<i4")
    return np.ascontiguousarray(whole).view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()


def wav(
    data: bytes, rate_hz: int = 8000, kind: int = PCM, bits: int = 16, channels: int = 1, *, extensible: bool = False
) -> bytes:
    frame = channels * bits // 8
    described = struct.pack(
        "<HHIIHH", EXTENSIBLE if extensible else kind, channels, rate_hz, rate_hz * frame, frame, bits
    )
    if extensible:
        described += struct.pack("<HHIH", 22, bits, 0, kind) + GUID
    chunks = b"fmt " + struct.pack("<I", len(described)) + described
    chunks += b"LIST" + struct.pack("<I", 3) + b"abc\0"  # of an odd length, and so padded
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def read(tmp_path: Path, content: bytes) -> bytes:
    (tmp_path / "my.wav").write_bytes(content)
    return read_wav(tmp_path / "my.wav")


def is_the_tone(audio: bytes) -> None:
    """440 Hz at 8000 of 32768, for half a second."""
    assert len(audio) == pytest.approx(4000, abs=1)
    spectrum = np.abs(np.fft.rfft(g711.decode(audio)))
    assert np.argmax(spectrum) * 8000 / len(audio) == pytest.approx(440, abs=3)
    assert np.abs(g711.decode(audio)).max() == pytest.approx(8000, rel=0.1)


@pytest.mark.parametrize("rate_hz", [4000, 8000, 11025, 16000, 44100, 48000, 96000])
def test_a_wav_file_keeps_its_length_and_pitch_at_any_rate(tmp_path: Path, rate_hz: int) -> None:
    is_the_tone(read(tmp_path, wav(encoded(sine(440, rate_hz), PCM, 16), rate_hz)))


@pytest.mark.parametrize("extensible", [False, True], ids=["plain", "extensible"])
@pytest.mark.parametrize(("kind", "bits"), [(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)])
def test_every_uncompressed_format_sounds_the_same(tmp_path: Path, kind: int, bits: int, extensible: bool) -> None:
    content = wav(encoded(sine(440, 16000), kind, bits), 16000, kind, bits, extensible=extensible)
    is_the_tone(read(tmp_path, content))


def test_telephone_audio_is_taken_as_it_is(tmp_path: Path) -> None:
    audio = g711.encode(sine(440, 8000).astype(np.int16))
    assert read(tmp_path, wav(audio, kind=MULAW, bits=8)) == audio


def test_channels_are_mixed(tmp_path: Path) -> None:
    both = np.stack([sine(440, 8000), np.zeros(4000)], axis=1)
    audio = read(tmp_path, wav(encoded(both.ravel(), PCM, 24), bits=24, channels=2))
    assert np.abs(g711.decode(audio)).max() == pytest.approx(4000, rel=0.1)


def test_what_a_telephone_cannot_carry_does_not_fold_back(tmp_path: Path) -> None:
    audio = read(tmp_path, wav(encoded(sine(7000, 16000), PCM, 16), 16000))
    assert not any(g711.voiced_windows(audio))


def test_floating_point_above_full_scale_is_clipped_and_nonsense_is_silence(tmp_path: Path) -> None:
    samples = np.array([4.0, -4.0, float("nan"), 0.0], "<f4")
    assert read(tmp_path, wav(samples.tobytes(), kind=FLOAT, bits=32)) == b"\x80\x00\xff\xff"


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF], ids=["zero", "the largest number"])
def test_a_length_that_the_writer_did_not_know_is_the_rest_of_the_file(tmp_path: Path, length: int) -> None:
    data = encoded(sine(440, 8000), PCM, 16)
    content = wav(data)
    at = content.index(b"data") + 4
    is_the_tone(read(tmp_path, content[:at] + struct.pack("<I", length) + data))


def test_half_a_sample_at_the_end_of_a_cut_file_is_left_out(tmp_path: Path) -> None:
    content = wav(encoded(sine(440, 8000), PCM, 24), bits=24)
    assert len(read(tmp_path, content[:-1])) == 3999


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"ID3\x04 and so on", "not a WAV file (it begins with b'ID3\\x04')"),
        (b"", "the file is empty"),
        (wav(b"\xd5" * 800, kind=ALAW, bits=8), "its sound is A-law, not PCM, floating point or mu-law"),
        (wav(b"\0" * 800, kind=0x1234), "its sound is format 4660"),
        (wav(b"\0" * 800, bits=12), "samples of 12 bits are not read"),
        (wav(b"", channels=0), "0 channels at 8000 Hz"),
        (wav(b"")[:-8], "without sound"),
        (wav(b"")[:30], "its format is cut off"),
    ],
    ids=["MP3", "empty", "A-law", "unknown", "12 bits", "no channel", "no data", "cut off"],
)
def test_a_file_that_cannot_be_read_is_named_with_the_true_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=r"my\.wav") as refused:
        read(tmp_path, content)
    assert reason in str(refused.value)
    assert "ffmpeg -i my.wav" in str(refused.value)
