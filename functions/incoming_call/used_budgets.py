"""Find in Firestore what was used of the budgets."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, Final, Protocol

from google.cloud.firestore_v1.base_query import FieldFilter

from calls import records
from calls.missing_records import MetCall

from .budgets import DAY, Budgets, EarlierCall, earlier_calls, used_up

# Of one number in a day; whoever has called as often is above any budget that is not meant to be none.
_MOST_CALLS: Final = 1500
_COUNTED_FIELDS: Final = ("started_at", "duration_s", "end_reason", "status")


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
        .where(filter=FieldFilter("started_at", ">", ringing.now - DAY))
        .order_by("started_at", direction="DESCENDING")
        .limit(_MOST_CALLS)
        .select(_COUNTED_FIELDS)
    )
    found = [(each.id, each.to_dict() or {}) for each in query.get(retry=None, timeout=timeout_s)]
    return earlier_calls(found, ringing.call_sid, ringing.now)


def _seconds_of_all(client: Any, now: datetime, timeout_s: float) -> float:
    """Of calls that have ended; those that go on now are not known to be long."""
    query = client.collection(records.CALLS).where(filter=FieldFilter("started_at", ">", now - DAY))
    [[result]] = query.sum("duration_s").get(retry=None, timeout=timeout_s)
    return float(result.value or 0.0)
