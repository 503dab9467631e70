"""What stays of a call that was erased on request: that it was, so that nothing brings it back.

Events of a call may be delivered weeks after it, by a retry, from the dead letters or from the log. Its document says
then that it was erased, and holds nothing of the caller: no number, no lead, no word. Whoever reads it writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

ERASED: Final = "erased"
"""The `end_reason` and the lead of such a call."""

# Dead letters are kept for 31 days after a week in the topic, log entries for 30.
_REMEMBERED: Final = timedelta(days=90)


def tombstone(now: datetime) -> dict[str, Any]:
    """All that the call's document holds from now on. It is over for everybody who meets it."""
    return {
        "erased_at": now,
        "lead_id": ERASED,
        "status": "completed",
        "end_reason": ERASED,
        "summary_status": "done",
        "expires_at": now + _REMEMBERED,
    }


def is_erased(call: Mapping[str, Any] | None) -> bool:
    return bool((call or {}).get("erased_at"))
