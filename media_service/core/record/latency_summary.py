"""The latencies of a leg in three figures."""

from __future__ import annotations

import math

from calls.events import LatencySummary


def summary(totals_s: list[float]) -> LatencySummary:
    """Nearest-rank percentiles over the turns of a leg."""
    if not totals_s:
        return LatencySummary()
    ranked = sorted(totals_s)
    return LatencySummary(len(ranked), round(_rank(ranked, 0.5), 3), round(_rank(ranked, 0.95), 3))


def _rank(ranked: list[float], share: float) -> float:
    return ranked[math.ceil(share * len(ranked)) - 1]
