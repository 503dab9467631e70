"""Decide whether a caller, or all callers together, have used up what the assistant may be used for.

Pure. What was used is told by the calls themselves: there is no counter that could drift, and none to be erased. An
hour is the last sixty minutes and a day the last twenty-four hours, so nothing is gained by waiting for midnight. A
caller who hides the number is only counted with all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

OVER_BUDGET: Final = "over_budget"
"""The `end_reason` of a call that was turned away. Such calls use nothing, so they do not count."""

_HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
# As long as the media service keeps a call. One that nobody has ended is not counted for ever.
_LONGEST_CALL_S: Final = 1800.0


@dataclass(frozen=True, slots=True)
class Budgets:
    """0: without limit."""

    calls_per_number_per_hour: int = 0
    minutes_per_number_per_day: int = 0
    minutes_per_day: int = 0


@dataclass(frozen=True, slots=True)
class EarlierCall:
    started_at: datetime
    seconds: float


def earlier_calls(
    documents: Iterable[tuple[str, Mapping[str, Any]]], call_sid: str, now: datetime
) -> list[EarlierCall]:
    """What counts of a caller's call documents, given with their names. Anything in them may have been edited."""
    return [
        EarlierCall(document["started_at"], _seconds(document, now))
        for name, document in documents
        if name != call_sid
        and document.get("end_reason") != OVER_BUDGET
        and isinstance(document.get("started_at"), datetime)
    ]


def used_up(budgets: Budgets, of_caller: Iterable[EarlierCall], seconds_of_all: float, now: datetime) -> str:
    """The variable whose budget is used up; "" where none is. A budget may be exceeded by the call that uses it up."""
    calls = list(of_caller)
    in_hour = sum(1 for call in calls if call.started_at > now - _HOUR)
    in_day_s = sum(call.seconds for call in calls if call.started_at > now - DAY)
    if 0 < budgets.calls_per_number_per_hour <= in_hour:
        return "CALLS_PER_NUMBER_PER_HOUR"
    if 0 < budgets.minutes_per_number_per_day * 60 <= in_day_s:
        return "MINUTES_PER_NUMBER_PER_DAY"
    return "MINUTES_PER_DAY" if 0 < budgets.minutes_per_day * 60 <= seconds_of_all else ""


def _seconds(document: Mapping[str, Any], now: datetime) -> float:
    duration = document.get("duration_s")
    if isinstance(duration, int | float) and not isinstance(duration, bool):
        return max(0.0, float(duration))
    if document.get("status") not in ("ringing", "in_progress"):
        return 0.0
    started_at: datetime = document["started_at"]
    return min(max(0.0, (now - started_at).total_seconds()), _LONGEST_CALL_S)
