"""Leads handed out, and callers erased, on a real Firestore API."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from google.cloud import firestore

from calls import records
from calls.missing_records import Documents, MetCall
from functions.incoming_call.decisions import after_recording, at_ring
from functions.shared.firestore_records import FirestoreRecords
from functions.stream_status.progress import Changes, Report, changes
from functions.summarize import texts
from functions.summarize.store import CallStore
from functions.summarize.summarizing import Summarizer
from infra.leads.__main__ import main
from infra.leads.erasure import Erased, NoNumber, erase
from tests.functions.summarize.example_calls import demo_call

pytestmark = pytest.mark.emulator

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)
DANA, AVI = "+972501234567", "+972541234567"
RECORDING = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"


class Deleted:
    """Twilio, which deletes what it is asked to unless it `refuses`."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses
        self.asked: list[str] = []

    def delete(self, url: str) -> str:
        self.asked.append(url)
        return self.refuses


@pytest.fixture
def client(firestore_project: str) -> Iterator[Any]:
    made: Any = firestore.Client(project=firestore_project)
    yield made
    made.close()


def met(call_sid: str, number: str) -> MetCall:
    return MetCall(call_sid, number, "+97231234567", "assistant", NOW, 365)


def rung(client: Any, call_sid: str, number: str, utterances: int = 2, **on_call: Any) -> None:
    store = FirestoreRecords("", make_client=lambda **_: client)
    ringing = met(call_sid, number)
    store.change(call_sid, ringing.lead_id, partial(at_ring, ringing), time.monotonic() + 20)
    call = client.document(f"calls/{call_sid}")
    call.update({"transcript": "לקוח: קוראים לי דנה", **on_call})
    for seq in range(1, utterances + 1):
        call.collection("utterances").document(records.utterance_id(1, seq)).set({"text": "קוראים לי דנה", "seq": seq})


def names(client: Any, collection: str) -> set[str]:
    return {each.id for each in client.collection(collection).stream()}


def everything(client: Any) -> str:
    """All that stands in the database, as one text."""
    found = [
        each.to_dict() for group in ("leads", "calls", "rejected_events") for each in client.collection(group).stream()
    ]
    found += [each.to_dict() for each in client.collection_group("utterances").stream()]
    return json.dumps(found, default=str, ensure_ascii=False)


@pytest.fixture
def called(client: Any) -> Any:
    """Dana called twice and left a message, Avi once; once Dana hid her number and said it."""
    rung(client, "CA1", DANA, utterances=3)
    rung(client, "CA2", "whatsapp:" + DANA, recording_url=RECORDING)
    rung(client, "CA3", AVI)
    rung(client, "CA4", "anonymous")
    client.document("leads/CA4").update({"phone": DANA})
    client.document("leads/972541234567").update({"name": "אבי"})
    client.document("rejected_events/1").set({"data": '{"call_sid": "CA2", "text": "דנה"}'})
    client.document("rejected_events/2").set({"data": "other"})
    return client


@pytest.mark.parametrize("spelling", ["050-123-4567", "+972 (0)50 1234567", "972501234567", "whatsapp:+972501234567"])
def test_a_caller_is_erased_under_any_spelling_and_nobody_else_is(called: Any, spelling: str) -> None:
    twilio = Deleted()
    erased = erase(called, spelling, NOW, twilio)

    assert (sorted(erased.leads), sorted(erased.calls)) == (["972501234567", "CA4"], ["CA1", "CA2", "CA4"])
    assert (erased.utterances, erased.rejected_events, erased.recordings) == (7, 1, [RECORDING])
    assert twilio.asked == [RECORDING]
    assert names(called, "leads") == {"972541234567"}
    assert names(called, "rejected_events") == {"2"}
    left = everything(called)
    assert "501234567" not in left
    assert left.count("קוראים לי דנה") == 3, "Avi's two utterances and his transcript"


def test_erasing_again_finds_nothing_and_does_no_harm(called: Any) -> None:
    erase(called, DANA, NOW, Deleted())
    assert erase(called, DANA, NOW, Deleted()) == Erased()


def test_a_run_that_broke_off_is_finished_by_the_next(called: Any) -> None:
    class Breaks(Deleted):
        def delete(self, url: str) -> str:
            raise ConnectionError("cut off")

    with pytest.raises(ConnectionError):
        erase(called, DANA, NOW, Breaks())
    erased = erase(called, DANA, NOW, Deleted())
    assert "972501234567" in erased.leads
    assert erased.recordings == [RECORDING]
    assert "501234567" not in everything(called)


