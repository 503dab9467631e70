"""Decisions reach Firestore once, whatever happens on the way."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore

from calls import records
from calls.missing_records import Documents, MetCall
from functions.incoming_call.decisions import (
    Connect,
    Decision,
    HangUp,
    Voicemail,
    after_recording,
    after_stream,
    at_ring,
)
from functions.shared.errors import RecordsUnavailable
from functions.shared.firestore_records import FirestoreRecords

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)
LEAD = "972501234567"
URL = "https://api.twilio.com/RE1"


def ringing(call_sid: str = "CA1") -> MetCall:
    return MetCall(call_sid, "+972501234567", "+97231234567", "assistant", NOW, 365)


def change(
    store: FirestoreRecords, decide: Callable[[Documents], Decision], call_sid: str = "CA1", within_s: float = 20
) -> Decision:
    return store.change(call_sid, LEAD, decide, time.monotonic() + within_s)


def ring(store: FirestoreRecords, call_sid: str = "CA1") -> Decision:
    return change(store, partial(at_ring, ringing(call_sid)), call_sid)


def stream_ended(store: FirestoreRecords, request: str) -> Decision:
    def decide(documents: Documents) -> Decision:
        return after_stream(ringing(), "in-progress", request, 2, True, documents)

    return change(store, decide)


@pytest.fixture
def client(firestore_project: str) -> Iterator[firestore.Client]:
    made = firestore.Client(project=firestore_project)
    yield made
    made.close()


@pytest.fixture
def store(client: firestore.Client) -> FirestoreRecords:
    return FirestoreRecords("", make_client=lambda **_: client)


def document(client: firestore.Client, collection: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] | None = client.collection(collection).document(name).get().to_dict()
    assert found is not None
    return found


class AnswersLost:
    """A Firestore client whose commits happen, but the first ones end in an error instead of an answer."""

    def __init__(self, client: firestore.Client, errors: list[Exception]) -> None:
        self._client = client
        self._errors = errors

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def batch(self) -> Any:
        batch, errors = self._client.batch(), self._errors
        commit = batch.commit

        def commit_and_lose_the_answer(**options: Any) -> Any:
            commit(**options)
            if errors:
                raise errors.pop()

        batch.commit = commit_and_lose_the_answer  # type: ignore[method-assign, assignment]
        return batch


class LeadSeenLate:
    """A Firestore client that finds the lead `CA1` missing once, whatever it finds of the call in the same request."""

    def __init__(self, client: firestore.Client) -> None:
        self._client = client
        self._before = [client.document(f"{records.LEADS}/CA1").get()]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_all(self, references: set[Any], **options: Any) -> Any:
        for snapshot in self._client.get_all(list(references), **options):
            late = snapshot.reference.path == f"{records.LEADS}/CA1" and self._before
            yield self._before.pop() if late else snapshot


def test_a_ring_leaves_both_documents_as_they_are_promised(store: FirestoreRecords, client: firestore.Client) -> None:
    store.warm()
    assert ring(store).answer == Connect(1)
    assert document(client, records.CALLS, "CA1") == records.new_call(
        "CA1", "+972501234567", "+97231234567", "assistant", NOW, 365
    )
    assert document(client, records.LEADS, LEAD) == records.new_lead("CA1", "+972501234567", "+97231234567", NOW, 365)


def test_one_ring_delivered_often_at_once_is_one_call(store: FirestoreRecords, client: firestore.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = [future.result().answer for future in [pool.submit(ring, store) for _ in range(8)]]
    assert answers == [Connect(1)] * 8
    assert document(client, records.LEADS, LEAD)["calls_count"] == 1


def test_many_calls_of_one_number_at_once_are_all_counted(store: FirestoreRecords, client: firestore.Client) -> None:
    sids = [f"CA{number}" for number in range(10)]
    with ThreadPoolExecutor(10) as pool:
        for future in [pool.submit(ring, store, sid) for sid in sids]:
            future.result()
    assert document(client, records.LEADS, LEAD)["calls_count"] == 10
    assert {snapshot.id for snapshot in client.collection(records.CALLS).stream()} == set(sids)


@pytest.mark.parametrize("error", [exceptions.DeadlineExceeded, exceptions.ServiceUnavailable])
def test_a_write_whose_answer_was_lost_counts_once(client: firestore.Client, error: type[Exception]) -> None:
    lossy = FirestoreRecords("", make_client=lambda **_: AnswersLost(client, [error("lost")]))
    assert ring(lossy).answer == Connect(1)
    assert document(client, records.LEADS, LEAD)["calls_count"] == 1


def test_a_reconnection_whose_answer_was_lost_uses_up_one_leg(client: firestore.Client) -> None:
    lost: Exception = exceptions.DeadlineExceeded("lost")
    lossy = FirestoreRecords("", make_client=lambda **_: AnswersLost(client, [lost]))
    assert stream_ended(lossy, "r1").answer == Connect(2, after_pause=True)
    assert document(client, records.CALLS, "CA1")["reconnects"] == 1


def test_lost_streams_are_counted_across_instances(client: firestore.Client) -> None:
    answers = [stream_ended(FirestoreRecords("", make_client=lambda **_: client), f"r{n}").answer for n in range(4)]
    assert answers == [Connect(2, True), Connect(3, True), Voicemail(), Voicemail()]
    assert document(client, records.LEADS, LEAD)["status"] == "needs_callback"


def test_one_webhook_delivered_often_at_once_uses_up_one_leg(store: FirestoreRecords) -> None:
    ring(store)
    with ThreadPoolExecutor(5) as pool:
        answers = [future.result().answer for future in [pool.submit(stream_ended, store, "r1") for _ in range(5)]]
    assert answers == [Connect(2, after_pause=True)] * 5


def test_an_end_reason_written_by_the_media_service_ends_the_call(
    store: FirestoreRecords, client: firestore.Client
) -> None:
    ring(store)
    client.collection(records.CALLS).document("CA1").set({"end_reason": "silence"}, merge=True)
    assert stream_ended(store, "r1").answer == HangUp()


def test_a_message_is_stored_once(store: FirestoreRecords, client: firestore.Client) -> None:
    for _ in range(3):
        assert change(store, partial(after_recording, ringing(), URL, "7")).answer == HangUp()
    call, lead = document(client, records.CALLS, "CA1"), document(client, records.LEADS, LEAD)
    assert (call["recording_url"], call["end_reason"], call["status"]) == (URL, "voicemail", "completed")
    assert (lead["recording_url"], lead["status"], lead["calls_count"]) == (URL, "needs_callback", 1)


def test_the_lead_of_an_unknown_caller_gives_way_to_the_callers_own(
    store: FirestoreRecords, client: firestore.Client
) -> None:
    client.collection(records.CALLS).document("CA1").set(records.new_call("CA1", "", "", "", NOW, 365))
    client.collection(records.LEADS).document("CA1").set(records.new_lead("CA1", "", "", NOW, 365))
    ring(store)
    assert document(client, records.CALLS, "CA1")["lead_id"] == LEAD
    assert [snapshot.id for snapshot in client.collection(records.LEADS).stream()] == [LEAD]


def test_a_lead_that_is_seen_later_than_its_call_is_neither_a_second_one_nor_taken_for_deleted(
    client: firestore.Client,
) -> None:
    late = LeadSeenLate(client)
    store = FirestoreRecords("", make_client=lambda **_: late)
    client.collection(records.CALLS).document("CA1").set(records.new_call("CA1", "", "", "", NOW, 365))
    client.collection(records.LEADS).document("CA1").set(records.new_lead("CA1", "", "", NOW, 365))
    ring(store)
    assert document(client, records.LEADS, LEAD)["calls_count"] == 1
    assert [snapshot.id for snapshot in client.collection(records.LEADS).stream()] == [LEAD]


@pytest.mark.usefixtures("firestore_project")
@pytest.mark.parametrize("accepts", [False, True])
def test_a_firestore_that_refuses_or_hangs_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch, accepts: bool) -> None:
    """The library's own limits run from one to five minutes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{server.getsockname()[1]}")
        if not accepts:
            server.close()
        store = FirestoreRecords("test")
        started = time.monotonic()
        with pytest.raises(RecordsUnavailable):
            change(store, partial(at_ring, ringing()), within_s=0.5)
        assert time.monotonic() - started < 1.5
