from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from local.console import document, missing, unproven

LEAD: dict[str, Any] = {"name": "דנה", "need": "מזגן", "phone": "+972501234567", "callback_time": "מחר"}
CALL: dict[str, Any] = {"end_reason": "assistant_goodbye", "transcript_complete": True, "summary_status": "done"}


def test_a_complete_lead_lacks_nothing() -> None:
    assert missing(LEAD, CALL) == []


@pytest.mark.parametrize("name", ["name", "need", "phone", "callback_time"])
def test_an_empty_field_of_the_lead_is_named(name: str) -> None:
    assert missing({**LEAD, name: ""}, CALL) == [f"the lead has no {name}"]


def test_everything_that_is_missing_is_named_at_once() -> None:
    call = {"end_reason": None, "transcript_complete": False, "summary_status": "pending"}

    assert missing(None, call) == [
        "there is no lead document",
        "the call has no end_reason",
        "the transcript is not complete",
        "summary_status is 'pending'",
    ]
    assert missing(None, None) == ["there is no call document"]


PROVEN: dict[str, Any] = {
    **LEAD,
    "callback_at": datetime(2026, 1, 2, tzinfo=UTC),
    "fields": {name: {"value": "1", "quote": "אחת"} for name in (*LEAD, "rooms")},
}


def test_a_lead_with_words_for_each_value_a_moment_and_the_own_answers_is_proven() -> None:
    assert unproven(PROVEN, ["rooms"]) == []


def test_what_a_lead_cannot_prove_is_named() -> None:
    fields = {**PROVEN["fields"], "name": {"value": "דנה", "quote": ""}}

    assert unproven({**PROVEN, "callback_at": None, "fields": fields}, ["rooms", "floor"]) == [
        "the lead has no floor",
        "the lead has no words that prove its name",
        "the lead has no words that prove its floor",
        "the lead has no moment to call back at",
    ]
    assert len(unproven(None)) == 4


def test_the_number_of_the_line_needs_no_words() -> None:
    fields = {name: found for name, found in PROVEN["fields"].items() if name != "phone"}

    assert unproven({**PROVEN, "fields": fields}) == []


def test_a_document_is_shown_field_by_field_with_maps_indented() -> None:
    """Hebrew stands in logical order, as stored; lines of the transcript keep their lines."""
    content = {
        "transcript": "לקוח: שלום\nמענה: היי",
        "name": "דנה לוי",
        "started_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "stream": {"leg": 1, "error": None},
        "transcript_complete": True,
        "fields": {},
        "list": ["a"],
    }

    assert document("calls/CA1", content) == [
        "calls/CA1",
        "  fields: {}",
        "  list:",
        '    0: "a"',
        '  name: "דנה לוי"',
        "  started_at: 02 January 2026 at 03:04:05 UTC",
        "  stream:",
        "    error: null",
        "    leg: 1",
        "  transcript:",
        "    לקוח: שלום",
        "    מענה: היי",
        "  transcript_complete: true",
    ]
