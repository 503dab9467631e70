"""The events of a call and its documents in Firestore.

A lost answer, a repeated delivery and a parallel run all end the same way. Every method bounds its own waiting and
raises `NotNow` when it could not be done within it, or `Rejected` when Firestore refuses what it is given.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from google.api_core.exceptions import AlreadyExists
from google.cloud.firestore_v1.base_query import FieldFilter

from calls import records
from calls.erasure import is_erased
from calls.events import CALL_ENDED, CallEvent, Parties
from calls.lead_notice import DUE_AT
from calls.missing_records import Documents, MetCall, missing
from functions.shared.errors import RecordsUnavailable
from functions.shared.firestore_records import FirestoreRecords

from .errors import NotNow, Rejected
from .event_documents import CLOSED, StoredEvents, from_documents, is_newer, to_document
from .outcome import Closing
from .records_update import Changes
from .sweep import LastEvent

REJECTED_EVENTS: Final = "rejected_events"

# A call of hours is read and written at once; an outage is worth a redelivery.
REQUEST_TIMEOUT_S: Final = 8.0
_GIVE_UP_AFTER_S: Final = 8.0

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Records:
    """Both documents of a call as they were read."""

    call: Mapping[str, Any]
    """As it will be, with what is missing of it."""
    lead: Mapping[str, Any] | None
    """As it will be created, if it is missing; None if somebody deleted it, and it is to stay away."""
    read_at: datetime
    """On Firestore's clock, which all instances share."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and the records it was decided on."""

    records: Records
    call: Mapping[str, Any]
    lead: Mapping[str, Any]
    drop_placeholder: bool = False

    @property
    def lead_id(self) -> str:
        return str({**self.records.call, **self.call}.get("lead_id") or "")

    @property
    def lead_now(self) -> dict[str, Any]:
        return {**(self.records.lead or {}), **self.lead}


