from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from local.console import document, missing

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
