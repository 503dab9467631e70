"""Decide whether a caller, or all callers together, have used up what the assistant may be used for.

What was used is read from the calls themselves: there is no counter that could drift, and none to be erased. An hour is
the last sixty minutes and a day the last twenty-four hours, so nothing is gained by waiting for midnight. A caller who
hides the number is only counted with all others.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from google.cloud.firestore_v1.base_query import FieldFilter

from calls import records
from calls.missing_records import MetCall

OVER_BUDGET: Final = "over_budget"
"""The `end_reason` of a call that was turned away. Such calls use nothing, so they do not count."""

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
# As long as the media service keeps a call. One that nobody has ended is not counted for ever.
_LONGEST_CALL_S: Final = 1800.0
# Of one number in a day; whoever has called as often is above any budget that is not meant to be none.
_MOST_CALLS: Final = 1500
_COUNTED_FIELDS: Final = ("started_at", "duration_s", "end_reason", "status")


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
    in_day_s = sum(call.seconds for call in calls if call.started_at > now - _DAY)
    if 0 < budgets.calls_per_number_per_hour <= in_hour:
        return "CALLS_PER_NUMBER_PER_HOUR"
    if 0 < budgets.minutes_per_number_per_day * 60 <= in_day_s:
        return "MINUTES_PER_NUMBER_PER_DAY"
    return "MINUTES_PER_DAY" if 0 < budgets.minutes_per_day * 60 <= seconds_of_all else ""


class Firestore(Protocol):
    def run(self, work: Any, give_up_at: float) -> Any:
        """See `FirestoreRecords`."""


class UsedBudgets:
    """Shared by all requests of an instance."""

    def __init__(self, firestore: Firestore, budgets: Budgets, read_within_s: float) -> None:
        self._firestore = firestore
        self._budgets = budgets
        self._read_within_s = read_within_s

    def used_up(self, ringing: MetCall) -> str:
        """See `used_up`. Asks Firestore, unless there are no budgets. Raises `RecordsUnavailable`."""
        by_number = bool(self._budgets.calls_per_number_per_hour or self._budgets.minutes_per_number_per_day)
        asks_caller = by_number and ringing.lead_id != ringing.call_sid
        if not (asks_caller or self._budgets.minutes_per_day):
            return ""

        def read(client: Any, timeout_s: float) -> str:
            of_caller = _of_caller(client, ringing, timeout_s) if asks_caller else []
            seconds = _seconds_of_all(client, ringing.now, timeout_s) if self._budgets.minutes_per_day else 0.0
            return used_up(self._budgets, of_caller, seconds, ringing.now)

        found: str = self._firestore.run(read, time.monotonic() + self._read_within_s)
        return found


def _of_caller(client: Any, ringing: MetCall, timeout_s: float) -> list[EarlierCall]:
    # By lead, newest first: the index that the staff's list of a lead's calls has already.
    query = (
        client.collection(records.CALLS)
        .where(filter=FieldFilter("lead_id", "==", ringing.lead_id))
        .where(filter=FieldFilter("started_at", ">", ringing.now - _DAY))
        .order_by("started_at", direction="DESCENDING")
        .limit(_MOST_CALLS)
        .select(_COUNTED_FIELDS)
    )
    found = [(each.id, each.to_dict() or {}) for each in query.get(retry=None, timeout=timeout_s)]
    return earlier_calls(found, ringing.call_sid, ringing.now)


def _seconds_of_all(client: Any, now: datetime, timeout_s: float) -> float:
    """Of calls that have ended; those that go on now are not known to be long."""
    query = client.collection(records.CALLS).where(filter=FieldFilter("started_at", ">", now - _DAY))
    [[result]] = query.sum("duration_s").get(retry=None, timeout=timeout_s)
    return float(result.value or 0.0)


def _seconds(document: Mapping[str, Any], now: datetime) -> float:
    duration = document.get("duration_s")
    if isinstance(duration, int | float) and not isinstance(duration, bool):
        return max(0.0, float(duration))
    if document.get("status") not in ("ringing", "in_progress"):
        return 0.0
    return min(max(0.0, (now - document["started_at"]).total_seconds()), _LONGEST_CALL_S)
