"""A line of which every frame can be told from all others."""

import numpy as np

from evals.turns.line import Line
from media_service.core.vad.audio import decode_mulaw


def level(frame: bytes) -> float:
    return float(np.sqrt(np.mean((decode_mulaw(frame) / 32768.0) ** 2)))


def test_a_frame_tells_when_it_was_on_the_line() -> None:
    line = Line(np.random.default_rng(1))
    frames = [line.frame(number) for number in range(200)]

    assert len(set(frames)) == 200
    assert line.time_of(frames[150]) == 3.0
    assert line.time_of(b"\xff" * 160) is None


def test_a_frame_that_was_not_taken_is_not_known() -> None:
    line = Line(np.random.default_rng(1))
    other = Line(np.random.default_rng(2)).frame(0)

    assert line.time_of(other) is None


def test_what_is_placed_sounds_in_its_time_over_the_noise_of_the_line() -> None:
    line = Line(np.random.default_rng(1))
    line.place(1.0, np.full(800, 0.1))

    assert level(line.frame(49)) < 0.003
    assert level(line.frame(50)) > 0.09
    assert level(line.frame(55)) < 0.003
