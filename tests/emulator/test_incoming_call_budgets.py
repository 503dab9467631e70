"""What a caller has used is found in Firestore."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from google.cloud import firestore

from calls import records
from calls.bounded_work import BoundedWork
from calls.missing_records import MetCall
from calls.twilio_signature import signature
from calls.twilio_webhook import WebhookRequest
from functions.incoming_call.answering import Answering
from functions.incoming_call.budgets import Budgets
from functions.incoming_call.settings import load
from functions.incoming_call.used_budgets import UsedBudgets
from functions.shared.bounded_records import BoundedRecords
from functions.shared.firestore_records import FirestoreRecords

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)


@pytest.fixture
def client(firestore_project: str) -> Iterator[firestore.Client]:
    made = firestore.Client(project=firestore_project)
    yield made
    made.close()


def called(client: firestore.Client, call_sid: str, number: str, minutes_ago: float, seconds: float | None) -> None:
    started_at = NOW - timedelta(minutes=minutes_ago)
    document = records.new_call(call_sid, number, "+97231234567", "assistant", started_at, 365)
    ended = {"duration_s": seconds, "status": "completed"} if seconds is not None else {"status": "in_progress"}
    client.collection(records.CALLS).document(call_sid).set({**document, **ended})


def used_up(client: firestore.Client, number: str, budgets: Budgets) -> str:
    store = FirestoreRecords("", make_client=lambda **_: client)
    ringing = MetCall("CA-now", number, "+97231234567", "assistant", NOW, 365)
    return UsedBudgets(store, budgets, 20.0).used_up(ringing)


def test_a_caller_is_counted_under_any_spelling_and_nobody_else_is(client: firestore.Client) -> None:
    called(client, "CA1", "+972501234567", 5, 30.0)
    called(client, "CA2", "whatsapp:+972501234567", 10, None)
    called(client, "CA3", "+972501234567", 70, 3000.0)
    called(client, "CA-now", "+972501234567", 0, None)

    assert used_up(client, "0501234567", Budgets(calls_per_number_per_hour=2)) == "CALLS_PER_NUMBER_PER_HOUR"
    assert used_up(client, "0501234567", Budgets(calls_per_number_per_hour=3)) == ""
    # 30 s, 600 s so far of the one that goes on, 3000 s.
    assert used_up(client, "0501234567", Budgets(minutes_per_number_per_day=60)) == "MINUTES_PER_NUMBER_PER_DAY"
    assert used_up(client, "0501234567", Budgets(minutes_per_number_per_day=61)) == ""
    assert used_up(client, "0541234567", Budgets(1, 1)) == ""


def test_the_minutes_of_all_callers_are_added_up(client: firestore.Client) -> None:
    for each in range(4):
        called(client, f"CA{each}", f"+97250123456{each}", 60 * each, 61.5)
    called(client, "CA-yesterday", "+972501234567", 1441, 9999.0)

    assert used_up(client, "anonymous", Budgets(minutes_per_day=4)) == "MINUTES_PER_DAY"
    assert used_up(client, "anonymous", Budgets(minutes_per_day=5)) == ""


def test_the_third_call_within_an_hour_is_turned_away_where_two_are_allowed(client: firestore.Client) -> None:
    store = FirestoreRecords("", make_client=lambda **_: client)
    environ = {
        "INCOMING_CALL_URL": "https://in.example",
        "PUBLIC_HOST": "media.example",
        "TWILIO_AUTH_TOKEN": "t",
        "STREAM_TOKEN_SECRET": "s",
        "LEAD_WRITE_BUDGET_MS": "10000",
        "CALLS_PER_NUMBER_PER_HOUR": "2",
    }
    settings = load(environ)
    records_within = BoundedRecords(store, BoundedWork(2, 4), settings.write_budget_s)
    app = Answering(settings, records_within, UsedBudgets(store, settings.budgets, 5.0))

    def rings(call_sid: str) -> str:
        form = {"CallSid": call_sid, "From": "+972501234567", "To": "+97231234567", "CallStatus": "ringing"}
        signed = signature("t", "https://in.example", form.items())
        kind = "application/x-www-form-urlencoded"
        return app.reply("/", WebhookRequest("POST", "", kind, signed, urlencode(form).encode())).body

    answers = [rings(call_sid) for call_sid in ("CA1", "CA2", "CA3", "CA4", "CA2", "CA4")]
    assert ["<Connect" in answer for answer in answers] == [True, True, False, False, True, False]
    lead = client.document("leads/972501234567").get().to_dict()
    assert lead
    assert (lead["status"], lead["calls_count"]) == ("needs_callback", 4)
