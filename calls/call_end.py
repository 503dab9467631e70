"""Whether a call is over, and who says so.

An event tells how a leg ended, and cannot know that of the call: a socket that was lost looks like a caller who hung
up, while Twilio has the caller on the line and asks how to go on. So an end that is known from an event alone stands
on the call for people to read, and is no answer to Twilio.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

TOLD_BY: Final = "end_told_by"
SERVICE: Final = "service"
"""The media service, which writes the reason before it closes the stream itself."""
TWILIO: Final = "twilio"
"""A webhook: `CallStatus`, or the message that the caller left."""
EVENT: Final = "event"
"""`call.ended`, and nobody else so far."""

ENDED: Final = frozenset({"completed", "failed"})
"""The values of a call's `status` that say so."""
DRAINED: Final = "drained"
"""The instance was taken away in mid-call. Over for the instance, not for the caller."""


def is_over(call: Mapping[str, Any]) -> bool:
    """Whether somebody who can know has ended the call. A call that does not say who did counts as ended."""
    return call.get(TOLD_BY) != EVENT and (call.get("status") in ENDED or _has_final_reason(call))


def _has_final_reason(call: Mapping[str, Any]) -> bool:
    return bool(call.get("end_reason")) and call["end_reason"] != DRAINED


def goes_on(call: Mapping[str, Any]) -> dict[str, Any]:
    """What changes on a call whose end was none: Twilio has the caller on the line."""
    reopened = {"status": "in_progress"} if call.get(TOLD_BY) == EVENT and call.get("status") in ENDED else {}
    none = {name: None for name in ("end_reason", "ended_at", TOLD_BY) if call.get(name) is not None}
    return {**reopened, **none}


def written_by_service(reason: str) -> dict[str, Any]:
    """What stands beside the reason that the service writes. A drain ends no call, so nobody has told its end."""
    return {} if reason == DRAINED else {TOLD_BY: SERVICE}
