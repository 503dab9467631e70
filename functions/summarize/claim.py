"""Decide whether and by whom the model is asked, so that a summary is paid for once, and at most twice.

Pure. A claim stands on the call document and ends with the summary, or by its age if its owner died. The model is asked
as soon as the call is whole; once more, when nothing has come for a while, if more has become known after that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

from .answer import kept_answer
from .outcome import Outcome
from .records_update import DONE, FALLBACK, may_go_on, summarised_already

FIELD: Final = "summary_claim"
REQUESTS: Final = "summary_requests"
"""How often the model was asked about this call, and answered or may have."""
ANSWER: Final = "model_answer"
TRIES: Final = "summary_tries"
"""How often it could not answer."""
MOST_REQUESTS: Final = 2

# A model that is away for minutes is asked soon, one that refuses this very call a few times in a day and not for ever.
_RETRY_AFTER_S: Final = (120.0, 600.0, 3600.0, 6 * 3600.0, 24 * 3600.0)


class Standing(Enum):
    FREE = auto()
    """Nobody is at it: claim it."""
    OURS = auto()
    """Claimed by this run, which may have to find out from here: the answer to its write can be lost."""
    TAKEN = auto()
    """Another run is summarising as many events or more."""
    LATER = auto()
    """More may come: the rules have the word until nothing has for a while."""
    SPENT = auto()
    """It was asked often enough, or has nothing new to read."""
    DONE = auto()
    """The summary is written."""


def standing(
    call: Mapping[str, Any], outcome: Outcome, owner: str, now: datetime, lasts_s: float, *, settled: bool = False
) -> Standing:
    """How things stand for `owner`.

    `now` is on the clock that also gave the claim its time; `lasts_s` is how long a living owner can take at most.
    `settled`: nothing has come for a while.
    """
    answer = kept_answer(call.get(ANSWER))
    has_read_all = answer is not None and answer.based_on >= outcome.events_count
    if summarised_already(call, outcome, DONE if settled else FALLBACK) and (has_read_all or not settled):
        return Standing.DONE
    if has_read_all:
        return Standing.SPENT
    claim = call.get(FIELD)
    asked = _count(call, REQUESTS)
    if isinstance(claim, Mapping):
        if claim.get("owner") == owner:
            return Standing.OURS
        at, based_on = claim.get("at"), claim.get("based_on")
        if isinstance(at, datetime) and isinstance(based_on, int) and now - at < timedelta(seconds=lasts_s):
            return Standing.TAKEN if based_on >= outcome.events_count else Standing.LATER
        asked = max(0, asked - 1)  # its owner died
    if asked >= MOST_REQUESTS:
        return Standing.SPENT
    whole = outcome.is_complete and not may_go_on(call, outcome)
    return Standing.FREE if settled or (whole and not asked and not _count(call, TRIES)) else Standing.LATER


def claimed(call: Mapping[str, Any], outcome: Outcome, owner: str, now: datetime, lasts_s: float) -> dict[str, Any]:
    return {
        FIELD: {"based_on": outcome.events_count, "owner": owner, "at": now},
        REQUESTS: _count(call, REQUESTS) + (0 if isinstance(call.get(FIELD), Mapping) else 1),
        # If the owner dies and its event is not delivered again.
        "sweep_at": now + timedelta(seconds=lasts_s),
    }


def released(call: Mapping[str, Any], status: str) -> dict[str, Any]:
    """Written with the summary by whoever had the claim. A request that was not answered is not counted."""
    if status != FALLBACK:
        return {FIELD: None}
    return {FIELD: None, REQUESTS: max(0, _count(call, REQUESTS) - 1), TRIES: _count(call, TRIES) + 1}


def retry_after_s(call: Mapping[str, Any]) -> float | None:
    """How long to leave a model alone that could not answer this time; None: for good."""
    tries = _count(call, TRIES)
    return _RETRY_AFTER_S[tries] if tries < len(_RETRY_AFTER_S) else None


def _count(call: Mapping[str, Any], name: str) -> int:
    value = call.get(name)
    return value if isinstance(value, int) else 0