def test_no_late_event_of_any_kind_brings_an_erased_call_back(called: Any) -> None:
    """Whoever comes with it, and knows the number: a repeated ring, a message, a report, `summarize`."""
    erase(called, DANA, NOW, Deleted())
    before = everything(called)
    store = FirestoreRecords("", make_client=lambda **_: called)

    def report(documents: Documents) -> Changes:
        return changes(Report("CA1", "stream-started", "MZ1", "", DANA, "", "", NOW), documents, NOW, 365)

    for call_sid in ("CA1", "CA2", "CA4"):
        ringing = met(call_sid, DANA)
        for decide in (
            partial(at_ring, ringing),
            partial(after_recording, ringing, RECORDING, "7"),
            report,
        ):
            store.change(call_sid, ringing.lead_id, decide, time.monotonic() + 20)
    assert everything(called) == before
    assert names(called, "leads") == {"972541234567"}


def test_a_new_call_of_an_erased_caller_is_a_new_lead(called: Any) -> None:
    erase(called, DANA, NOW, Deleted())
    rung(called, "CA5", DANA)
    assert called.document("leads/972501234567").get().to_dict()["calls_count"] == 1


def test_the_lead_of_another_caller_who_gave_this_number_is_told_and_stays(called: Any) -> None:
    called.document("leads/972541234567").update({"phone": DANA})
    erased = erase(called, DANA, NOW, Deleted())
    assert erased.named_elsewhere == ["972541234567"]
    assert names(called, "leads") == {"972541234567"}


def test_a_rehearsal_changes_nothing(called: Any) -> None:
    before, twilio = everything(called), Deleted()
    erased = erase(called, DANA, NOW, twilio, dry_run=True)
    assert (len(erased.leads), len(erased.calls), erased.utterances, erased.recordings) == (2, 3, 7, [RECORDING])
    assert twilio.asked == []
    assert everything(called) == before


def test_a_long_call_is_erased_whole(client: Any) -> None:
    """More utterances than Firestore writes at once."""
    rung(client, "CA1", DANA, utterances=0)
    utterances = client.collection("calls/CA1/utterances")
    for begin in range(0, 900, 300):
        batch = client.batch()
        for seq in range(begin, begin + 300):
            batch.set(utterances.document(records.utterance_id(1, seq)), {"seq": seq})
        batch.commit()
    assert erase(client, DANA, NOW, Deleted()).utterances == 900
    assert list(utterances.stream()) == []


@pytest.mark.parametrize("number", ["", "anonymous", "דנה"])
def test_what_is_no_number_erases_nobody(client: Any, number: str) -> None:
    with pytest.raises(NoNumber):
        erase(client, number, NOW, Deleted())


def test_the_command_says_what_it_erased_and_what_it_could_not(
    called: Any, capsys: pytest.CaptureFixture[str], firestore_project: str
) -> None:
    """Without credentials a recording stays at Twilio: whoever erases has to know, and how to go on."""
    assert main(["erase", "050-1234567", "--project", firestore_project], {}, NOW) == 1
    said = capsys.readouterr().out
    assert "Erased: 2 leads, 3 calls, 7 utterances, 1 rejected events, 0 recordings" in said
    assert f"STILL AT TWILIO: {RECORDING}" in said
    assert f"{RECORDING}.json" in said
    assert "backups" in said


def test_the_command_exports_tables_and_documents(
    called: Any, capsys: pytest.CaptureFixture[str], firestore_project: str, tmp_path: Any
) -> None:
    environ = {"GOOGLE_CLOUD_PROJECT": firestore_project}
    assert main(["export"], environ, NOW) == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["lead_id"] for row in table} == {"972501234567", "972541234567", "CA4"}

    out = tmp_path / "leads.json"
    given = ["export", "--format", "json", "--with-calls", "--number", "0501234567", "--out", str(out)]
    assert main(given, environ, NOW) == 0
    leads = {each["lead_id"]: each for each in json.loads(out.read_text("utf-8"))}
    assert set(leads) == {"972501234567", "CA4"}
    assert [len(each["utterances"]) for each in leads["972501234567"]["call_documents"]] == [3, 2]

    assert main(["export", "--out", str(tmp_path / "leads.csv")], environ, NOW) == 0
    assert (tmp_path / "leads.csv").read_bytes().startswith(b"\xef\xbb\xbf"), "spreadsheets then show Hebrew"


def test_no_event_of_an_erased_call_is_stored(called: Any) -> None:
    """Delivered late by Pub/Sub, from the dead letters or from the log: in any order, and more than once."""
    erase(called, DANA, NOW, Deleted())
    before = everything(called)
    store = CallStore(FirestoreRecords("", make_client=lambda **_: called), "assistant", 365)
    summarizer = Summarizer(store, None, texts.load(), claim_lasts_s=1.0)
    for event in [*demo_call(), *reversed(demo_call())]:
        summarizer.take(replace(event, call_sid="CA1"))
    assert everything(called) == before
