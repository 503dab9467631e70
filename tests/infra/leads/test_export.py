"""Leads as tables and as JSON."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.leads.export import as_csv, as_json, newest_first

AT = datetime(2026, 1, 1, 10, tzinfo=UTC)
DANA = {
    "lead_id": "972501234567",
    "phone": "+972501234567",
    "name": "דנה לוי",
    "need": "התקנת מזגן",
    "status": "captured",
    "last_call_at": AT,
    "fields": {
        "name": {
            "value": "דנה לוי",
            "confirmed": True,
            "source": "rule",
            "confidence": 0.93,
            "quote": "קוראים לי דנה לוי",
            "call_sid": "CA1",
            "leg": 1,
            "seq": 3,
            "other": None,
        },
        "floor": {"value": "3", "confirmed": False, "source": "model", "quote": "בקומה שלישית", "seq": 5},
    },
}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_line_has_the_lead_and_the_evidence_of_each_field() -> None:
    [row] = rows(as_csv([DANA]))
    assert (row["lead_id"], row["phone"], row["name"], row["status"]) == (
        "972501234567",
        "+972501234567",
        "דנה לוי",
        "captured",
    )
    assert (row["name.value"], row["name.quote"], row["name.confirmed"]) == ("דנה לוי", "קוראים לי דנה לוי", "true")
    assert (row["name.source"], row["name.confidence"], row["name.call_sid"]) == ("rule", "0.93", "CA1")
    assert (row["name.leg"], row["name.seq"], row["name.other"]) == ("1", "3", "")
    assert (row["floor.value"], row["floor.confirmed"], row["last_call_at"]) == ("3", "false", AT.isoformat())


def test_leads_with_different_fields_stand_in_one_table() -> None:
    bare = {"lead_id": "CA2", "fields": "spoiled by hand", "last_call_at": None}
    first, second = rows(as_csv([DANA, bare]))
    assert first["floor.quote"] == "בקומה שלישית"
    assert (second["lead_id"], second["floor.quote"], second["name"]) == ("CA2", "", "")
    assert as_csv([]).startswith("lead_id,status,")


@pytest.mark.parametrize(
    ("said", "cell"),
    [
        ('=HYPERLINK("http://evil.example")', '\'=HYPERLINK("http://evil.example")'),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("+972501234567", "+972501234567"),
        ("-3.5", "-3.5"),
        ('מזגן, "גדול"\nדחוף', 'מזגן, "גדול"\nדחוף'),
    ],
)
def test_what_a_caller_said_is_no_formula(said: str, cell: str) -> None:
    [row] = rows(as_csv([{**DANA, "need": said}]))
    assert row["need"] == cell


def test_json_holds_whole_documents() -> None:
    [lead] = json.loads(as_json([DANA]))
    assert lead["fields"] == DANA["fields"]
    assert lead["last_call_at"] == AT.isoformat()
    assert "דנה" in as_json([DANA]), "readable without decoding"


def test_the_newest_come_first_and_those_without_a_time_last() -> None:
    def lead(name: str, at: Any) -> dict[str, Any]:
        return {"lead_id": name, "last_call_at": at}

    found = newest_first([lead("a", None), lead("b", AT), lead("c", AT.replace(hour=11)), lead("d", "soon")])
    assert [each["lead_id"] for each in found] == ["c", "b", "a", "d"]
