"""Decide which of several runs asks the model, so that one summary is paid for once.

Pure. A claim stands on the call document and ends with the summary, or by its age if its owner died.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

from .outcome import Outcome
from .records_update import summarised_already

FIELD: Final = "summary_claim"


class Standing(Enum):
    FREE = auto()
    """Nobody is at it: claim it."""
    OURS = auto()
    """Claimed by this run, which may have to find out from here: the answer to its write can be lost."""
    TAKEN = auto()
    """Another run is summarising as many events or more."""
    DONE = auto()
    """The summary is written."""


def standing(call: Mapping[str, Any], outcome: Outcome, owner: str, now: datetime, lasts_s: float) -> Standing:
    """How things stand for `owner`.

    `now` is on the clock that also gave the claim its time; `lasts_s` is how long a living owner can take at most.
    """
    if summarised_already(call, outcome):
        return Standing.DONE
    claim = call.get(FIELD)
    if not isinstance(claim, Mapping):
        return Standing.FREE
    if claim.get("owner") == owner:
        return Standing.OURS
    at, based_on = claim.get("at"), claim.get("based_on")
    if not isinstance(at, datetime) or not isinstance(based_on, int):
        return Standing.FREE
    alive = now - at < timedelta(seconds=lasts_s)
    return Standing.TAKEN if alive and based_on >= outcome.events_count else Standing.FREE


def claimed(outcome: Outcome, owner: str, now: datetime) -> dict[str, Any]:
    return {FIELD: {"based_on": outcome.events_count, "owner": owner, "at": now}}


def released() -> dict[str, Any]:
    """Written with the summary."""
    return {FIELD: None}
