"""The call's documents in Firestore. The only file that knows the vendor's library.

Documents are changed under the condition that they are still as they were read, and otherwise read again: a lost
answer, a repeated delivery and a parallel run then all end the same way, without locks that somebody has to break.
Every method bounds its own waiting and raises `NotNow` when it could not be done within it, or `Rejected` when
Firestore refuses what it is given.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from calls import records
from calls.events import CALL_ENDED, CallEvent

from .errors import NotNow, Rejected
from .event_documents import from_documents, to_document
from .records_update import Changes, lead_was_deleted

_Snapshot: TypeAlias = "firestore.DocumentSnapshot[firestore.DocumentReference]"

REJECTED_EVENTS: Final = "rejected_events"

# For one request. The library's own retries go on for minutes whatever the time-out says, so they are off.
_TIMEOUT_S: Final = 8.0
_NO_RETRY: Final = Retry(predicate=if_exception_type())
# A broken connection is worth another try here; an outage is worth a redelivery.
_BRIEFLY: Final = Retry(
    predicate=if_exception_type(exceptions.ServiceUnavailable), initial=0.1, maximum=1.0, timeout=3.0
)
# What a conditional write says when somebody else wrote in between.
_CHANGED_MEANWHILE: Final = (
    exceptions.FailedPrecondition,
    exceptions.AlreadyExists,
    exceptions.NotFound,
    exceptions.Aborted,
)
_WRITE_ATTEMPTS: Final = 10
_LONGEST_PAUSE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Records:
    """Both documents of a call as they were read."""

    call: Mapping[str, Any]
    """With every field; those that are missing will be written."""
    lead: Mapping[str, Any] | None
    """As it will be created, if it is missing; None if somebody deleted it, and it is to stay away."""
    read_at: datetime
    """On Firestore's clock, which all instances share."""


class CallStore:
    """Shared by all requests of the instance."""

    def __init__(self, client: firestore.Client, call_mode: str, retention_days: int) -> None:
        self._client = client
        self._call_mode = call_mode
        self._retention_days = retention_days

    def add_event(self, event: CallEvent, now: datetime) -> None:
        """Store the event under its own identity. A repeat changes nothing: the first one to arrive stands."""
        document = to_document(event) | {"expires_at": records.expires_at(now, self._retention_days)}
        name = records.utterance_id(event.leg, event.seq)
        reference = self._call(event.call_sid).collection(records.UTTERANCES).document(name)
        with _translated():
            try:
                _BRIEFLY(reference.create)(document, retry=_NO_RETRY, timeout=_TIMEOUT_S)
            except exceptions.AlreadyExists:
                return

    def has_ended(self, call_sid: str) -> bool:
        """Whether any leg's `call.ended` is stored. Ask after storing: of two parallel runs, one then sees both."""
        query = (
            self._call(call_sid)
            .collection(records.UTTERANCES)
            .where(filter=FieldFilter("type", "==", CALL_ENDED))
            .limit(1)
        )
        with _translated():
            return bool(_BRIEFLY(query.get)(retry=_NO_RETRY, timeout=_TIMEOUT_S))

    def events(self, call_sid: str) -> tuple[list[CallEvent], int]:
        """Every event stored so far, in no order, and how many documents beside them are none."""
        collection = self._call(call_sid).collection(records.UTTERANCES)
        with _translated():
            snapshots = _BRIEFLY(collection.get)(retry=_NO_RETRY, timeout=_TIMEOUT_S)
        return from_documents(snapshot.to_dict() or {} for snapshot in snapshots)

    def update(self, call_sid: str, now: datetime, decide: Callable[[Records], Changes]) -> Records:
        """Write what `decide` makes of the records, and create what is missing. Returns the records it decided on.

        `decide` runs once more whenever a document was changed between reading and writing.
        """
        with _translated():
            for attempt in range(_WRITE_ATTEMPTS):
                call = self._read(self._call(call_sid))
                lead = self._read(self._lead(call_sid, call))
                found = self._records(call_sid, call, lead, now)
                try:
                    self._write(found, decide(found), call, lead)
                except _CHANGED_MEANWHILE:
                    # Random, so that runs that met once do not meet again.
                    time.sleep(random.uniform(0.0, min(_LONGEST_PAUSE_S, 0.05 * 2**attempt)))  # noqa: S311 - no secret
                else:
                    return found
        raise NotNow("too many writers")

    def reject(self, name: str, document: Mapping[str, Any], now: datetime) -> None:
        """Keep what was delivered and is no event, for a person to look at."""
        expiry = {"received_at": now, "expires_at": records.expires_at(now, self._retention_days)}
        reference = self._client.collection(REJECTED_EVENTS).document(name)
        with _translated():
            _BRIEFLY(reference.set)({**document, **expiry}, retry=_NO_RETRY, timeout=_TIMEOUT_S)

    def _call(self, call_sid: str) -> firestore.DocumentReference:
        return self._client.collection(records.CALLS).document(call_sid)

    def _lead(self, call_sid: str, call: _Snapshot) -> firestore.DocumentReference:
        given = (call.to_dict() or {}).get("lead_id")
        usable = isinstance(given, str) and given and "/" not in given
        return self._client.collection(records.LEADS).document(given if usable else records.lead_id("", call_sid))

    def _read(self, reference: firestore.DocumentReference) -> _Snapshot:
        return _BRIEFLY(reference.get)(retry=_NO_RETRY, timeout=_TIMEOUT_S)

    def _records(self, call_sid: str, call: _Snapshot, lead: _Snapshot, now: datetime) -> Records:
        # Somebody who met the call before may have made a document with little in it.
        whole = records.new_call(call_sid, "", "", self._call_mode, now, self._retention_days)
        call_document = whole | (call.to_dict() or {})
        lead_document = lead.to_dict()
        if not lead.exists and not (call.exists and lead_was_deleted(call_sid, call_document)):
            lead_document = records.new_lead(call_sid, "", "", now, self._retention_days)
        return Records(call_document, lead_document, call.read_time)

    def _write(
        self,
        found: Records,
        changes: Changes,
        call: _Snapshot,
        lead: _Snapshot,
    ) -> None:
        batch = self._client.batch()
        for snapshot, document, changed in ((call, found.call, changes.call), (lead, found.lead, changes.lead)):
            if document is None:
                continue
            stored = snapshot.to_dict() or {}
            missing = {name: value for name, value in document.items() if name not in stored}
            fields = missing | (changed or {})
            if not snapshot.exists:
                batch.create(snapshot.reference, fields)
            elif fields:
                unchanged = self._client.write_option(last_update_time=snapshot.update_time)
                batch.update(snapshot.reference, fields, option=unchanged)
        if len(batch):
            _BRIEFLY(batch.commit)(retry=_NO_RETRY, timeout=_TIMEOUT_S)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except exceptions.InvalidArgument as exc:
        raise Rejected("Firestore refuses it") from exc
    except exceptions.GoogleAPIError as exc:
        # The message of the vendor's exception names documents, and so phone numbers: it stays out of logs.
        raise NotNow(type(exc).__name__) from exc
