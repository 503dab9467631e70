"""Whether a voice is that of whoever holds the telephone, by how loud it is."""

import numpy as np
import pytest

from media_service.core.vad.audio import FRAME_BYTES, encode_mulaw
from media_service.core.vad.loudness import Loudness


def frame(dbfs: float) -> bytes:
    amplitude = 32768 * 10 ** (dbfs / 20)
    return encode_mulaw(np.full(FRAME_BYTES, amplitude, np.int16))


def heard(loudness: Loudness, dbfs: float, frames: int = 25) -> Loudness:
    loudness.begin()
    for _ in range(frames):
        loudness.hear(frame(dbfs))
    return loudness


def known(dbfs: float = -20.0) -> Loudness:
    loudness = heard(Loudness(), dbfs)
    loudness.learn()
    return loudness


def test_nothing_is_known_of_the_first_utterance() -> None:
    assert not heard(Loudness(), -50.0).is_far
    assert not heard(Loudness(), -50.0).is_quieter


@pytest.mark.parametrize(
    ("dbfs", "quieter", "far"),
    [(-20.0, False, False), (-25.0, False, False), (-27.0, True, False), (-31.0, True, True)],
)
def test_a_voice_is_compared_with_those_before(dbfs: float, quieter: bool, far: bool) -> None:
    loudness = heard(known(), dbfs)
    assert (loudness.is_quieter, loudness.is_far) == (quieter, far)


def test_one_frame_tells_nothing() -> None:
    assert not heard(known(), -45.0, frames=2).is_far


def test_a_caller_who_has_moved_away_from_the_telephone_is_the_usual_one_after_a_while() -> None:
    loudness = known(-20.0)
    for _ in range(3):
        heard(loudness, -33.0).learn()
    assert not heard(loudness, -33.0).is_far


def test_the_newest_sound_is_told_from_the_words_before_it() -> None:
    """A sentence, and then the television goes on behind it."""
    loudness = heard(known(), -20.0, frames=100)
    assert not loudness.has_gone_far
    for _ in range(100):
        loudness.hear(frame(-40.0))
    assert loudness.has_gone_far
    assert not loudness.is_far
