"""Apply a decision to the documents in Firestore.

Read, decide, and write on the condition that nothing changed in between, as one atomic commit: this takes no locks,
so callers of one busy number do not wait for each other, and a commit whose answer was lost is recognised when the
documents are read again. Every request has its own timeout, since the library's own run for minutes.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from google.api_core import exceptions
from google.auth.exceptions import GoogleAuthError
from google.cloud import firestore

from calls import records

from .decisions import Decision, Documents

_REQUEST_TIMEOUT_S: Final = 2.0
_LONGEST_PAUSE_S: Final = 1.0

_TRY_AGAIN: Final = (
    # Somebody else wrote first: decide again.
    exceptions.Conflict,  # AlreadyExists and Aborted among them
    exceptions.FailedPrecondition,
    exceptions.NotFound,
    # Firestore is away or busy for the moment.
    exceptions.DeadlineExceeded,
    exceptions.InternalServerError,
    exceptions.ServiceUnavailable,
    exceptions.TooManyRequests,
)


class RecordsUnavailable(Exception):
    """Firestore did not take the change. The message names the kind of error only: its text names documents, and
    leads are named by phone numbers."""


class FirestoreRecords:
    """Shared by all requests of an instance. The client is made on first use, so not before a server forks."""

    def __init__(self, project: str, make_client: Callable[..., Any] = firestore.Client) -> None:
        self._project = project
        self._make_client = make_client
        self._client: Any = None
        self._making = threading.Lock()

    def warm(self) -> None:
        """Make the connection, so that the first caller does not wait for it. Raises `RecordsUnavailable`."""
        try:
            client = self._connected()
            client.collection(records.CALLS).document("warm").get(retry=None, timeout=_REQUEST_TIMEOUT_S)
        except (exceptions.GoogleAPIError, GoogleAuthError, OSError) as exc:
            raise RecordsUnavailable(type(exc).__name__) from None

    def change(
        self, call_sid: str, lead_id: str, decide: Callable[[Documents], Decision], give_up_at: float
    ) -> Decision:
        """Return the decision that was written. `give_up_at` is on `time.monotonic`.

        `decide` may run more than once. Raises `RecordsUnavailable`.
        """
        pause_s = 0.05
        while True:
            try:
                return self._attempt(call_sid, lead_id, decide, give_up_at)
            except _TRY_AGAIN as exc:
                if time.monotonic() + pause_s >= give_up_at:
                    raise RecordsUnavailable(type(exc).__name__) from None
            except (exceptions.GoogleAPIError, GoogleAuthError, OSError) as exc:
                raise RecordsUnavailable(type(exc).__name__) from None
            time.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries, guards nothing
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _attempt(
        self, call_sid: str, lead_id: str, decide: Callable[[Documents], Decision], give_up_at: float
    ) -> Decision:
        client = self._connected()
        call = client.collection(records.CALLS).document(call_sid)
        leads = client.collection(records.LEADS)
        lead, placeholder = leads.document(lead_id), leads.document(call_sid)
        timeout_s = max(0.1, min(_REQUEST_TIMEOUT_S, give_up_at - time.monotonic()))
        found = {
            snapshot.reference.path: snapshot
            for snapshot in client.get_all({call, lead, placeholder}, retry=None, timeout=timeout_s)
        }
        decision = decide(
            Documents(
                call=found[call.path].to_dict(),
                lead=found[lead.path].to_dict(),
                placeholder=found[placeholder.path].to_dict() if lead_id != call_sid else None,
            )
        )
        batch = client.batch()
        _put(client, batch, found[call.path], decision.call)
        _put(client, batch, found[lead.path], decision.lead)
        if decision.drop_placeholder:
            batch.delete(placeholder, option=_unchanged(client, found[placeholder.path]))
        if len(batch):
            batch.commit(retry=None, timeout=timeout_s)
        return decision

    def _connected(self) -> Any:
        with self._making:
            if self._client is None:
                self._client = self._make_client(project=self._project or None)
            return self._client


def _put(client: Any, batch: Any, snapshot: Any, fields: Mapping[str, Any]) -> None:
    if fields and snapshot.exists:
        batch.update(snapshot.reference, dict(fields), option=_unchanged(client, snapshot))
    elif fields:
        batch.create(snapshot.reference, dict(fields))


def _unchanged(client: Any, snapshot: Any) -> Any:
    return client.write_option(last_update_time=snapshot.update_time)
