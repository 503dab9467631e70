from __future__ import annotations

import pytest

from local.service_log import TurnLatency
from local.turns import Turn, joined, percentile
from local.twilio.report import HeardTurn

FIGURES = TurnLatency(0.5, 0.3, 0.2, 0.7)


def heard(answered_at: float | None) -> HeardTurn:
    return HeardTurn("שלום", 1.0, 2.0, answered_at, barge_in=False, silenced_s=None)


def test_figures_of_the_service_join_the_turn_they_were_logged_in() -> None:
    first, second = heard(5.0), heard(12.0)

    assert joined([first, second], [(11.9, FIGURES)]) == [Turn(first, None), Turn(second, FIGURES)]


def test_a_turn_without_an_answer_joins_nothing() -> None:
    assert joined([heard(None)], [(2.5, FIGURES)]) == [Turn(heard(None), None)]


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([3.0], 0.95, 3.0), ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0), (list(range(1, 101)), 0.95, 95)],
)
def test_percentiles_are_values_that_occurred(values: list[float], share: float, expected: float | None) -> None:
    assert percentile(values, share) == expected
