"""Firestore in memory, for thousands of examples: the functions' own decisions, and every document that follows.

What is decided is written at once, so nothing here is about races; those are tried on the emulator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from calls.events import CALL_ENDED, CallEvent
from calls.lead_notice import Message
from calls.missing_records import Documents, lead_of
from calls.records import utterance_id
from functions.shared.firestore_records import FirestoreRecords
from functions.summarize.answer import Answer
from functions.summarize.errors import EngineUnavailable, NotNow
from functions.summarize.event_documents import StoredEvents, from_documents, to_document
from functions.summarize.outcome import Closing, Outcome
from functions.summarize.store import CallStore
from functions.summarize.summarizing import Clock
from functions.summarize.sweep import LastEvent


class Memory:
    """Documents by path, as `FirestoreRecords.change` changes them."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.calls: dict[str, dict[str, Any]] = {}
        self.leads: dict[str, dict[str, Any]] = {}
        self.events: dict[str, dict[str, tuple[dict[str, Any], datetime]]] = {}

    def change(self, call_sid: str, lead_id: str, decide: Callable[[Documents], Any], give_up_at: float = 0.0) -> Any:
        call = self.calls.get(call_sid)
        own = lead_of(call, call_sid, lead_id)
        placeholder = self.leads.get(call_sid) if own != call_sid else None
        decided = decide(Documents(call, self.leads.get(own), placeholder, self.now))
        if decided.call:
            self.calls[call_sid] = {**(call or {}), **decided.call}
        if decided.lead:
            self.leads[own] = {**self.leads.get(own, {}), **decided.lead}
        if decided.drop_placeholder:
            self.leads.pop(call_sid, None)
        return decided


class MemoryStore(CallStore):
    """The store of `summarize` on `Memory`. `update` is its own."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(_Records(memory), "assistant", 365)
        self._memory = memory

    def add_event(self, event: CallEvent, now: datetime) -> bool:
        self._of(event.call_sid).setdefault(utterance_id(event.leg, event.seq), (to_document(event), self._memory.now))
        return True

    def has_ended(self, call_sid: str) -> bool:
        return any(document["type"] in (CALL_ENDED, "call.closed") for document, _ in self._of(call_sid).values())

    def events(self, call_sid: str) -> StoredEvents:
        return from_documents(document for document, _ in self._of(call_sid).values())

    def close(self, call_sid: str, closing: Closing, now: datetime) -> None:
        document = {"type": "call.closed", "leg": closing.leg, "closed_at": closing.at}
        self._of(call_sid).setdefault(f"{closing.leg}-closed", (document, now))

    def last_event(self, call_sid: str) -> LastEvent | None:
        found = [each for each in self._of(call_sid).items() if each[1][0]["type"] != "call.closed"]
        if not found:
            return None
        document, arrived_at = max(found)[1]
        return LastEvent(document["leg"], arrived_at, document.get("ended_at"))

    def change_lead(self, lead_id: str, decide: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        if lead_id in self._memory.leads:
            self._memory.leads[lead_id] |= decide(self._memory.leads[lead_id])

    def look_again(self, call_sid: str, at: datetime) -> None:
        self._memory.calls[call_sid]["sweep_at"] = at

    def calls_due(self, now: datetime, most: int) -> list[tuple[str, Mapping[str, Any]]]:
        due: list[tuple[str, Mapping[str, Any]]] = [
            (name, call) for name, call in self._memory.calls.items() if (call.get("sweep_at") or _far_from(now)) <= now
        ]
        return sorted(due, key=lambda each: each[1]["sweep_at"])[:most]

    def leads_due(self, before: datetime, most: int) -> list[tuple[str, Mapping[str, Any]]]:
        due: list[tuple[str, Mapping[str, Any]]] = [
            (name, lead)
            for name, lead in self._memory.leads.items()
            if ((lead.get("notice") or {}).get("due_at") or _far_from(before)) <= before
        ]
        return due[:most]

    def _of(self, call_sid: str) -> dict[str, tuple[dict[str, Any], datetime]]:
        return self._memory.events.setdefault(call_sid, {})


def _far_from(now: datetime) -> datetime:
    return now + timedelta(days=1)


class _Records(FirestoreRecords):
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def change(self, call_sid: str, lead_id: str, decide: Callable[[Documents], Any], give_up_at: float) -> Any:
        return self._memory.change(call_sid, lead_id, decide)


class Topic:
    """Takes messages; `is_away`: none."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.is_away = False

    def publish(self, message: Message) -> None:
        if self.is_away:
            raise NotNow("Pub/Sub: ServiceUnavailable")
        self.messages.append(message)


class Model:
    """Answers as told, and remembers of how many events each answer was made; `answer` None: it is away."""

    def __init__(self, answer: Answer | None) -> None:
        self.answer = answer
        self.asked_with: list[int] = []

    def summarise(self, outcome: Outcome) -> Answer:
        self.asked_with.append(outcome.events_count)
        if self.answer is None:
            raise EngineUnavailable("HTTP 503")
        return self.answer


def clock_of(memory: Memory) -> Clock:
    return Clock(now=lambda: memory.now, sleep=_no_waiting)


def _no_waiting(seconds: float) -> None:
    raise AssertionError(f"one run at a time, and still it waits {seconds} s")


def minutes(memory: Memory, count: int) -> Iterator[None]:
    """The sweep's rhythm: every two minutes."""
    for _ in range(0, count, 2):
        memory.now += timedelta(minutes=2)
        yield
