"""Take one event: store it and bring the call and its lead up to date; and sweep, for what no event will come of.

Any number of these may run at once for one call, in any order and repeatedly. Each reads what is stored and writes
only what follows from it, and never replaces a summary made from more events by one made from fewer.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any, Final, Protocol

from calls import lead_notice as notice
from calls.events import CallEnded, CallEvent, OtherEvent, UtteranceFinal
from calls.records import QUIET_S
from understanding.small_talk import says_something

from .answer import Answer, kept_answer
from .claim import ANSWER, MOST_REQUESTS, REQUESTS, Standing, claimed, released, retry_after_s, standing
from .claim import FIELD as CLAIM
from .errors import EngineError, NotNow
from .event_documents import StoredEvents, storable
from .found import best_of, found_by_rule, found_by_service
from .outcome import Outcome, outcome_of, told_by
from .records_update import (
    DONE,
    FALLBACK,
    PENDING,
    Changes,
    Summary,
    call_facts,
    may_go_on,
    so_far,
    summarised,
    summarised_already,
)
from .store import CallStore, Records, Written
from .sweep import SETTLED_S
from .texts import Texts

log = logging.getLogger("summarize")

_POLL_S: Final = 0.5
_NOTHING: Final = Changes({}, {})


class ModelSaid(Enum):
    NOT_ASKED = auto()
    ANSWERED = auto()
    FAILED = auto()


class Engine(Protocol):
    def summarise(self, outcome: Outcome) -> Answer:
        """Raises `EngineError`."""


class NewLeads(Protocol):
    def publish(self, message: notice.Message) -> None:
        """Raises `NotNow`."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the function sees it; tests have their own."""

    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], None] = time.sleep


SYSTEM_CLOCK: Final = Clock()


