import numpy as np
import pytest

from media_service.core.vad.audio import FRAME_BYTES, SAMPLE_RATE_HZ
from media_service.core.vad.frame_features import (
    BANDS,
    band_powers,
    is_click,
    is_key,
    line_noise,
    mean_square,
    periodicity,
    white_noise,
)

TIMES = np.arange(2 * FRAME_BYTES) / SAMPLE_RATE_HZ


def tone(hz: float) -> np.ndarray:
    return np.sin(2 * np.pi * hz * TIMES).astype(np.float32)


def noise(seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(2 * FRAME_BYTES) * 0.1).astype(np.float32)


@pytest.mark.parametrize("hz", [0.0, 50.0, 220.0, 1000.0, 3900.0])
def test_every_sound_has_power_in_some_band(hz: float) -> None:
    frame = np.cos(2 * np.pi * hz * TIMES[:FRAME_BYTES]).astype(np.float32)

    assert 0.25 < band_powers(frame).sum() < 2.0
    assert np.count_nonzero(band_powers(frame) > 0.1) in (1, 2)


def test_white_noise_is_spread_over_the_bands_by_their_width() -> None:
    measured = np.mean([band_powers(noise(seed)[:FRAME_BYTES]) for seed in range(400)], axis=0)

    assert white_noise(-20.0).sum() == pytest.approx(0.01, rel=0.01)
    assert measured / white_noise(-20.0) == pytest.approx(np.ones(BANDS), rel=0.5)
    assert (line_noise(-40.0, -30.0) >= white_noise(-40.0)).all()


@pytest.mark.parametrize("hz", [60.0, 110.0, 200.0, 390.0])
def test_what_repeats_itself_has_a_pitch_and_noise_has_none(hz: float) -> None:
    pulses = (np.floor(TIMES * hz) != np.floor((TIMES - 1 / SAMPLE_RATE_HZ) * hz)).astype(np.float32)

    assert periodicity(tone(hz)) > 0.95
    assert periodicity(np.convolve(pulses, np.exp(-np.arange(20) / 4), "same").astype(np.float32)) > 0.6
    assert max(periodicity(noise(seed)) for seed in range(50)) < 0.45
    assert periodicity(np.zeros(2 * FRAME_BYTES, np.float32)) == 0.0


@pytest.mark.parametrize(("row", "column"), [(697, 1209), (770, 1477), (941, 1336), (852, 1633)])
def test_two_tones_of_a_key_are_a_key_and_one_is_not(row: int, column: int) -> None:
    both = (tone(row) * 0.7 + tone(column))[:FRAME_BYTES]
    one = tone(row)[:FRAME_BYTES]
    others = (tone(440.0) + tone(1000.0))[:FRAME_BYTES]

    assert is_key(both, mean_square(both))
    assert not is_key(one, mean_square(one))
    assert not is_key(others, mean_square(others))


def test_five_milliseconds_are_a_click_and_a_vowel_is_not() -> None:
    click = np.zeros(FRAME_BYTES, np.float32)
    click[60:90] = noise()[:30]

    assert is_click(click)
    assert not is_click(tone(150.0)[:FRAME_BYTES])
    assert not is_click(noise()[:FRAME_BYTES])


def test_several_frames_have_the_powers_that_each_has_alone() -> None:
    frames = noise().reshape(2, FRAME_BYTES)

    assert band_powers(frames) == pytest.approx(np.array([band_powers(frame) for frame in frames]), rel=1e-4)
