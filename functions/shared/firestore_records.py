"""Read a call's documents in Firestore, decide, and write. Beside queries of the functions the only use of the library.

What is decided is written on the condition that nothing changed since it was read, as one atomic commit, and decided
again where something did. This takes no locks, so callers of one busy number do not wait for each other; and a commit
whose answer was lost is recognized when the documents are read again. Every request has its own timeout, since the
library's own run for minutes.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeVar

from google.api_core import exceptions
from google.auth.exceptions import GoogleAuthError
from google.cloud import firestore

from calls import records
from calls.erasure import is_erased
from calls.missing_records import Documents, lead_of
from functions.shared.errors import RecordsUnavailable

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 1.0
_SHORTEST_TIMEOUT_S: Final = 0.1

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
_FAILURES: Final = (exceptions.GoogleAPIError, GoogleAuthError, OSError)


class Change(Protocol):
    """What was decided: fields to write on each document, all of them where it does not exist."""

    @property
    def call(self) -> Mapping[str, Any]: ...

    @property
    def lead(self) -> Mapping[str, Any]: ...

    @property
    def drop_placeholder(self) -> bool: ...


_T = TypeVar("_T")
_C = TypeVar("_C", bound=Change)


class FirestoreRecords:
    """Shared by all requests of an instance. The client is made on first use, so not before a server forks."""

    def __init__(
        self, project: str, request_timeout_s: float = 2.0, make_client: Callable[..., Any] = firestore.Client
    ) -> None:
        """`project` "": the one the credentials belong to."""
        self._project = project
        self._request_timeout_s = request_timeout_s
        self._make_client = make_client
        self._client: Any = None
        self._making = threading.Lock()

    def warm(self) -> None:
        """Make the connection, so that the first request does not wait for it. Raises `RecordsUnavailable`."""

        def read(client: Any, timeout_s: float) -> None:
            client.collection(records.CALLS).document("warm").get(retry=None, timeout=timeout_s)

        self.run(read, time.monotonic())

    def change(self, call_sid: str, lead_id: str, decide: Callable[[Documents], _C], give_up_at: float) -> _C:
        """Return the decision that was written. `give_up_at` is on `time.monotonic`.

        On a call that was erased nothing is written, whatever is decided. `lead_id` is the lead of a call that does not
        name its own yet. `decide` may run more than once. Raises `RecordsUnavailable`.
        """

        def attempt(client: Any, timeout_s: float) -> _C:
            found = _Found(client, call_sid, lead_id, timeout_s)
            decided = decide(found.documents)
            found.write(decided, timeout_s)
            return decided

        return self.run(attempt, give_up_at)

    def run(self, work: Callable[[Any, float], _T], give_up_at: float) -> _T:
        """What `work` makes of the client, tried again until `give_up_at` where that may help.

        Its second argument is the timeout for each request it makes. Raises `RecordsUnavailable`.
        """
        pause_s = _FIRST_PAUSE_S
        while True:
            remaining_s = give_up_at - time.monotonic()
            timeout_s = self._request_timeout_s if remaining_s <= 0 else min(self._request_timeout_s, remaining_s)
            try:
                return work(self._connected(), max(_SHORTEST_TIMEOUT_S, timeout_s))
            except _TRY_AGAIN as exc:
                if time.monotonic() + pause_s >= give_up_at:
                    raise RecordsUnavailable(type(exc).__name__) from None
            except _FAILURES as exc:
                permanent = isinstance(exc, exceptions.InvalidArgument)
                raise RecordsUnavailable(type(exc).__name__, permanent=permanent) from None
            # Random, so that writers who met once do not meet again.
            time.sleep(random.uniform(0.0, pause_s))  # noqa: S311 - spreads retries, guards nothing
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _connected(self) -> Any:
        with self._making:
            if self._client is None:
                self._client = self._make_client(project=self._project or None)
            return self._client


class _Found:
    """The documents of a call as they were read, and the way to change these and no newer ones."""

    def __init__(self, client: Any, call_sid: str, lead_id: str, timeout_s: float) -> None:
        leads = client.collection(records.LEADS)
        call, lead = client.collection(records.CALLS).document(call_sid), leads.document(lead_id)
        placeholder = leads.document(call_sid)
        self._client = client
        found = self._read({call, lead, placeholder}, timeout_s)
        self._call = found[call.path]
        own = leads.document(lead_of(self._call.to_dict(), call_sid, lead_id))
        if own.path not in found:
            found |= self._read({own}, timeout_s)
        # One request may see a call and not yet the lead that was written with it (on the emulator, 3 times of 1500).
        # Asked for once more it is there, or a person has deleted it.
        named = (self._call.to_dict() or {}).get("lead_id")
        if unseen := {each for each in (own, placeholder) if each.id == named and not found[each.path].exists}:
            found |= self._read(unseen, timeout_s)
        self._lead = found[own.path]
        self._placeholder = found[placeholder.path] if own.path != placeholder.path else None

    @property
    def documents(self) -> Documents:
        placeholder = self._placeholder.to_dict() if self._placeholder else None
        return Documents(self._call.to_dict(), self._lead.to_dict(), placeholder, self._call.read_time)

    def write(self, decided: Change, timeout_s: float) -> None:
        if is_erased(self._call.to_dict()):
            return
        batch = self._client.batch()
        for snapshot, fields in ((self._call, decided.call), (self._lead, decided.lead)):
            if fields and snapshot.exists:
                batch.update(snapshot.reference, dict(fields), option=self._unchanged(snapshot))
            elif fields:
                batch.create(snapshot.reference, dict(fields))
        if decided.drop_placeholder and self._placeholder:
            batch.delete(self._placeholder.reference, option=self._unchanged(self._placeholder))
        if len(batch):
            batch.commit(retry=None, timeout=timeout_s)

    def _read(self, references: set[Any], timeout_s: float) -> dict[str, Any]:
        snapshots = self._client.get_all(references, retry=None, timeout=timeout_s)
        return {snapshot.reference.path: snapshot for snapshot in snapshots}

    def _unchanged(self, snapshot: Any) -> Any:
        return self._client.write_option(last_update_time=snapshot.update_time)