class Summarizer:
    """Shared by all requests of the instance."""

    def __init__(
        self,
        store: CallStore,
        engine: Engine | None,
        texts: Texts,
        *,
        claim_lasts_s: float,
        new_leads: NewLeads | None = None,
        log_transcripts: bool = False,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """`engine` None: by rule. `claim_lasts_s`: longer than the engine can take. `new_leads` None: nobody is
        told."""
        self._store = store
        self._engine = engine
        self._texts = texts
        self._claim_lasts_s = claim_lasts_s
        self._new_leads = new_leads
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
            self.bring_up_to_date(event.call_sid, self._stored(event.call_sid))
        elif event.seq == 1 or (isinstance(event, UtteranceFinal) and event.fields):
            # Once a leg is enough to make up for a write that failed when the phone rang.
            self._tell_so_far(event.call_sid, now)

    def bring_up_to_date(
        self, call_sid: str, stored: StoredEvents, *, settled: bool = False, ask: bool = True
    ) -> ModelSaid:
        """Write what follows from all that is stored of a call that ended.

        `settled`: nothing has come for a while. `ask` False: the model is known to be away.
        Raises `NotNow` or `Rejected`.
        """
        outcome = outcome_of(stored.events, stored.closing)
        if outcome is None:
            raise NotNow("the ending just stored is not there")
        if self._engine and self._caller_spoke(outcome):
            stands = self._claim(call_sid, outcome, settled=settled)
            if stands is Standing.DONE:
                return ModelSaid.NOT_ASKED
            if stands in (Standing.OURS, Standing.FREE):
                return self._ask(self._engine if ask else None, call_sid, outcome, settled=settled)
        self._write(call_sid, outcome, settled=settled)
        return ModelSaid.NOT_ASKED

    @property
    def tells_of_leads(self) -> bool:
        return self._new_leads is not None

    def tell(self, lead_id: str, lead: Mapping[str, Any]) -> None:
        """Publish the message that is due on a lead. If that fails it stays due. Raises nothing for it."""
        if self._new_leads is None:
            return
        message, now = notice.message(lead_id, lead), self._clock.now()
        try:
            self._new_leads.publish(message)
            self._store.change_lead(lead_id, lambda found: notice.sent(found, message.revision, now))
        except NotNow as exc:
            log.warning("lead_not_published", extra={"revision": message.revision, "reason": str(exc)})

    def _stored(self, call_sid: str) -> StoredEvents:
        stored = self._store.events(call_sid)
        if stored.unreadable:
            log.warning("unreadable_utterances", extra={"call_sid": call_sid, "count": stored.unreadable})
        return stored

    def _tell_so_far(self, call_sid: str, now: datetime) -> None:
        # All of them, since they come in any order: a later one may have corrected this one.
        events = self._store.events(call_sid).events
        utterances = [event for event in events if isinstance(event, UtteranceFinal)]
        found = found_by_service(told_by(events), utterances)

        def decide(records: Records) -> Changes:
            return _NOTHING if records.lead is None else so_far(call_sid, records.call, records.lead, found, now)

        parties = next((said.parties for said in utterances if said.parties), None)
        self._store.update(call_sid, now, decide, parties)

    def _claim(self, call_sid: str, outcome: Outcome, *, settled: bool) -> Standing:
        """Whether it is for this run to ask the engine. Waits while another one does, and takes over if that dies."""
        owner = uuid.uuid4().hex

        def how_it_stands(records: Records) -> Standing:
            return standing(records.call, outcome, owner, records.read_at, self._claim_lasts_s, settled=settled)

        def decide(records: Records) -> Changes:
            stands = how_it_stands(records)
            if stands is Standing.DONE and records.call.get("sweep_at") and settled:
                return Changes({"sweep_at": None}, {})
            if stands is not Standing.FREE:
                return _NOTHING
            # The transcript does not wait for the model.
            claim = claimed(records.call, outcome, owner, records.read_at, self._claim_lasts_s)
            return Changes(call_facts(records.call, outcome) | claim, {})

        for _ in range(int(self._claim_lasts_s / _POLL_S) + 2):
            stands = how_it_stands(self._store.update(call_sid, self._clock.now(), decide, outcome.parties).records)
            if stands is not Standing.TAKEN:
                return stands
            self._clock.sleep(_POLL_S)
        raise NotNow("another run is still at it")

    def _ask(self, engine: Engine | None, call_sid: str, outcome: Outcome, *, settled: bool) -> ModelSaid:
        if engine is None:
            self._write(call_sid, outcome, asked=True, settled=settled)
            return ModelSaid.NOT_ASKED
        try:
            answer = engine.summarise(outcome)
        except EngineError as exc:
            log.warning(
                "summary_by_rule_instead",
                extra={"call_sid": call_sid, "error": type(exc).__name__, "reason": str(exc)},
            )
            self._write(call_sid, outcome, asked=True, settled=settled)
            return ModelSaid.FAILED
        if not answer.summary:
            log.warning("summary_not_believed", extra={"call_sid": call_sid})
        self._write(call_sid, outcome, replace(answer, based_on=outcome.events_count), asked=True, settled=settled)
        return ModelSaid.ANSWERED

    def _summary(
        self, call: Mapping[str, Any], outcome: Outcome, answer: Answer | None, *, asked: bool, settled: bool
    ) -> Summary:
        """By the model where it has answered, now or earlier; otherwise by rule."""
        answer = answer or kept_answer(call.get(ANSWER))
        language = self._texts.language
        found = found_by_rule(outcome, str(call.get("from") or ""), language)
        spoke = self._caller_spoke(outcome)
        goes_on = may_go_on(call, outcome)
        if answer is None:
            failed = asked or call.get("summary_status") == FALLBACK
            # Who calls is known from a webhook, whose write may come after the events.
            may_learn = not settled and (not outcome.is_complete or not call.get("from"))
            waits = goes_on or may_learn or (self._engine is not None and spoke)
            status = FALLBACK if failed else PENDING if waits else DONE
            retry_s = (retry_after_s(call) if asked else SETTLED_S) if failed else SETTLED_S
            look_again_s = QUIET_S if goes_on else retry_s if waits else None
            return Summary(status, found, spoke, look_again_s=look_again_s)
        is_whole = answer.based_on >= outcome.events_count
        may_ask = self._engine is not None and int(call.get(REQUESTS) or 0) < MOST_REQUESTS
        return Summary(
            status=PENDING if goes_on else DONE,
            found=best_of(found, answer.fields, outcome, language),
            caller_spoke=True,
            text=answer.summary,
            step=answer.next_step,
            urgency=answer.urgency,
            model_covers=answer.based_on if answer.summary else None,
            look_again_s=QUIET_S if goes_on else SETTLED_S if may_ask and not is_whole else None,
        )

    def _caller_spoke(self, outcome: Outcome) -> bool:
        """Whether there is anything to summarise: a greeting or a hum is not."""
        return any(says_something(said.text, self._texts.language) for said in outcome.caller_said)

    def _write(
        self,
        call_sid: str,
        outcome: Outcome,
        answer: Answer | None = None,
        *,
        asked: bool = False,
        settled: bool = False,
    ) -> None:
        now = self._clock.now()

        def summary_for(records: Records) -> Summary:
            return self._summary(records.call, outcome, answer, asked=asked, settled=settled)

        def decide(records: Records) -> Changes:
            summary = summary_for(records)
            kept = kept_answer(records.call.get(ANSWER))
            reads_more = answer is not None and (kept is None or answer.based_on > kept.based_on)
            if summarised_already(records.call, outcome, summary.status) and not reads_more:
                return self._nothing_new(records.call, summary, now, asked=asked, settled=settled)
            changes = summarised(call_sid, records.call, records.lead, outcome, summary, self._texts, now)
            return self._with_claim_and_notice(call_sid, records, changes, summary, answer, asked=asked, now=now)

        written = self._store.update(call_sid, now, decide, outcome.parties)
        if "summary" in written.call:
            self._log_written(call_sid, outcome, written, summary_for(written.records), now)
        self._tell_what_is_due(call_sid, written)

    def _nothing_new(
        self, call: Mapping[str, Any], summary: Summary, now: datetime, *, asked: bool, settled: bool
    ) -> Changes:
        """When to look again at a call whose summary stays as it is."""
        again_s = summary.look_again_s if asked else None
        at = None if again_s is None else now + timedelta(seconds=again_s)
        # Once only: the answer to the write can be lost, and is then found here.
        claim = released(call, summary.status) if asked and call.get(CLAIM) else {}
        if claim or (settled and call.get("sweep_at") is not None):
            return Changes({**claim, "sweep_at": at}, {})
        return _NOTHING

    def _with_claim_and_notice(
        self,
        call_sid: str,
        records: Records,
        changes: Changes,
        summary: Summary,
        answer: Answer | None,
        *,
        asked: bool,
        now: datetime,
    ) -> Changes:
        kept = {ANSWER: answer.as_document(call_sid)} if answer else {}
        claim = released(records.call, summary.status) if asked else {}
        changes = replace(changes, call=changes.call | kept | claim)
        return changes if summary.status == PENDING else self._with_notice(call_sid, records, changes, now)

    def _with_notice(self, call_sid: str, records: Records, changes: Changes, now: datetime) -> Changes:
        if changes.lead is None or records.lead is None or self._new_leads is None:
            return changes
        ended_at = {**records.call, **changes.call}.get("ended_at")
        known_end = ended_at if isinstance(ended_at, datetime) else None
        due = notice.due({**records.lead, **changes.lead}, call_sid, known_end, now)
        return replace(changes, lead=changes.lead | due)

    def _tell_what_is_due(self, call_sid: str, written: Written) -> None:
        told = written.lead.get("notice")
        if told is None:
            return
        before = (written.records.lead or {}).get("notice") or {}
        if before.get("call_sid") != call_sid:
            # Once a call: what changes hours later says nothing of how long somebody waited for a lead.
            fields = {
                "call_sid": call_sid,
                "ready_after_s": told["ready_after_s"],
                "status": written.lead_now["status"],
            }
            log.info("lead_ready", extra=fields)
        self.tell(written.lead_id, written.lead_now)

    def _log_written(self, call_sid: str, outcome: Outcome, written: Written, summary: Summary, now: datetime) -> None:
        if written.records.lead is None:
            log.warning("lead_deleted_meanwhile", extra={"call_sid": call_sid})
        ended_at = written.call.get("ended_at") or outcome.last_ending.ended_at
        fields = {
            "call_sid": call_sid,
            "summary_status": summary.status,
            "events": outcome.events_count,
            "complete": outcome.is_complete,
            "fields": sorted(summary.found),
            "reason": outcome.last_ending.reason,
            # What the objective "the lead is complete two minutes after the call" is measured by.
            "delay_s": round((now - ended_at).total_seconds(), 3),
        }
        if self._log_transcripts:
            fields["transcript"] = [said.text for said in outcome.utterances]
        log.info("call_summarised", extra=fields)
