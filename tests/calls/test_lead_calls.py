"""What stands on a lead follows from all calls of its owner together."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from calls import lead_calls, records

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)
CALLER = "+972501234567"


def _lead(**fields: Any) -> dict[str, Any]:
    return records.new_lead("CA1", CALLER, "", NOW, 365) | fields


def _entry(call_sid: str, hours: int, **told: Any) -> dict[str, Any]:
    entry = lead_calls.rang(call_sid, NOW + timedelta(hours=hours))
    return (
        entry | {"status": "needs_callback", "when": f"{hours}:00", "summary": call_sid, "next_step": call_sid} | told
    )


CONTENT = {"has_content": True}
FIRST, SECOND = _entry("CA1", 1, **CONTENT), _entry("CA2", 2, **CONTENT)
SILENT = _entry("CA3", 3, summary="silence")


@pytest.mark.parametrize("order", list(permutations([FIRST, SECOND, SILENT])))
def test_in_whatever_order_calls_are_written_the_lead_tells_of_them_in_theirs(order: Any) -> None:
    lead = _lead(name="דנה", need="מזגן")
    for entry in order:
        lead |= lead_calls.derived(lead, lead_calls.with_entry(lead, entry))
    assert lead["summary"] == "1:00: CA1\n2:00: CA2"
    assert (lead["next_step"], lead["status"], lead["last_call_sid"]) == ("CA2", "captured", "CA3")


def test_a_silent_call_speaks_where_there_is_no_other() -> None:
    lead = _lead()
    lead |= lead_calls.derived(lead, lead_calls.with_entry(lead, SILENT))
    assert (lead["summary"], lead["status"]) == ("silence", "needs_callback")


@pytest.mark.parametrize(
    ("columns", "entry", "status"),
    [
        ({"name": "דנה", "need": "מזגן"}, FIRST, "captured"),
        ({"name": "דנה"}, FIRST, "needs_callback"),
        ({"name": "דנה", "need": "מזגן"}, FIRST | {"recording_url": "https://x"}, "needs_callback"),
        ({"name": "דנה", "need": "מזגן"}, FIRST | {"status": "in_call"}, "in_call"),
        ({}, FIRST | {"status": "new"}, "new"),
    ],
)
def test_the_status_says_what_is_left_to_do(columns: dict[str, str], entry: dict[str, Any], status: str) -> None:
    lead = _lead(**columns)
    assert lead_calls.derived(lead, lead_calls.with_entry(lead, entry))["status"] == status


def test_what_a_lead_said_before_it_had_entries_stays_beside_a_silent_call() -> None:
    old = _lead(summary="ישן", next_step="לחזור", status="captured", name="דנה", need="מזגן")
    del old["calls"]
    old |= records.another_call(old, "CA3", "", NOW + timedelta(hours=3), 365)
    old |= lead_calls.derived(old, lead_calls.with_entry(old, SILENT))
    assert (old["summary"], old["next_step"], old["status"], old["calls_count"]) == ("ישן", "לחזור", "captured", 2)


def test_a_lead_keeps_the_latest_calls_and_counts_them_all() -> None:
    lead = _lead()
    for number in range(30):
        lead |= records.another_call(lead, f"CB{number:02d}", "", NOW + timedelta(hours=number), 365)
    assert (len(lead["calls"]), lead["calls_count"], lead["last_call_sid"]) == (lead_calls.MOST_CALLS, 31, "CB29")


@pytest.mark.parametrize("broken", [None, "x", [1, {}, {"call_sid": "CA1"}], [{"call_sid": "CA1", "at": "now"}]])
def test_entries_that_people_broke_are_none(broken: Any) -> None:
    lead = _lead(calls=broken)
    assert lead_calls.derived(lead, lead_calls.with_entry(lead, FIRST))["summary"] == "CA1"


def _found(value: str, call_sid: str | None, **told: Any) -> dict[str, Any]:
    return {"value": value, "call_sid": call_sid, "leg": 1, "seq": 1, "confirmed": False} | told


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("name", "earlier", "later", "stands"),
    [
        ("name", {}, {}, "later"),
        ("name", {"confirmed": True}, {}, "earlier"),
        ("name", {"confirmed": True}, {"confirmed": True}, "later"),
        ("need", {"confirmed": True}, {}, "later"),
        # Once everything that was heard was called confirmed.
        ("name", {"confirmed": True, "call_sid": None}, {}, "later"),
    ],
)
def test_a_later_call_knows_better_unless_a_name_was_confirmed(
    name: str, earlier: dict[str, Any], later: dict[str, Any], stands: str, turned: bool
) -> None:
    one, two = (
        {name: _found("earlier", **{"call_sid": "CA1", **earlier})},
        {name: _found("later", **{"call_sid": "CA2", **later})},
    )
    order = [two, one] if turned else [one, two]
    assert lead_calls.strongest(order, [FIRST, SECOND])[name]["value"] == stands


def test_what_a_person_made_of_the_status_is_kept_while_the_caller_is_on_the_line() -> None:
    """The lead has all that is wanted, and somebody wants to call back all the same."""
    lead = _lead(name="דנה", need="מזגן")
    lead |= lead_calls.derived(lead, lead_calls.with_entry(lead, FIRST))
    lead["status"] = "needs_callback"
    lead |= lead_calls.on_the_line(lead | {"calls": [*lead["calls"], lead_calls.rang("CA2", NOW)]}, "CA2")
    assert lead["status"] == "in_call"
    silent = _entry("CA2", 2, summary="silence")
    assert lead_calls.derived(lead, lead_calls.with_entry(lead, silent))["status"] == "needs_callback"
