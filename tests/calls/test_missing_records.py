"""Whoever meets a call first makes its documents; nobody brings back what a person deleted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from calls import records
from calls.missing_records import Documents, MetCall, Missing, lead_of, missing

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)
RING = MetCall("CA1", "+972501234567", "+97231234567", "assistant", NOW, 365)
WITHHELD = replace(RING, from_number="anonymous")
REPORT = MetCall("CA1", "", "", "", NOW + timedelta(seconds=1), 365)
EVENT = MetCall("CA1", "", "", "assistant", NOW + timedelta(seconds=2), 365)


class Firestore:
    """Leads and the one call, changed as `FirestoreRecords` changes them."""

    def __init__(self, **leads: dict[str, Any]) -> None:
        self.call: dict[str, Any] | None = None
        self.leads = leads

    def meet(self, met: MetCall) -> Missing:
        lead_id = lead_of(self.call, met.call_sid, met.lead_id)
        placeholder = self.leads.get(met.call_sid) if lead_id != met.call_sid else None
        gap = missing(met, Documents(self.call, self.leads.get(lead_id), placeholder))
        if gap.call:
            self.call = {**(self.call or {}), **gap.call}
        if gap.lead:
            self.leads[lead_id] = {**self.leads.get(lead_id, {}), **gap.lead}
        if gap.drop_placeholder:
            del self.leads[met.call_sid]
        return gap


def known_caller(**fields: Any) -> dict[str, dict[str, Any]]:
    return {"972501234567": records.new_lead("CA0", "+972501234567", "", NOW - timedelta(days=1), 365) | fields}


@pytest.mark.parametrize("order", list(permutations([RING, REPORT, EVENT])))
def test_whoever_comes_first_the_caller_has_one_lead_and_the_call_its_number(order: tuple[MetCall, ...]) -> None:
    firestore = Firestore()
    for met in (*order, *order):
        firestore.meet(met)
    assert set(firestore.leads) == {"972501234567"}
    assert firestore.leads["972501234567"]["calls_count"] == 1
    assert firestore.call is not None
    assert {name: firestore.call[name] for name in ("lead_id", "from", "to", "mode")} == {
        "lead_id": "972501234567",
        "from": "+972501234567",
        "to": "+97231234567",
        "mode": "assistant",
    }


@pytest.mark.parametrize("order", list(permutations([WITHHELD, REPORT, EVENT])))
def test_a_caller_who_hides_the_number_has_a_lead_of_the_call(order: tuple[MetCall, ...]) -> None:
    firestore = Firestore()
    for met in order:
        firestore.meet(met)
    assert set(firestore.leads) == {"CA1"}
    assert firestore.call is not None
    assert (firestore.call["from"], firestore.call["to"], firestore.call["mode"]) == (
        "anonymous",
        "+97231234567",
        "assistant",
    )


@pytest.mark.parametrize("order", list(permutations([RING, REPORT, EVENT])))
def test_a_call_is_counted_once_on_the_lead_of_a_known_caller(order: tuple[MetCall, ...]) -> None:
    firestore = Firestore(**known_caller(name="דנה"))
    for met in (*order, *order):
        firestore.meet(met)
    (lead,) = firestore.leads.values()
    assert (lead["calls_count"], lead["last_call_sid"], lead["name"]) == (2, "CA1", "דנה")


@pytest.mark.parametrize("met", [RING, WITHHELD, REPORT, EVENT])
def test_who_meets_it_again_has_nothing_to_write(met: MetCall) -> None:
    firestore = Firestore()
    firestore.meet(met)
    assert firestore.meet(met) == Missing()


@pytest.mark.parametrize("first", [RING, WITHHELD, REPORT, EVENT])
def test_a_lead_that_a_person_deleted_is_not_made_again(first: MetCall) -> None:
    """By nobody who knows no more of the caller than those who made it."""
    firestore = Firestore()
    firestore.meet(first)
    firestore.leads.clear()
    for met in (first, REPORT, EVENT):
        assert firestore.meet(met).lead_was_deleted
    assert firestore.leads == {}


def test_a_call_deleted_by_a_person_is_not_counted_twice_when_it_is_met_again() -> None:
    firestore = Firestore()
    firestore.meet(RING)
    firestore.call = None
    firestore.meet(RING)
    assert firestore.leads["972501234567"]["calls_count"] == 1


@pytest.mark.parametrize("written", [{"end_reason": "silence", "ended_at": NOW}, {"stream": {"leg": 2}}])
@pytest.mark.parametrize("met", [RING, REPORT, EVENT])
def test_a_call_document_with_little_in_it_is_completed_and_keeps_that(met: MetCall, written: dict[str, Any]) -> None:
    """The media service writes these, and may be first."""
    firestore = Firestore()
    firestore.call = dict(written)
    firestore.meet(met)
    assert firestore.call is not None
    assert written.items() <= firestore.call.items()
    assert set(firestore.call) == set(records.new_call("CA1", "", "", "", NOW, 365))
    assert set(firestore.leads) == {met.lead_id}


def test_a_placeholder_hands_over_that_the_caller_is_on_the_line() -> None:
    firestore = Firestore()
    firestore.meet(REPORT)
    firestore.leads["CA1"]["status"] = "in_call"
    firestore.meet(RING)
    assert firestore.leads["972501234567"]["status"] == "in_call"


@pytest.mark.parametrize("filled", ["name", "need", "callback_time", "recording_url"])
@pytest.mark.parametrize("known", [{}, known_caller()])
def test_what_stands_on_a_placeholder_is_on_the_caller_s_lead_once_that_is_known(
    filled: str, known: dict[str, dict[str, Any]]
) -> None:
    """One person, one lead: there is none left that nobody would find by the number."""
    firestore = Firestore(**known)
    firestore.meet(EVENT)
    firestore.leads["CA1"][filled] = "דנה"
    firestore.meet(RING)
    (lead,) = firestore.leads.values()
    assert (lead[filled], lead["phone"]) == ("דנה", RING.from_number)


def test_the_write_at_ring_that_is_late_knows_when_the_call_began() -> None:
    firestore = Firestore()
    for met in (EVENT, RING):
        firestore.meet(met)
    assert firestore.call is not None
    assert firestore.call["started_at"] == firestore.leads["972501234567"]["last_call_at"] == NOW


def test_an_older_call_that_is_met_late_is_not_the_last_one() -> None:
    firestore = Firestore(**known_caller(last_call_sid="CA9", last_call_at=NOW + timedelta(hours=1)))
    firestore.meet(RING)
    lead = firestore.leads["972501234567"]
    assert (lead["last_call_sid"], lead["calls_count"]) == ("CA9", 2)


@pytest.mark.parametrize(
    ("named", "lead_id"),
    [
        (None, "972501234567"),
        ("", "972501234567"),
        ("CA1", "972501234567"),
        ("0501234567", "0501234567"),
        ("a/b", "972501234567"),
        (7, "972501234567"),
    ],
)
def test_a_call_s_lead_is_the_one_it_names_unless_that_was_a_placeholder(named: object, lead_id: str) -> None:
    """A lead of before all spellings were one keeps its calls; what no document can be called is passed over."""
    assert lead_of({"lead_id": named}, "CA1", "972501234567") == lead_id
    assert lead_of(None, "CA1", "972501234567") == "972501234567"
