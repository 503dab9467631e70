import numpy as np
import pytest

from media_service.core.vad.audio import FRAME_BYTES
from media_service.core.vad.frame_features import band_powers, white_noise
from media_service.core.vad.noise_floor import NoiseFloor

LOWEST = white_noise(-62.0)


def floor() -> NoiseFloor:
    return NoiseFloor(at_start=white_noise(-40.0), lowest=LOWEST)


def noise(dbfs: float, frames: int, seed: int = 0) -> list[np.ndarray]:
    samples = np.random.default_rng(seed).standard_normal((frames, FRAME_BYTES)) * 10 ** (dbfs / 20)
    return [band_powers(frame.astype(np.float32)) for frame in samples]


def follow(noise_floor: NoiseFloor, frames: list[np.ndarray]) -> float:
    for powers in frames:
        noise_floor.follow(powers)
    return level(noise_floor)


def level(noise_floor: NoiseFloor) -> float:
    return float(10 * np.log10(noise_floor.powers.sum()))


def test_one_frame_of_a_quieter_line_ends_the_assumption_of_the_start() -> None:
    assert level(floor()) == pytest.approx(-40.0, abs=0.1)
    assert follow(floor(), noise(-55.0, 2)) < -52.0


@pytest.mark.parametrize("dbfs", [-58.0, -50.0, -42.0])
def test_steady_noise_is_known_to_two_decibels_within_two_seconds(dbfs: float) -> None:
    assert follow(floor(), noise(dbfs, 100)) == pytest.approx(dbfs, abs=2.0)


def test_the_floor_does_not_fall_below_the_lowest_line() -> None:
    noise_floor = floor()
    follow(noise_floor, [np.zeros_like(LOWEST)] * 500)

    assert np.array_equal(noise_floor.powers, LOWEST)


def test_a_sentence_does_not_become_its_own_floor_but_a_new_line_does() -> None:
    """Seven seconds are a sentence without a pause; after ten nobody has one."""
    noise_floor = floor()
    quiet = follow(noise_floor, noise(-55.0, 100))

    assert follow(noise_floor, noise(-20.0, 350, seed=1)) < quiet + 2.0
    assert follow(noise_floor, noise(-20.0, 150, seed=2)) == pytest.approx(-20.0, abs=2.0)


def test_noise_can_be_adopted_at_once_and_forgotten_at_once() -> None:
    noise_floor = floor()
    follow(noise_floor, noise(-60.0, 100) + noise(-30.0, 20, seed=1))

    noise_floor.adopt()

    assert level(noise_floor) == pytest.approx(-28.0, abs=3.0)
    assert follow(noise_floor, noise(-60.0, 100, seed=2)) < -55.0


def test_frames_may_be_followed_several_at_a_time() -> None:
    one_by_one, together = floor(), floor()
    frames = noise(-50.0, 37)
    follow(one_by_one, frames)

    for first in range(0, 37, 8):
        together.follow(np.array(frames[first : first + 8]))

    assert np.array_equal(together.powers, one_by_one.powers)
