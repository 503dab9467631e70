"""How long a caller's ordinary sentences are waited for, by how they have spoken so far."""

from hypothesis import given
from hypothesis import strategies as st

from media_service.core.turns.pace import Pace, PaceSettings

ORDINARY_S = 0.45


def test_nothing_known_changes_nothing() -> None:
    assert Pace().patience_s(ORDINARY_S) == ORDINARY_S


def test_a_caller_who_pauses_in_mid_sentence_is_given_longer() -> None:
    pace = Pace()
    pace.paused(0.8)
    assert pace.patience_s(ORDINARY_S) == 1.0


def test_gaps_between_words_and_long_silences_are_no_pauses() -> None:
    pace = Pace()
    for silence_s in (0.1, 0.2, 5.0):
        pace.paused(silence_s)
    assert pace.patience_s(ORDINARY_S) == ORDINARY_S


def test_one_long_pause_among_short_ones_is_no_habit() -> None:
    pace = Pace()
    for pause_s in (0.3, 0.9, 0.3):
        pace.paused(pause_s)
    assert pace.patience_s(ORDINARY_S) == ORDINARY_S


def test_who_never_pauses_is_answered_sooner() -> None:
    pace = Pace()
    for _ in range(3):
        pace.finished()
    assert pace.patience_s(ORDINARY_S) < ORDINARY_S
    pace.paused(0.3)
    assert pace.patience_s(ORDINARY_S) == ORDINARY_S


@given(st.lists(st.floats(0.0, 10.0)), st.integers(0, 9))
def test_the_patience_stays_within_its_limits(pauses: list[float], turns: int) -> None:
    pace, settings = Pace(), PaceSettings()
    for pause_s in pauses:
        pace.paused(pause_s)
    for _ in range(turns):
        pace.finished()
    assert settings.quickest * ORDINARY_S <= pace.patience_s(ORDINARY_S) <= settings.longest_s
