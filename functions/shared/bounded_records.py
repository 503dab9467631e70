"""Change the records from a webhook that has to be answered in time, whether or not they can be reached."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from calls.bounded_work import BoundedWork, Overloaded, StillRunning
from calls.missing_records import Documents
from functions.shared.errors import RecordsUnavailable

# A write goes on this long after the request came. Cloud Run allows 10 s between its wish that an instance ends
# and the end, so nothing is cut off.
_GIVE_UP_AFTER_S: Final = 8.0

_C = TypeVar("_C")

log = logging.getLogger(__name__)


class Records(Protocol):
    def change(self, call_sid: str, lead_id: str, decide: Callable[[Documents], Any], give_up_at: float) -> Any:
        """See `FirestoreRecords`."""


class BoundedRecords:
    """Shared by all requests of an instance."""

    def __init__(self, records: Records, work: BoundedWork, budget_s: float) -> None:
        """`budget_s`: how long an answer may wait for the records."""
        self._records = records
        self._work = work
        self.budget_s = budget_s

    def change(self, call_sid: str, lead_id: str, decide: Callable[[Documents], _C], **shown: Any) -> _C | None:
        """What was decided and written; None, and a line in the log, where it could not be within the budget.

        A write that is late goes on nevertheless. `shown` stands in that line.
        """
        give_up_at = time.monotonic() + _GIVE_UP_AFTER_S
        fields = {"call_sid": call_sid, **shown}

        def change() -> _C:
            decided: _C = self._records.change(call_sid, lead_id, decide, give_up_at)
            return decided

        try:
            return self._work.run(change, self.budget_s, call_sid)
        except (StillRunning, Overloaded, RecordsUnavailable) as exc:
            log.warning("records_not_written", extra={**fields, "problem": f"{type(exc).__name__} {exc}".strip()})
        except Exception as exc:  # noqa: BLE001 - the edge of a call: a caller is answered whatever else is broken
            # Places but no message: that may hold what the caller told us.
            where = "".join(traceback.format_tb(exc.__traceback__))
            log.error(  # noqa: TRY400 - its traceback would end with that message
                "records_failed", extra={**fields, "problem": type(exc).__name__, "where": where}
            )
        return None
