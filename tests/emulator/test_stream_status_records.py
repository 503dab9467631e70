"""Reports reach Firestore, in any order and at the same time as everything else."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from google.cloud import firestore

from calls import records
from calls.missing_records import Documents, MetCall
from functions.incoming_call.decisions import at_ring
from functions.shared.firestore_records import FirestoreRecords
from functions.stream_status.progress import Changes, Report, changes

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)
LEAD = "972501234567"
RINGING = MetCall("CA1", "+972501234567", "+97231234567", "assistant", NOW, 365)


def report(event: str, second: int, sid: str = "MZ1") -> Report:
    return Report("CA1", event, sid, "", "", "", "", NOW + timedelta(seconds=second))


REPORTS = [
    report("stream-started", 1),
    report("stream-error", 5),
    report("stream-started", 6, "MZ2"),
    report("stream-stopped", 9, "MZ2"),
]


def tell(store: FirestoreRecords, each: Report) -> None:
    def decide(documents: Documents) -> Changes:
        return changes(each, documents, NOW, 365)

    store.change("CA1", each.lead_id, decide, time.monotonic() + 20)


def ring(client: firestore.Client) -> None:
    store = FirestoreRecords("", make_client=lambda **_: client)
    store.change("CA1", LEAD, partial(at_ring, RINGING), time.monotonic() + 20)


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


def test_a_started_stream_shows_on_the_call_and_on_its_lead(store: FirestoreRecords, client: firestore.Client) -> None:
    store.warm()
    ring(client)
    tell(store, REPORTS[0])
    call = document(client, records.CALLS, "CA1")
    assert (call["status"], call["stream"]["sid"], call["stream"]["leg"]) == ("in_progress", "MZ1", None)
    assert document(client, records.LEADS, LEAD)["status"] == "in_call"


def test_reports_of_two_streams_end_the_same_in_every_order(client: firestore.Client) -> None:
    """Twice each, and all at once."""
    ended = []
    for order in list(permutations(REPORTS))[::5]:
        client.collection(records.CALLS).document("CA1").delete()
        client.collection(records.LEADS).document(LEAD).delete()
        ring(client)
        with ThreadPoolExecutor(4) as pool:
            store = FirestoreRecords("", make_client=lambda **_: client)
            list(pool.map(partial(tell, store), [*order, *order]))
        ended.append((document(client, records.CALLS, "CA1"), document(client, records.LEADS, LEAD)["status"]))
    assert all(each == ended[0] for each in ended)
    assert ended[0][0]["stream"]["sid"] == "MZ2"


def test_a_report_that_comes_before_the_call_is_written_makes_it_and_the_ring_puts_the_number_in(
    store: FirestoreRecords, client: firestore.Client
) -> None:
    tell(store, REPORTS[0])
    assert document(client, records.LEADS, "CA1")["status"] == "in_call"
    ring(client)
    call, lead = document(client, records.CALLS, "CA1"), document(client, records.LEADS, LEAD)
    assert (call["status"], call["from"], call["lead_id"]) == ("in_progress", "+972501234567", LEAD)
    assert (lead["status"], lead["calls_count"]) == ("in_call", 1)
    assert [snapshot.id for snapshot in client.collection(records.LEADS).stream()] == [LEAD]


def test_a_ring_and_a_report_at_the_same_time_leave_one_whole_call(client: firestore.Client) -> None:
    for _ in range(5):
        client.collection(records.CALLS).document("CA1").delete()
        client.collection(records.LEADS).document(LEAD).delete()
        store = FirestoreRecords("", make_client=lambda **_: client)
        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(ring, client), pool.submit(tell, store, REPORTS[0])]
            for future in both:
                future.result()
        call, lead = document(client, records.CALLS, "CA1"), document(client, records.LEADS, LEAD)
        assert (call["status"], call["lead_id"], lead["calls_count"], lead["status"]) == (
            "in_progress",
            LEAD,
            1,
            "in_call",
        )


def test_a_call_that_is_over_is_not_reopened(store: FirestoreRecords, client: firestore.Client) -> None:
    ring(client)
    over = {"status": "completed", "ended_at": NOW, "end_reason": "caller_hangup"}
    client.collection(records.CALLS).document("CA1").update(over)
    client.collection(records.LEADS).document(LEAD).update({"status": "captured"})
    for each in REPORTS:
        tell(store, each)
    assert over.items() <= document(client, records.CALLS, "CA1").items()
    assert document(client, records.LEADS, LEAD)["status"] == "captured"
