"""The rules of the lead and call documents."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import records
from calls.events import UtteranceFinal

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)
LEAD_FIELDS = {
    *("phone", "name", "need", "callback_time", "status", "summary", "next_step", "fields", "calls_count"),
    *("callback_at", "callback_until", "urgency", "revision", "notified_at", "calls", "summary_basis"),
    *("last_call_sid", "last_call_at", "called_number", "created_at", "updated_at", "expires_at"),
}
CALL_FIELDS = {
    "disclosure_heard",
    *("lead_id", "from", "to", "mode", "status", "started_at", "ended_at", "duration_s", "end_reason", "stream"),
    *("transcript", "transcript_complete", "summary", "summary_status", "recognizer", "latency", "recording_url"),
    *("summary_basis", "sweep_at", "expires_at"),
}


def said(leg: int, seq: int, text: str, speaker: str = "caller") -> UtteranceFinal:
    return UtteranceFinal("CA1", leg, seq, speaker, text, NOW, NOW, None, "google_streaming", "iw-IL")


def test_both_documents_have_every_promised_field_from_the_start() -> None:
    assert set(records.new_lead("CA1", "+972501234567", "+97231234567", NOW, 365)) == LEAD_FIELDS
    call = records.new_call("CA1", "+972501234567", "+97231234567", "assistant", NOW, 365)
    assert set(call) == CALL_FIELDS
    assert set(call["stream"]) == {"sid", "leg", "started_at", "stopped_at", "error"}


def test_a_caller_with_a_number_has_one_lead_for_all_calls() -> None:
    assert records.lead_id("+972501234567", "CA1") == records.lead_id("+972 50-123-4567", "CA2") == "972501234567"


@pytest.mark.parametrize(
    "spelling", ["whatsapp:+972501234567", "sip:+972501234567@example.com", "client:972501234567", "+9720501234567"]
)
def test_however_the_number_is_spelled_the_records_have_it_in_one_form(spelling: str) -> None:
    call = records.new_call("CA1", spelling, "+97231234567", "assistant", NOW, 365)
    lead = records.new_lead("CA1", spelling, "+97231234567", NOW, 365)
    assert (call["from"], call["lead_id"], lead["phone"]) == ("+972501234567", "972501234567", "+972501234567")


def test_a_caller_without_a_number_is_written_down_as_twilio_names_them() -> None:
    call = records.new_call("CA1", "client:dana", "", "assistant", NOW, 365)
    assert (call["from"], call["lead_id"]) == ("client:dana", "CA1")


@pytest.mark.parametrize(
    "hidden", ["", "anonymous", "Restricted", "+266696687", "266696687", "+8656696", "+86282452253", "sip:a@b", "+12"]
)
def test_a_caller_who_hides_the_number_has_a_lead_for_the_call(hidden: str) -> None:
    assert records.lead_id(hidden, "CA1") == "CA1"
    assert records.new_lead("CA1", hidden, "", NOW, 365)["phone"] == ""


@given(st.text(max_size=40))
def test_a_lead_is_always_named_by_digits_or_by_the_call(number: str) -> None:
    """Whatever a telephone network passes on as a number, it makes a valid document id."""
    name = records.lead_id(number, "CA1")
    assert name == "CA1" or (name.isascii() and name.isdecimal() and len(name) <= 15)


def test_another_call_is_counted_and_keeps_what_is_known_of_the_lead() -> None:
    lead = records.new_lead("CA1", "+972501234567", "+97231234567", NOW, 30)
    later = NOW + timedelta(days=3)
    changes = records.another_call(lead, "CA2", "+97239999999", later, 30)
    assert [entry["call_sid"] for entry in changes.pop("calls")] == ["CA1", "CA2"]
    assert changes == {
        "calls_count": 2,
        "last_call_sid": "CA2",
        "last_call_at": later,
        "called_number": "+97239999999",
        "updated_at": later,
        "expires_at": later + timedelta(days=30),
    }


def test_a_lead_without_a_count_starts_counting() -> None:
    assert records.another_call({"calls_count": None}, "CA2", "", NOW, 30)["calls_count"] == 1


def test_documents_expire_when_their_retention_is_over() -> None:
    assert records.new_call("CA1", "", "", "assistant", NOW, 30)["expires_at"] == NOW + timedelta(days=30)


@pytest.mark.parametrize("reports", list(permutations(["ringing", "in_progress", "completed"])))
def test_status_ends_the_same_whatever_the_order_of_the_reports(reports: tuple[str, ...]) -> None:
    status = None
    for report in (*reports, *reports):
        status = records.advanced_status(status, report)
    assert status == "completed"


@pytest.mark.parametrize(("first", "second"), [("completed", "failed"), ("failed", "completed")])
def test_an_ended_call_keeps_its_ending(first: str, second: str) -> None:
    assert records.advanced_status(first, second) == first


def test_every_status_of_twilio_is_one_of_ours() -> None:
    for status in records.TWILIO_CALL_STATUS.values():
        assert records.advanced_status("ringing", status) == status


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 99_999)), min_size=2, unique=True))
def test_document_ids_sort_as_the_call_was_spoken(places: list[tuple[int, int]]) -> None:
    assert [records.utterance_id(*place) for place in sorted(places)] == sorted(
        records.utterance_id(*place) for place in places
    )


@given(st.permutations([said(1, 1, "שלום"), said(1, 2, "כן"), said(1, 3, "כן"), said(2, 1, "תודה")]), st.data())
def test_the_transcript_does_not_depend_on_order_or_repetition(
    utterances: list[UtteranceFinal], data: st.DataObject
) -> None:
    """Delivery is unordered and at least once; equal words said twice stay two lines."""
    repeated = utterances + data.draw(st.lists(st.sampled_from(utterances), max_size=4))
    assert records.transcript(repeated) == "לקוח: שלום\nלקוח: כן\nלקוח: כן\nלקוח: תודה"


def test_the_transcript_names_the_speakers() -> None:
    both = [said(1, 1, "שלום", "assistant"), said(1, 2, "היי"), said(1, 3, "כאן דוד", "callee")]
    assert records.transcript(both) == "מענה: שלום\nלקוח: היי\nנציג: כאן דוד"
