import pytest

from calls.events import LatencySummary
from media_service.core.record.latency_summary import summary


@pytest.mark.parametrize(
    ("totals", "p50", "p95"),
    [([0.7], 0.7, 0.7), ([2.0, 1.0], 1.0, 2.0), ([float(n) for n in range(20, 0, -1)], 10.0, 19.0)],
)
def test_percentiles_are_values_that_occurred(totals: list[float], p50: float, p95: float) -> None:
    assert summary(totals) == LatencySummary(len(totals), p50, p95)


def test_a_leg_without_turns_has_no_percentiles() -> None:
    assert summary([]) == LatencySummary(0, None, None)
