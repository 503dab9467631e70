"""How much of the assistant a caller may use, and what is counted of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.incoming_call.budgets import Budgets, EarlierCall, earlier_calls, used_up

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)
BUDGETS = Budgets(calls_per_number_per_hour=3, minutes_per_number_per_day=10, minutes_per_day=100)


def call(minutes_ago: float, seconds: float = 20.0) -> EarlierCall:
    return EarlierCall(NOW - timedelta(minutes=minutes_ago), seconds)


def test_a_caller_gets_as_many_calls_an_hour_as_are_allowed_and_no_more() -> None:
    assert used_up(BUDGETS, [call(1), call(59)], 0.0, NOW) == ""
    assert used_up(BUDGETS, [call(1), call(2), call(59)], 0.0, NOW) == "CALLS_PER_NUMBER_PER_HOUR"
    assert used_up(BUDGETS, [call(1), call(2), call(60)], 0.0, NOW) == "", "an hour ago is not in this hour"


def test_minutes_are_those_of_the_last_day_and_not_of_the_date() -> None:
    """Nobody has to wait for midnight, and nobody gains by it."""
    assert used_up(BUDGETS, [call(61, 599.0)], 0.0, NOW) == ""
    assert used_up(BUDGETS, [call(61, 300.0), call(1439, 300.0)], 0.0, NOW) == "MINUTES_PER_NUMBER_PER_DAY"
    assert used_up(BUDGETS, [call(61, 300.0), call(1440, 300.0)], 0.0, NOW) == ""


def test_all_callers_together_have_a_budget_of_their_own() -> None:
    assert used_up(BUDGETS, [], 5999.0, NOW) == ""
    assert used_up(BUDGETS, [], 6000.0, NOW) == "MINUTES_PER_DAY"


def test_a_budget_of_nothing_is_no_budget() -> None:
    assert used_up(Budgets(), [call(1, 1e6)] * 500, 1e9, NOW) == ""


def counted(**document: Any) -> list[float]:
    whole = {"started_at": NOW - timedelta(minutes=2), "duration_s": 61.4, "status": "completed", **document}
    return [each.seconds for each in earlier_calls([("CA0", whole)], "CA1", NOW)]


@pytest.mark.parametrize(
    ("document", "seconds"),
    [
        ({}, [61.4]),
        ({"duration_s": None}, [0.0]),
        ({"duration_s": None, "status": "in_progress"}, [120.0]),
        ({"duration_s": None, "status": "ringing", "started_at": NOW - timedelta(days=1)}, [1800.0]),
        ({"duration_s": "long"}, [0.0]),
        ({"duration_s": True}, [0.0]),
        ({"duration_s": -5}, [0.0]),
        ({"started_at": "yesterday"}, []),
        ({"end_reason": "over_budget"}, []),
    ],
)
def test_what_counts_of_a_call(document: dict[str, Any], seconds: list[float]) -> None:
    """What is going on counts as long as it has lasted; who was turned away has used nothing."""
    assert counted(**document) == seconds


def test_a_repeated_webhook_does_not_count_its_own_call() -> None:
    assert earlier_calls([("CA1", {"started_at": NOW})], "CA1", NOW) == []
