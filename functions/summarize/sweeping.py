"""Look at the calls and leads that are due, and do for each what is left to do.

One run is bounded in work and time; what it leaves is due at the next. Runs may overlap: each write says what it was
decided on. A call that cannot be handled is put off, so that it holds up no other.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from calls import log_context

from .errors import NotNow, Rejected
from .outcome import Closing, outcome_of
from .records_update import FALLBACK, may_go_on
from .store import CallStore
from .summarizing import SYSTEM_CLOCK, Clock, ModelSaid, Summarizer
from .sweep import closing, quiet_until

log = logging.getLogger("summarize")

_MOST_CALLS: Final = 200
_MOST_LEADS: Final = 200
_MOST_ASKED: Final = 10
"""Calls for whose summary the model may be asked in one run."""
_TIME_S: Final = 90.0
"""Of the two minutes between runs, and the 180 s that the function has."""
_PUT_OFF_S: Final = 3600.0
_PUBLISHED_BY_ITS_WRITER_S: Final = 30.0
"""Whoever made a message due sends it right away, if it can. Later than this it is for the sweep."""


@dataclass(slots=True)
class Swept:
    """What one run did; its log line."""

    looked_at: int = 0
    closed: int = 0
    summarised: int = 0
    failed: int = 0
    published: int = 0
    left: bool = False
    """There was more to do than time for it."""


class Sweeper:
    """Shared by all requests of the instance."""

    def __init__(
        self,
        store: CallStore,
        summarizer: Summarizer,
        clock: Clock = SYSTEM_CLOCK,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._summarizer = summarizer
        self._clock = clock
        self._monotonic = monotonic

    def run(self) -> Swept:
        """Raises `NotNow` where Firestore cannot be asked what is due."""
        swept, stop_at = Swept(), self._monotonic() + _TIME_S
        model = _Model()
        calls = self._store.calls_due(self._clock.now(), _MOST_CALLS)
        for call_sid, call in calls:
            if self._monotonic() > stop_at:
                swept.left = True
                break
            with log_context.handling(call_sid=call_sid):
                self._look_at(call_sid, call, model, swept)
        if self._summarizer.tells_of_leads:
            self._publish_due(swept, stop_at)
        return swept

    def _publish_due(self, swept: Swept, stop_at: float) -> None:
        before = self._clock.now() - timedelta(seconds=_PUBLISHED_BY_ITS_WRITER_S)
        for lead_id, lead in self._store.leads_due(before, _MOST_LEADS):
            if self._monotonic() > stop_at:
                swept.left = True
                break
            self._summarizer.tell(lead_id, lead)
            swept.published += 1

    def _look_at(self, call_sid: str, call: Mapping[str, Any], model: _Model, swept: Swept) -> None:
        swept.looked_at += 1
        now = self._clock.now()
        try:
            last = self._store.last_event(call_sid)
            until = quiet_until(call, last)
            if until is not None and now < until:
                self._store.look_again(call_sid, until)
            elif call.get("summary_status") != FALLBACK or model.may_be_asked:
                self._finish(call_sid, call, closing(call, last, now), model, swept)
        except NotNow as exc:
            swept.failed += 1
            log.warning("call_not_swept", extra={"call_sid": call_sid, "reason": str(exc)})
        except Rejected as exc:
            swept.failed += 1
            log.warning("call_put_off", extra={"call_sid": call_sid, "reason": str(exc)})
            self._store.look_again(call_sid, now + timedelta(seconds=_PUT_OFF_S))

    def _finish(self, call_sid: str, call: Mapping[str, Any], end: Closing, model: _Model, swept: Swept) -> None:
        stored = self._store.events(call_sid)
        outcome = outcome_of(stored.events, stored.closing)
        if outcome is None or may_go_on(call, outcome):
            # Of a leg that ended on its own the next one never came.
            has_ended = outcome is not None and end.leg in outcome.endings
            self._store.close(call_sid, replace(end, leg=end.leg + has_ended), self._clock.now())
            stored = self._store.events(call_sid)
            swept.closed += 1
            log.warning("call_closed_by_sweep", extra={"call_sid": call_sid, "events": len(stored.events)})
        said = self._summarizer.bring_up_to_date(call_sid, stored, settled=True, ask=model.may_be_asked)
        model.note(said)
        swept.summarised += 1


@dataclass(slots=True)
class _Model:
    """How the model fares in this run. Once it did not answer it is left alone until the next."""

    asked: int = 0
    is_away: bool = False

    @property
    def may_be_asked(self) -> bool:
        return not self.is_away and self.asked < _MOST_ASKED

    def note(self, said: ModelSaid) -> None:
        self.asked += said is not ModelSaid.NOT_ASKED
        self.is_away = self.is_away or said is ModelSaid.FAILED
