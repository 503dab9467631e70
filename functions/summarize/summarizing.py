"""Take one event: store it and, once the call has ended, bring its call and lead up to date.

Any number of these may run at once for one call, in any order and repeatedly. Each reads what is stored and writes
only what follows from it, and never replaces a summary made from more events by one made from fewer.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol

from calls.events import CallEnded, CallEvent, OtherEvent, UtteranceFinal
from understanding.small_talk import says_something

from .answer import Answer
from .claim import Standing, claimed, released, standing
from .errors import EngineError, NotNow
from .event_documents import storable
from .found import best_of, found_by_service, found_in_words
from .outcome import Outcome, outcome_of
from .records_update import Changes, Summary, call_facts, summarised, summarised_already
from .store import CallStore, Records
from .texts import Texts

log = logging.getLogger("summarize")

_POLL_S: Final = 0.5
_NOTHING: Final = Changes({}, {})

_Summarise = Callable[[Records], Summary]
"""What is known of the call beside its events, its caller's number, is read with the records."""


class Engine(Protocol):
    def summarise(self, outcome: Outcome) -> Answer:
        """Raises `EngineError`."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the function sees it; tests have their own."""

    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], None] = time.sleep


class Summarizer:
    """Shared by all requests of the instance."""

    def __init__(
        self,
        store: CallStore,
        engine: Engine | None,
        texts: Texts,
        *,
        claim_lasts_s: float,
        log_transcripts: bool = False,
        clock: Clock = Clock(),
    ) -> None:
        """`engine` None: by rule. `claim_lasts_s`: longer than the engine can take."""
        self._store = store
        self._engine = engine
        self._texts = texts
        self._claim_lasts_s = claim_lasts_s
        self._log_transcripts = log_transcripts
        self._clock = clock

    def take(self, event: CallEvent) -> None:
        """Returns when everything that follows from the event is stored. Raises `NotNow` or `Rejected`."""
        event = storable(event)
        now = self._clock.now()
        if not self._store.add_event(event, now):
            log.info("event_of_erased_call", extra={"call_sid": event.call_sid})
            return
        if isinstance(event, OtherEvent):
            # The service was released before this function. What it says is kept for when we know it, too.
            log.info("event_type_not_known", extra={"call_sid": event.call_sid, "type": event.type})
        if isinstance(event, CallEnded) or self._store.has_ended(event.call_sid):
            self._bring_up_to_date(event.call_sid)
        elif event.seq == 1:
            # Once a leg is enough to make up for a write that failed when the phone rang.
            parties = event.parties if isinstance(event, UtteranceFinal) else None
            self._store.update(event.call_sid, now, lambda _: _NOTHING, parties)

    def _bring_up_to_date(self, call_sid: str) -> None:
        events, unreadable = self._store.events(call_sid)
        if unreadable:
            log.warning("unreadable_utterances", extra={"call_sid": call_sid, "count": unreadable})
        outcome = outcome_of(events)
        if outcome is None:
            raise NotNow("the ending just stored is not there")
        if self._engine and not outcome.goes_on and self._caller_spoke(outcome):
            if self._claim(call_sid, outcome):
                self._write(call_sid, outcome, self._by_engine(self._engine, call_sid, outcome))
        else:
            self._write(call_sid, outcome, partial(self._by_rule, outcome, "pending" if outcome.goes_on else "done"))

    def _claim(self, call_sid: str, outcome: Outcome) -> bool:
        """Whether it is for this run to ask the engine. Waits while another one does, and takes over if that dies."""
        owner = uuid.uuid4().hex

        def how_it_stands(records: Records) -> Standing:
            return standing(records.call, outcome, owner, records.read_at, self._claim_lasts_s)

        def decide(records: Records) -> Changes:
            if how_it_stands(records) is not Standing.FREE:
                return _NOTHING
            # The transcript does not wait for the model.
            return Changes(call_facts(records.call, outcome) | claimed(outcome, owner, records.read_at), {})

        for _ in range(int(self._claim_lasts_s / _POLL_S) + 2):
            stands = how_it_stands(self._store.update(call_sid, self._clock.now(), decide, outcome.parties))
            if stands is not Standing.TAKEN:
                return stands is not Standing.DONE
            self._clock.sleep(_POLL_S)
        raise NotNow("another run is still at it")

    def _by_engine(self, engine: Engine, call_sid: str, outcome: Outcome) -> _Summarise:
        try:
            answer = engine.summarise(outcome)
        except EngineError as exc:
            log.warning(
                "summary_by_rule_instead",
                extra={"call_sid": call_sid, "error": type(exc).__name__, "reason": str(exc)},
            )
            return partial(self._by_rule, outcome, "fallback")
        summary = Summary(
            status="done",
            found=best_of(found_by_service(outcome), dict(answer.fields)),
            caller_spoke=True,
            text=answer.summary,
            step=answer.next_step,
        )
        return lambda _: summary

    def _by_rule(self, outcome: Outcome, status: str, records: Records) -> Summary:
        caller_number = str(records.call.get("from") or "")
        # The words of a leg that was lost are nowhere but here; of the others the service knew as much, and the words
        # as they were before their final results. With an utterance missing, the answer to one question would be
        # taken for that to another.
        in_words = found_in_words(outcome, caller_number, self._texts.language) if outcome.is_complete else {}
        return Summary(status, in_words | found_by_service(outcome), self._caller_spoke(outcome))

    def _caller_spoke(self, outcome: Outcome) -> bool:
        """Whether there is anything to summarise: a greeting or a hum is not."""
        return any(says_something(said.text, self._texts.language) for said in outcome.caller_said)

    def _write(self, call_sid: str, outcome: Outcome, summarise: _Summarise) -> None:
        now = self._clock.now()

        def decide(records: Records) -> Changes:
            if summarised_already(records.call, outcome):
                return _NOTHING
            changes = summarised(call_sid, records.call, records.lead, outcome, summarise(records), self._texts, now)
            return replace(changes, call=changes.call | released())

        found = self._store.update(call_sid, now, decide, outcome.parties)
        if summarised_already(found.call, outcome):
            return
        if found.lead is None:
            log.warning("lead_deleted_meanwhile", extra={"call_sid": call_sid})
        summary = summarise(found)
        fields = {
            "call_sid": call_sid,
            "summary_status": summary.status,
            "events": outcome.events_count,
            "complete": outcome.is_complete,
            "fields": sorted(summary.found),
            "reason": outcome.last_ending.reason,
            # What the objective "the lead is complete two minutes after the call" is measured by.
            "delay_s": round((now - outcome.last_ending.ended_at).total_seconds(), 3),
        }
        if self._log_transcripts:
            fields["transcript"] = [said.text for said in outcome.utterances]
        log.info("call_summarised", extra=fields)
