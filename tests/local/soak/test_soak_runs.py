"""What the soak runs draw is the same for the same seed, and what they judge by is what was promised."""

from __future__ import annotations

import random

from local.soak.conversations import monologue, said_by, with_noise_of_its_own
from local.soak.disorder import drawn
from local.soak.growth import Use, holds
from local.standins.speech.faults import Break, Faults, Stall


def test_a_seed_gives_one_conversation_and_another_seed_another() -> None:
    first, again, other = (monologue(random.Random(seed), 20, (0.8, 1.2), 0) for seed in (1, 1, 2))

    assert first == again
    assert said_by(first.steps) != said_by(other.steps)
    assert len(set(said_by(first.steps))) == 20, "no phrase twice before all have been said"


def test_the_noise_of_a_soaked_line_never_repeats() -> None:
    ready = with_noise_of_its_own(monologue(random.Random(1), 1, (0.8, 1.2), 0, limit_s=20.0), seed=1)
    frames = [frame.audio for frame in ready.quiet]

    assert len(frames) >= 20.0 * 50
    assert len(set(frames)) == len(frames)


def test_every_fault_that_is_drawn_is_one_the_stand_in_knows() -> None:
    dice = random.Random(1)
    for fault in (drawn(dice) for _ in range(200)):
        order = dict(fault.order)
        if cut := order.pop("cut_open", None):
            Break(**cut)
        if stall := order.pop("stall_open", None):
            Stall(**stall)
        assert Faults().changed(order).changed(fault.take_back) is not None
        assert (fault.lasts_s > 0) == bool(fault.take_back)


def test_growth_is_what_stays_after_the_calls_are_over() -> None:
    start, early = Use(0, 100.0, 10, 30, 0), Use(100, 130.0, 10, 31, 0)

    assert holds([start, early, Use(500, 131.0, 10, 31, 0)])
    assert not holds([start, early, Use(500, 160.0, 10, 31, 0)])
    assert not holds([start, early, Use(500, 131.0, 30, 31, 0)])
    assert not holds([start, early, Use(500, 131.0, 10, 90, 0)])
    assert not holds([start, early, Use(500, 131.0, 10, 31, 1)])