class CallStore:
    """Shared by all requests of the instance."""

    def __init__(self, firestore: FirestoreRecords, call_mode: str, retention_days: int) -> None:
        """`call_mode` is written on calls that are met first here."""
        self._firestore = firestore
        self._call_mode = call_mode
        self._retention_days = retention_days

    def add_event(self, event: CallEvent, now: datetime) -> bool:
        """Store the event under its own identity. A repeat changes nothing: the first one to arrive stands, unless the
        recognizer has revised its words since.

        False: the call was erased, and nothing of it is kept.
        """
        document = to_document(event) | {"expires_at": records.expires_at(now, self._retention_days)}
        name = records.utterance_id(event.leg, event.seq)

        def create(client: Any, timeout_s: float) -> bool:
            stored = _events(client, event.call_sid).document(name)
            try:
                stored.create(document, retry=None, timeout=timeout_s)
            except AlreadyExists:
                if is_newer(document, lambda: stored.get(retry=None, timeout=timeout_s).to_dict() or {}):
                    stored.set(document, retry=None, timeout=timeout_s)
            # After it: an erasure marks the call first and then looks for events, so one of the two finds this one.
            call = client.collection(records.CALLS).document(event.call_sid)
            erased = is_erased(call.get(["erased_at"], retry=None, timeout=timeout_s).to_dict())
            if erased:
                stored.delete(retry=None, timeout=timeout_s)
            return not erased

        return self._run(create)

    def has_ended(self, call_sid: str) -> bool:
        """Whether any leg's `call.ended` is stored. Ask after storing: of two parallel runs, one then sees both."""

        def find(client: Any, timeout_s: float) -> bool:
            query = _events(client, call_sid).where(filter=FieldFilter("type", "in", [CALL_ENDED, CLOSED])).limit(1)
            return bool(query.get(retry=None, timeout=timeout_s))

        return self._run(find)

    def events(self, call_sid: str) -> StoredEvents:
        """Every event stored so far, in no order."""
        snapshots = self._run(lambda client, timeout_s: _events(client, call_sid).get(retry=None, timeout=timeout_s))
        return from_documents(snapshot.to_dict() or {} for snapshot in snapshots)

    def close(self, call_sid: str, closing: Closing, now: datetime) -> None:
        """Store that the sweep ended the call: of parallel runs, one then sees it. A repeat changes nothing."""
        document = {"type": CLOSED, "call_sid": call_sid, "leg": closing.leg, "closed_at": closing.at}
        document |= {"expires_at": records.expires_at(now, self._retention_days)}
        name = f"{closing.leg}-closed"

        def create(client: Any, timeout_s: float) -> None:
            try:
                _events(client, call_sid).document(name).create(document, retry=None, timeout=timeout_s)
            except AlreadyExists:
                return

        self._run(create)

    def last_event(self, call_sid: str) -> LastEvent | None:
        def find(client: Any, timeout_s: float) -> list[Any]:
            # Events are named by leg and number, and names decide between equals: the last one of the last leg.
            query = _events(client, call_sid).order_by("leg", direction="DESCENDING").limit(2)
            return list(query.get(retry=None, timeout=timeout_s))

        for snapshot in self._run(find):
            document = snapshot.to_dict() or {}
            if document.get("type") != CLOSED and isinstance(document["leg"], int):
                at = document.get("ended_at")
                happened_at = at if isinstance(at, datetime) else None
                return LastEvent(document["leg"], snapshot.update_time, happened_at)
        return None

    def calls_due(self, now: datetime, most: int) -> list[tuple[str, Mapping[str, Any]]]:
        """Calls that the sweep is to look at, the longest waiting first."""
        return self._due(records.CALLS, "sweep_at", now, most)

    def leads_due(self, before: datetime, most: int) -> list[tuple[str, Mapping[str, Any]]]:
        """Leads with a message that was due by then and is not out."""
        return self._due(records.LEADS, DUE_AT, before, most)

    def _due(self, collection: str, field: str, at: datetime, most: int) -> list[tuple[str, Mapping[str, Any]]]:
        def find(client: Any, timeout_s: float) -> list[Any]:
            due = client.collection(collection).where(filter=FieldFilter(field, "<=", at)).order_by(field).limit(most)
            return list(due.get(retry=None, timeout=timeout_s))

        return [(snapshot.id, snapshot.to_dict() or {}) for snapshot in self._run(find)]

    def change_lead(self, lead_id: str, decide: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Write what `decide` makes of a lead alone. One that was deleted stays away."""
        self._change(records.LEADS, lead_id, decide)

    def look_again(self, call_sid: str, at: datetime) -> None:
        """When the sweep is to look at a call next."""
        self._change(records.CALLS, call_sid, lambda _: {"sweep_at": at})

    def _change(self, collection: str, name: str, decide: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        def change(client: Any, timeout_s: float) -> None:
            reference = client.collection(collection).document(name)
            snapshot = reference.get(retry=None, timeout=timeout_s)
            changes = dict(decide(snapshot.to_dict() or {})) if snapshot.exists else {}
            if changes:
                unchanged = client.write_option(last_update_time=snapshot.update_time)
                reference.update(changes, option=unchanged, retry=None, timeout=timeout_s)

        self._run(change)

    def update(
        self, call_sid: str, now: datetime, decide: Callable[[Records], Changes], parties: Parties | None = None
    ) -> Written:
        """Write what `decide` makes of the records, and create what is missing.

        `decide` runs once more whenever a document was changed between reading and writing. `parties`: as the events
        tell it, for a call that could not be written when the phone rang.
        """
        caller, called = (parties.from_number, parties.to_number) if parties else ("", "")
        met = MetCall(call_sid, caller, called, self._call_mode, now, self._retention_days)

        def with_missing(documents: Documents) -> Written:
            gap = missing(met, documents)
            lead = None if gap.lead_was_deleted else {**(documents.lead or {}), **gap.lead}
            found = Records({**(documents.call or {}), **gap.call}, lead, documents.read_at or now)
            changes = decide(found)
            on_lead = {} if lead is None else {**gap.lead, **(changes.lead or {})}
            return Written(found, {**gap.call, **changes.call}, on_lead, gap.drop_placeholder)

        give_up_at = time.monotonic() + _GIVE_UP_AFTER_S
        return _translated(lambda: self._firestore.change(call_sid, met.lead_id, with_missing, give_up_at))

    def reject(self, name: str, document: Mapping[str, Any], now: datetime) -> None:
        """Keep what was delivered and is no event, for a person to look at."""
        expiry = {"received_at": now, "expires_at": records.expires_at(now, self._retention_days)}

        def keep(client: Any, timeout_s: float) -> None:
            reference = client.collection(REJECTED_EVENTS).document(name)
            reference.set({**document, **expiry}, retry=None, timeout=timeout_s)

        self._run(keep)

    def _run(self, work: Callable[[Any, float], _T]) -> _T:
        return _translated(lambda: self._firestore.run(work, time.monotonic() + _GIVE_UP_AFTER_S))


def _events(client: Any, call_sid: str) -> Any:
    return client.collection(records.CALLS).document(call_sid).collection(records.UTTERANCES)


def _translated(done: Callable[[], _T]) -> _T:
    try:
        return done()
    except RecordsUnavailable as exc:
        raise (Rejected if exc.permanent else NotNow)(f"Firestore: {exc}") from exc
