from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from calls.events import CallEvent
from calls.records import another_call, new_call, new_lead
from functions.summarize import texts
from functions.summarize.found import Found, found_by_service
from functions.summarize.outcome import Outcome, outcome_of
from functions.summarize.records_update import (
    Changes,
    Summary,
    bounded_transcript,
    call_facts,
    end_reason,
    summarised,
)
from tests.functions.summarize.example_calls import (
    BEGAN_AT,
    CALL_SID,
    CALLER,
    conversation,
    demo_call,
    demo_ending,
    ended,
    said,
)

TEXTS = texts.load()
NOW = BEGAN_AT + timedelta(minutes=10)
RANG_AT = BEGAN_AT - timedelta(seconds=5)


def _call(**changed: Any) -> dict[str, Any]:
    return new_call(CALL_SID, CALLER, "+97231234567", "assistant", RANG_AT, 365) | changed


def _lead(**changed: Any) -> dict[str, Any]:
    return new_lead(CALL_SID, CALLER, "+97231234567", RANG_AT, 365) | changed


def _outcome(events: Sequence[CallEvent] | None = None) -> Outcome:
    outcome = outcome_of(demo_call() if events is None else events)
    assert outcome
    return outcome


def _found(outcome: Outcome) -> dict[str, Found]:
    return found_by_service(outcome.told_to_service, outcome.utterances)


def _summary(outcome: Outcome, **changed: Any) -> Summary:
    return replace(Summary("done", _found(outcome), caller_spoke=True), **changed)


def _summarised(
    call: dict[str, Any] | None = None,
    lead: dict[str, Any] | None = None,
    events: Sequence[CallEvent] | None = None,
    **summary: Any,
) -> Changes:
    outcome = _outcome(events)
    return summarised(CALL_SID, call or _call(), lead or _lead(), outcome, _summary(outcome, **summary), TEXTS, NOW)


def _lead_after(changes: Changes) -> dict[str, Any]:
    assert changes.lead is not None
    return changes.lead


def test_a_finished_call_leaves_a_captured_lead() -> None:
    lead = _lead_after(_summarised())
    assert {name: lead[name] for name in ("name", "need", "callback_time", "status", "updated_at")} == {
        "name": "דנה לוי",
        "need": "הצעת מחיר להתקנת מזגן",
        "callback_time": "מחר בבוקר",
        "status": "captured",
        "updated_at": NOW,
    }
    assert lead["summary"] == "דנה לוי: הצעת מחיר להתקנת מזגן. לחזור מחר בבוקר."
    assert lead["next_step"] == "לחזור אל דנה לוי מחר בבוקר"
    assert lead["fields"]["name"] == {
        "value": "דנה לוי",
        "confidence": 0.9,
        "call_sid": CALL_SID,
        "leg": 1,
        "seq": 4,
        "quote": "קוראים לי דנה לוי",
        "confirmed": True,
        "source": "rule",
        "other": "",
    }


def test_a_finished_call_has_everything_the_console_shows() -> None:
    call = _summarised().call
    assert call["transcript"].splitlines()[3].endswith("קוראים לי דנה לוי")
    assert {name: value for name, value in call.items() if name not in ("transcript", "summary")} == {
        "started_at": RANG_AT,
        "ended_at": demo_ending().ended_at,
        "duration_s": 20.0,
        "end_reason": "assistant_goodbye",
        "end_told_by": "event",
        "transcript_complete": True,
        "recognizer": "google_streaming",
        "latency": {"turns": 4, "total_p50_s": 0.7, "total_p95_s": 0.9},
        "disclosure_heard": False,
        "status": "completed",
        "summary_status": "done",
        "summary_based_on": 10,
        "summary_basis": "כללים, כל השיחה",
        "sweep_at": None,
    }


@pytest.mark.parametrize("missing", ["name", "need"])
def test_a_lead_that_lacks_something_is_to_be_called_back(missing: str) -> None:
    found = {name: field for name, field in _found(_outcome()).items() if name != missing}
    assert _lead_after(_summarised(found=found))["status"] == "needs_callback"


def test_a_withheld_number_that_was_told_makes_a_lead() -> None:
    lead = _lead(phone="")
    assert _lead_after(_summarised(lead=lead, found={"name": Found("דנה"), "need": Found("מזגן")}))["status"] == (
        "needs_callback"
    )
    told = {"name": Found("דנה"), "need": Found("מזגן"), "phone": Found("0527654321")}
    after = _lead_after(_summarised(lead=lead, found=told))
    assert (after["status"], after["phone"]) == ("captured", "0527654321")


def test_the_number_that_called_stays_where_another_one_was_told() -> None:
    after = _lead_after(_summarised(found={"phone": Found("0527654321")}))
    assert "phone" not in after
    assert after["fields"]["phone"]["value"] == "0527654321"
    assert "0527654321" in after["summary"]


