"""What the decision says of the second vote, on both halves of the set."""

from collections.abc import Callable

import numpy as np
import pytest

from evals.speech_activity.confirmation import Confirmed, Rule, confirmed, rules
from evals.speech_activity.labelled import EITHER, HELD_BACK, NOTHING, SPEECH, TUNED_ON, Track, tracks
from media_service.core.vad.audio import FRAME_BYTES


@pytest.fixture(scope="module", params=[TUNED_ON, HELD_BACK], ids=["tuned on", "held back"])
def both(request: pytest.FixtureRequest) -> dict[str, Confirmed]:
    labelled = tracks(request.param)
    alone = [rule for rule in rules([]) if rule.name != "ours, 0.5 s of voice"]
    return {rule.name: confirmed(labelled, rule) for rule in alone}


def test_no_cough_breath_or_tune_is_confirmed_where_length_alone_takes_many(both: dict[str, Confirmed]) -> None:
    assert both["ours, 0.2 s of voice"].false > 30
    assert both["ours, and Silero while unconfirmed"].false == 0


def test_most_voices_are_confirmed_within_a_quarter_of_a_second(both: dict[str, Confirmed]) -> None:
    """The rest are whispers, and voices nearly as weak as their line's noise."""
    voices = both["ours, and Silero while unconfirmed"]

    assert np.median(voices.delays_s) <= 0.16
    assert voices.within(0.25) > 0.85
    assert voices.never <= 6


def at(*frames: int) -> Callable[[], Callable[[bytes], bool]]:
    """Takes these for a voice."""

    def start() -> Callable[[bytes], bool]:
        heard = 0

        def one(frame: bytes) -> bool:
            nonlocal heard
            heard += 1
            return heard - 1 in frames

        return one

    return start


def test_delays_and_false_confirmations_are_counted_from_the_labels() -> None:
    labels = np.array([NOTHING] * 100 + [EITHER] * 5 + [SPEECH] * 20 + [EITHER] * 5 + [NOTHING] * 70, np.int8)
    track = Track("one word", bytes(200 * FRAME_BYTES), labels, ((105, 124),))

    found = confirmed([track], Rule("right, and once wrong", at(10, 11, 112, 113, 114)))
    assert found.delays_s == pytest.approx([0.16])
    assert (found.false, found.never) == (1, 0)
    assert found.minutes_without_speech == pytest.approx(170 * 0.02 / 60)

    late = confirmed([track], Rule("after the word", at(160)))
    assert (late.delays_s, late.never, late.false) == ([], 1, 1)
    assert late.within(0.25) == 0.0
