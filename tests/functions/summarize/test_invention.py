"""A summary that repeats what its model has made up is not believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calls.events import CallEvent, Parties
from functions.summarize.invention import repeats_invention
from functions.summarize.outcome import Outcome, outcome_of
from tests.functions.summarize.example_calls import CALLER, conversation, demo_call, ended


def _outcome(events: list[CallEvent]) -> Outcome:
    outcome = outcome_of(events)
    assert outcome
    return outcome


DEMO = _outcome(demo_call())


@pytest.mark.parametrize(
    ("summary", "unproven"),
    [
        ("משה מבקש הצעת מחיר.", {"name": "משה"}),
        ("דנה לוי מבקשת הצעת מחיר, לחזור בשש בערב.", {"callback_time": "בשש בערב"}),
        ("דנה לוי מבקשת הצעת מחיר, לחזור ל-052-999-9999.", {}),
        ("לחזור ל +972529999999", {}),
    ],
)
def test_a_name_a_time_or_a_number_that_nobody_said_is_found(summary: str, unproven: dict[str, str]) -> None:
    assert repeats_invention(summary, unproven, DEMO)


@pytest.mark.parametrize(
    ("summary", "unproven"),
    [
        ("דנה לוי מבקשת הצעת מחיר להתקנת מזגן, לחזור מחר בבוקר.", {}),
        # A need in other words than the caller's is what a summary is for.
        ("דנה לוי רוצה מיזוג.", {"need": "מיזוג"}),
        # Claimed for the wrong field, but said.
        ("דנה לוי מבקשת הצעת מחיר.", {"name": "הצעת מחיר"}),
        ("דנה לוי, 050-123-4567.", {}),
        ("הזמנה 1234567, ביקור ב-2026-11-26.", {}),
    ],
)
def test_what_was_said_may_be_told(summary: str, unproven: dict[str, str]) -> None:
    assert not repeats_invention(summary, unproven, DEMO)


def test_what_only_the_assistant_said_proves_a_time_and_no_name_and_no_number() -> None:
    """It is a model as well; but a caller may have said yes to the time that it offered."""
    offered = ("assistant", "תודה משה, נחזור ל 052-999-9999 מחר בשש, נכון?")
    outcome = _outcome([*conversation(offered, ("caller", "כן")), ended(3)])

    assert not repeats_invention("לחזור מחר בשש.", {"callback_time": "מחר בשש"}, outcome)
    assert repeats_invention("לחזור אל משה.", {"name": "משה"}, outcome)
    assert repeats_invention("לחזור ל 0529999999.", {}, outcome)


def test_the_number_that_calls_and_one_that_was_said_in_digits_may_be_told() -> None:
    (said,) = conversation(("caller", "תחזרו ל 052-765-4321"))

    assert not repeats_invention("לחזור ל 0527654321", {}, _outcome([said, ended(2)]))
    assert repeats_invention("לחזור ל 0501234567", {}, _outcome([said, ended(2)]))
    of_caller = replace(said, parties=Parties(CALLER, ""))
    assert not repeats_invention("לחזור ל 0501234567", {}, _outcome([of_caller, ended(2)]))