@pytest.mark.parametrize("spelling", ["0501234567", "+9720501234567", CALLER])
def test_the_number_that_called_is_not_told_as_another_one(spelling: str) -> None:
    after = _lead_after(_summarised(found={"phone": Found(spelling)}))
    assert "050" not in after["summary"]


def test_a_silent_call_is_to_be_called_back_and_says_so() -> None:
    changes = _summarised(events=[*conversation(("assistant", "שלום")), ended(2, "silence")], caller_spoke=False)
    lead = _lead_after(changes)
    assert (lead["status"], lead["summary"]) == ("needs_callback", TEXTS.writes.nothing_said)
    assert changes.call["summary"] == TEXTS.writes.nothing_said


def test_who_is_known_keeps_name_and_need_when_a_new_call_gives_none() -> None:
    known = _lead(name="דנה לוי", need="מזגן", fields={"name": Found("דנה לוי").as_document("CA0")})
    lead = _lead_after(_summarised(lead=known, found={}))
    assert "name" not in lead
    assert "need" not in lead
    assert lead["fields"] == known["fields"]
    assert lead["summary"].startswith("דנה לוי")


def test_the_newest_call_s_words_replace_older_ones() -> None:
    known = _lead(name="דנה", need="מקרר", fields={"name": Found("דנה").as_document("CA0")})
    lead = _lead_after(_summarised(lead=known))
    assert (lead["name"], lead["need"]) == ("דנה לוי", "הצעת מחיר להתקנת מזגן")


def test_an_older_call_that_is_late_only_fills_gaps() -> None:
    newer = _lead(name="דנה כהן") | another_call(_lead(), "CA2", "", NOW, 365) | {"status": "in_call"}
    lead = newer | _lead_after(_summarised(lead=newer))
    assert (lead["name"], lead["need"]) == ("דנה כהן", "הצעת מחיר להתקנת מזגן")
    assert (lead["status"], lead["last_call_sid"]) == ("in_call", "CA2")


def test_a_correction_made_in_the_console_survives_a_late_event() -> None:
    first = _summarised()
    corrected = _lead() | _lead_after(first) | {"name": "דנה לויה"}
    lead = corrected | _lead_after(_summarised(call=_call() | first.call, lead=corrected))
    assert lead["name"] == "דנה לויה"
    assert lead["fields"]["name"]["value"] == "דנה לוי"
    assert lead["need"] == "הצעת מחיר להתקנת מזגן"


def test_a_recording_has_to_be_listened_to() -> None:
    assert _lead_after(_summarised(call=_call(recording_url="https://x")))["status"] == "needs_callback"


def test_without_a_lead_the_call_document_has_it_all() -> None:
    outcome = _outcome()
    changes = summarised(CALL_SID, _call(), None, outcome, _summary(outcome), TEXTS, NOW)
    assert changes.lead is None
    assert changes.call["summary"].startswith("דנה לוי")


def test_a_call_that_goes_on_is_not_closed() -> None:
    events: list[CallEvent] = [said(1, "שלום, אני צריכה מזגן"), ended(2, "drained"), said(1, "הלו", leg=2)]
    changes = _summarised(call=_call(status="in_progress"), events=events, status="pending")
    assert "status" not in changes.call
    assert _lead_after(changes)["status"] == "in_call"


def test_a_failed_call_stays_failed() -> None:
    assert call_facts(_call(status="failed"), _outcome())["status"] == "failed"


def test_a_call_met_late_began_with_its_first_event() -> None:
    assert call_facts(_call(started_at=NOW), _outcome())["started_at"] == _outcome().first_at


@pytest.mark.parametrize(
    ("written", "legs", "expected"),
    [
        (None, ["caller_hangup"], "caller_hangup"),
        ("max_duration", ["caller_hangup"], "max_duration"),
        ("voicemail", ["drained"], "voicemail"),
        ("drained", ["drained", "silence"], "silence"),
        ("error", ["error", "silence"], "silence"),
        ("silence", ["drained"], "silence"),
    ],
)
def test_a_reason_already_written_stays_unless_it_is_an_earlier_leg_s(
    written: str | None, legs: list[str], expected: str
) -> None:
    endings = {leg: ended(1, reason, leg=leg) for leg, reason in enumerate(legs, start=1)}
    assert end_reason(written, endings) == expected


def test_a_transcript_too_long_for_a_document_is_cut_after_a_line() -> None:
    utterances = tuple(said(seq, "מילה") for seq in range(1, 50))
    cut = bounded_transcript(utterances, limit=100)
    assert len(cut.encode()) <= 110
    assert all(line in ("לקוח: מילה", "[…]") for line in cut.splitlines())
    assert bounded_transcript(utterances).count("\n") == 48
