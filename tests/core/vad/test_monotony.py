import numpy as np
import pytest

from media_service.core.vad.audio import FRAME_BYTES, FRAME_S, SAMPLE_RATE_HZ
from media_service.core.vad.frame_features import band_powers
from media_service.core.vad.monotony import Monotony, MonotonySettings

SETTINGS = MonotonySettings(noise_s=0.2, tone_s=4.0, forgiven_s=1.5)
NOISE, TONE = 0.2, 0.95


def hiss(frames: int, seed: int = 0) -> list[np.ndarray]:
    samples = np.random.default_rng(seed).standard_normal((frames, FRAME_BYTES)) * 0.1
    return [band_powers(frame.astype(np.float32)) for frame in samples]


def hum(frames: int) -> list[np.ndarray]:
    samples = np.sin(np.arange(FRAME_BYTES) / SAMPLE_RATE_HZ * 2 * np.pi * 200).astype(np.float32)
    return [band_powers(samples)] * frames


def chord(frames: int) -> list[np.ndarray]:
    """Its shape stays, its loudness does not."""
    notes = 0.01 * np.linspace(1.0, 0.3, 12)
    return [(notes * 10 ** -(at % 25 / 20)).astype(np.float32) for at in range(frames)]


def syllables(frames: int) -> list[np.ndarray]:
    vowels = np.random.default_rng(5).uniform(-30.0, 0.0, (frames // 6 + 1, 12))
    return [(10 ** (vowels[at // 6] / 10) * 0.01).astype(np.float32) for at in range(frames)]


def verdict_after_s(monotony: Monotony, frames: list[np.ndarray], periodicity: float) -> float | None:
    for at, powers in enumerate(frames):
        monotony.hear(powers)
        monotony.sound(periodicity)
        if monotony.is_monotonous:
            return at * FRAME_S
    return None


def test_noise_has_little_time_and_a_tone_has_much() -> None:
    assert verdict_after_s(Monotony(SETTINGS), hiss(100), NOISE) == pytest.approx(0.4, abs=0.1)
    assert verdict_after_s(Monotony(SETTINGS), hum(300), TONE) == pytest.approx(4.2, abs=0.1)


def test_what_moves_is_never_monotonous() -> None:
    assert verdict_after_s(Monotony(SETTINGS), syllables(1000), TONE) is None
    assert verdict_after_s(Monotony(SETTINGS), syllables(1000), NOISE) is None


def test_hiss_and_hum_are_noise_to_learn_from_and_music_is_not() -> None:
    verdicts = {}
    for name, frames, periodicity in (("hiss", hiss(100), NOISE), ("hum", hum(300), TONE), ("chord", chord(400), TONE)):
        monotony = Monotony(SETTINGS)
        assert verdict_after_s(monotony, frames, periodicity) is not None, name
        verdicts[name] = monotony.is_noise

    assert verdicts == {"hiss": True, "hum": True, "chord": False}


def test_a_voice_over_the_music_ends_the_verdict_and_so_does_silence() -> None:
    for frames, periodicity in ((syllables(25), TONE), (None, 0.0)):
        monotony = Monotony(SETTINGS)
        verdict_after_s(monotony, chord(400), TONE)
        if frames is None:
            for _ in range(38):
                monotony.quiet()
        else:
            for powers in frames:
                monotony.hear(powers)
                monotony.sound(periodicity)
        assert not monotony.is_monotonous


def test_a_moment_of_silence_is_not_enough() -> None:
    monotony = Monotony(SETTINGS)
    verdict_after_s(monotony, chord(400), TONE)

    for _ in range(20):
        monotony.quiet()

    assert monotony.is_monotonous


@pytest.mark.parametrize("quiet_frames", [1, 7, 30])
def test_quiet_frames_may_be_told_several_at_a_time(quiet_frames: int) -> None:
    powers = np.array(hiss(quiet_frames, seed=1)) * np.float32(1e-4)
    verdicts = []
    for pieces in (np.array_split(powers, count) for count in (quiet_frames, 3, 1)):
        monotony = Monotony(SETTINGS)
        verdict_after_s(monotony, hiss(5), NOISE)
        for piece in pieces:
            if piece.size:
                monotony.hear(piece)
                monotony.quiet(piece.size // 12)
        verdicts.append(verdict_after_s(monotony, hiss(100, seed=2), NOISE))

    assert verdicts[0] is not None
    assert verdicts == [verdicts[0]] * 3


def test_a_shape_that_changes_while_it_is_quiet_ends_the_verdict() -> None:
    monotony = Monotony(SETTINGS)
    verdict_after_s(monotony, chord(400), TONE)

    monotony.hear(np.array(syllables(10)))
    monotony.quiet(10)

    assert not monotony.is_monotonous
