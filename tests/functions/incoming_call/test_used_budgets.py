"""When Firestore is asked what was used of the budgets."""

from datetime import UTC, datetime

import pytest

from calls.missing_records import MetCall
from functions.incoming_call.budgets import Budgets
from functions.incoming_call.used_budgets import UsedBudgets
from functions.shared.errors import RecordsUnavailable

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)
BUDGETS = Budgets(calls_per_number_per_hour=3, minutes_per_number_per_day=10, minutes_per_day=100)


class Asked:
    """Firestore that is asked, or is away."""

    def __init__(self, *, away: bool = False) -> None:
        self.times = 0
        self.away = away

    def run(self, work: object, give_up_at: float) -> str:
        self.times += 1
        if self.away:
            raise RecordsUnavailable("DeadlineExceeded")
        return "MINUTES_PER_DAY"


@pytest.mark.parametrize(
    ("caller", "budgets", "asked"),
    [
        ("+972501234567", Budgets(), 0),
        ("+972501234567", Budgets(calls_per_number_per_hour=1), 1),
        ("anonymous", Budgets(calls_per_number_per_hour=1), 0),
        ("anonymous", Budgets(minutes_per_day=1), 1),
    ],
)
def test_firestore_is_asked_only_where_there_is_a_budget_for_this_caller(
    caller: str, budgets: Budgets, asked: int
) -> None:
    """Whoever hides the number is not mistaken for all others who do."""
    firestore = Asked()
    UsedBudgets(firestore, budgets, 0.5).used_up(MetCall("CA1", caller, "+97231234567", "assistant", NOW, 365))
    assert firestore.times == asked


def test_that_nothing_is_known_is_told_to_whoever_asked() -> None:
    ringing = MetCall("CA1", "+972501234567", "+97231234567", "assistant", NOW, 365)
    with pytest.raises(RecordsUnavailable):
        UsedBudgets(Asked(away=True), BUDGETS, 0.5).used_up(ringing)
