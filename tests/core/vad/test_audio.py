import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_service.core.vad.audio import (
    SILENCE_BYTE,
    decode_mulaw,
    decode_unit,
    duration_s,
    encode_mulaw,
    faint_mean_square,
    linear16,
    mean_square,
)


@pytest.mark.parametrize(
    ("code", "sample"),
    [
        # ITU-T G.711, table 2a and 2b, decoder output values times four (16 bit instead of 14).
        (0x00, -32124), (0x01, -31100), (0x0F, -16764), (0x10, -15996), (0x1F, -8316), (0x20, -7932),
        (0x3F, -1980), (0x40, -1884), (0x5F, -396), (0x60, -372), (0x6F, -132), (0x70, -120), (0x7E, -8), (0x7F, 0),
        (0x80, 32124), (0x8F, 16764), (0x90, 15996), (0xBF, 1980), (0xE0, 372), (0xEF, 132), (0xFE, 8), (0xFF, 0),
    ],
)  # fmt: skip
def test_codes_mean_what_the_standard_says(code: int, sample: int) -> None:
    assert decode_mulaw(bytes([code])).tolist() == [sample]


def test_every_code_survives_the_way_to_samples_and_back() -> None:
    """But negative zero, which comes back as the zero that means silence on the wire."""
    codes = bytes(range(256))
    expected = bytearray(codes)
    expected[0x7F] = SILENCE_BYTE

    assert encode_mulaw(decode_mulaw(codes)) == bytes(expected)


@given(st.lists(st.integers(-32768, 32767), min_size=1))
def test_encoding_picks_the_nearest_level(samples: list[int]) -> None:
    levels = decode_mulaw(bytes(range(256))).astype(int)
    given_samples = np.array(samples, dtype=np.int16)
    decoded = decode_mulaw(encode_mulaw(given_samples)).astype(int)

    for sample, back in zip(samples, decoded.tolist(), strict=True):
        assert abs(back - sample) == np.abs(levels - sample).min()


def test_linear16_is_two_little_endian_bytes_a_sample() -> None:
    assert linear16(b"\x00\xff\x80") == (-32124).to_bytes(2, "little", signed=True) + b"\0\0" + (32124).to_bytes(
        2, "little", signed=True
    )


def test_nothing_has_no_energy_and_no_duration() -> None:
    assert mean_square(b"") == 0.0
    assert mean_square(b"\xff" * 160) == 0.0
    assert mean_square(b"\x00\x80") == pytest.approx(32124.0**2)
    assert duration_s(b"") == 0.0
    assert duration_s(b"\xff" * 4_000) == 0.5


def test_samples_may_be_had_with_full_scale_at_one() -> None:
    codes = bytes(range(256))

    assert (decode_unit(codes) * 32768).tolist() == decode_mulaw(codes).tolist()


def test_the_energy_of_faint_audio_is_exact_and_louder_audio_has_none() -> None:
    faint = [bytes([code]) for code in range(256) if abs(int(decode_mulaw(bytes([code]))[0])) <= 120]

    assert len(faint) == 32
    assert [faint_mean_square(code) for code in faint] == [mean_square(code) for code in faint]
    assert faint_mean_square(b"".join(faint)) == mean_square(b"".join(faint))
    assert faint_mean_square(b"") == 0.0
    assert all(
        faint_mean_square(b"\xff" + bytes([code]) + b"\xff") is None
        for code in range(256)
        if bytes([code]) not in faint
    )
