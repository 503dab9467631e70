"""Apply what a report changes to the documents in Firestore.

Read, decide, and write on the condition that nothing changed in between, as one atomic commit. Every request has
its own timeout, since the library's own run for minutes.
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

from .progress import Changes

Document = Mapping[str, Any] | None
"""None where it does not exist."""

Decide = Callable[[Document, Document], Changes]
"""Takes the call and its lead."""

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
        """Make the connection, so that the first report does not wait for it. Raises `RecordsUnavailable`."""
        try:
            client = self._connected()
            client.collection(records.CALLS).document("warm").get(retry=None, timeout=_REQUEST_TIMEOUT_S)
        except (exceptions.GoogleAPIError, GoogleAuthError, OSError) as exc:
            raise RecordsUnavailable(type(exc).__name__) from None

    def change(self, call_sid: str, lead_id: str, decide: Decide, give_up_at: float) -> None:
        """Return once the change is stored. `give_up_at` is on `time.monotonic`.

        `lead_id` is the lead of a call that is not known yet. `decide` may run more than once.
        Raises `RecordsUnavailable`.
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

    def _attempt(self, call_sid: str, lead_id: str, decide: Decide, give_up_at: float) -> None:
        client = self._connected()
        timeout_s = max(0.1, min(_REQUEST_TIMEOUT_S, give_up_at - time.monotonic()))
        call = client.collection(records.CALLS).document(call_sid).get(retry=None, timeout=timeout_s)
        named = (call.to_dict() or {}).get("lead_id") or lead_id
        lead = client.collection(records.LEADS).document(named).get(retry=None, timeout=timeout_s)
        decided = decide(call.to_dict(), lead.to_dict())
        batch = client.batch()
        _put(client, batch, call, decided.call)
        _put(client, batch, lead, decided.lead)
        if len(batch):
            batch.commit(retry=None, timeout=timeout_s)

    def _connected(self) -> Any:
        with self._making:
            if self._client is None:
                self._client = self._make_client(project=self._project or None)
            return self._client


def _put(client: Any, batch: Any, snapshot: Any, fields: Mapping[str, Any]) -> None:
    if fields and snapshot.exists:
        unchanged = client.write_option(last_update_time=snapshot.update_time)
        batch.update(snapshot.reference, dict(fields), option=unchanged)
    elif fields:
        batch.create(snapshot.reference, dict(fields))
