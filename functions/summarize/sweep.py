"""Decide what the sweep does about a call that it has come to look at.

Pure. `sweep_at` on a call says when: a while after anything was heard of it, or when a summary can be made better. The
sweep ends calls that nobody has ended, since neither Twilio nor an instance promises to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from calls import call_end
from calls.records import QUIET_S

from .outcome import Closing

SETTLED_S: Final = 60.0
"""Nothing has come for so long: a call that ended is as well known as it will be. Pub/Sub delivers again after 10 s."""


@dataclass(frozen=True, slots=True)
class LastEvent:
    """The last event of a call's last leg."""

    leg: int
    arrived_at: datetime
    happened_at: datetime | None


def quiet_until(call: Mapping[str, Any], last: LastEvent | None) -> datetime | None:
    """Until when more may be heard of the call by itself; None for a call without any time: look at it now."""
    stream = call.get("stream") if isinstance(call.get("stream"), Mapping) else {}
    times = [call.get("started_at"), (stream or {}).get("started_at"), last and last.arrived_at]
    heard = [at for at in times if isinstance(at, datetime)]
    is_over = call.get("status") in call_end.ENDED
    return max(heard) + timedelta(seconds=SETTLED_S if is_over else QUIET_S) if heard else None


def closing(call: Mapping[str, Any], last: LastEvent | None, now: datetime) -> Closing:
    """The end of a call of which nothing more is heard."""
    stream = call.get("stream") if isinstance(call.get("stream"), Mapping) else {}
    reconnects = call.get("reconnects")
    legs = (1, last.leg if last else 1, _leg(stream), reconnects + 1 if isinstance(reconnects, int) else 1)
    times = [last and last.happened_at, call.get("ended_at"), (stream or {}).get("stopped_at")]
    known = [at for at in times if isinstance(at, datetime)]
    began_at = call.get("started_at")
    return Closing(max(legs), max(known) if known else began_at if isinstance(began_at, datetime) else now)


def _leg(stream: Any) -> int:
    leg = stream.get("leg") if isinstance(stream, Mapping) else None
    return leg if isinstance(leg, int) else 1
