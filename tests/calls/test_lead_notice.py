"""When people are told of a lead, and what."""

import json
from datetime import timedelta
from typing import Any

import pytest

from calls import lead_notice as notice
from calls.records import new_lead
from tests.functions.summarize.example_calls import BEGAN_AT, CALL_SID, CALLER

NOW = BEGAN_AT + timedelta(seconds=90)
ENDED_AT = BEGAN_AT + timedelta(seconds=60)
READY = {"status": "captured", "name": "דנה לוי", "summary": "דנה לוי: מזגן.", "callback_at": BEGAN_AT}


def _lead(**fields: Any) -> dict[str, Any]:
    return new_lead(CALL_SID, CALLER, "+97231234567", BEGAN_AT, 365) | READY | fields


def _due(lead: dict[str, Any]) -> dict[str, Any]:
    return notice.due(lead, CALL_SID, ENDED_AT, NOW)


def test_a_lead_that_is_ready_gets_a_revision_and_says_how_long_it_took() -> None:
    changes = _due(_lead())
    assert (changes["revision"], changes["notice"]["due_at"]) == (1, NOW)
    assert (changes["notice"]["ready_after_s"], changes["notice"]["call_sid"]) == (30.0, CALL_SID)


@pytest.mark.parametrize("status", ["new", "in_call"])
def test_a_lead_whose_owner_is_on_the_line_is_not_told_of(status: str) -> None:
    assert _due(_lead(status=status)) == {}


def test_what_was_told_is_not_told_again_and_a_change_is() -> None:
    told = _lead() | _due(_lead())
    assert _due(told) == {}
    assert _due(told | {"updated_at": NOW, "calls_count": 7}) == {}
    assert _due(told | {"need": "מקרר"})["revision"] == 2


def test_a_message_that_is_out_is_not_due_any_more() -> None:
    lead = _lead() | _due(_lead())
    assert notice.is_due(lead)
    after = lead | notice.sent(lead, 1, NOW)
    assert (notice.is_due(after), after["notified_at"], _due(after)) == (False, NOW, {})


def test_a_message_that_was_overtaken_leaves_the_newer_one_due() -> None:
    newer = _lead() | _due(_lead()) | {"revision": 2}
    assert notice.sent(newer, 1, NOW) == {}


def test_the_body_has_everything_the_contract_names() -> None:
    fields = {"name": {"value": "דנה לוי", "quote": "קוראים לי דנה לוי", "at": BEGAN_AT}}
    lead = _lead(fields=fields)
    message = notice.message("972501234567", lead | _due(lead))
    body = json.loads(message.data)
    named = "version type lead_id call_sid status name phone need callback_time callback_at summary next_step urgency"
    assert {*named.split(), "fields", "ready_after_s", "revision"} <= body.keys()
    assert (body["version"], body["type"], body["lead_id"], body["ready_after_s"]) == (
        1,
        "lead.ready",
        message.lead_id,
        30,
    )
    assert (body["callback_at"], body["fields"]["name"]["at"]) == ("2026-01-01T10:00:00.000Z",) * 2


@pytest.mark.parametrize("broken", [{"notice": "yes", "revision": "two"}, {"fields": 7}, {"fields": {"name": "דנה"}}])
def test_what_people_broke_in_the_console_holds_nothing_up(broken: dict[str, Any]) -> None:
    lead = _lead(**broken)
    notice.message("1", lead | _due(lead))
