"""What a summary says of when to call."""

from dataclasses import replace
from datetime import UTC, datetime

from functions.summarize import texts
from functions.summarize.callback import when_to_call
from functions.summarize.found import Found
from tests.functions.summarize.example_calls import said

HEBREW = texts.load().language
# Said on Friday, 2 January 2026.
WISH = replace(said(8, "בשבת בעשר בבוקר"), ended_at=datetime(2026, 1, 2, 8, 0, tzinfo=UTC))
SHABBAT, SUNDAY = datetime(2026, 1, 3, 8, 0, tzinfo=UTC), datetime(2026, 1, 4, 7, 0, tzinfo=UTC)


def of(found: Found | None) -> str:
    return when_to_call(found, [WISH], HEBREW)


def test_a_wish_is_told_as_it_was_said() -> None:
    assert of(Found("בשבת בעשר בבוקר", seq=8, leg=1, at=SHABBAT)) == "בשבת בעשר בבוקר"
    assert of(Found("בשבת בעשר בבוקר", seq=8, leg=1)) == "בשבת בעשר בבוקר", "nothing was agreed"
    assert of(Found("כשנוח", seq=8, leg=1, at=SUNDAY)) == "כשנוח", "no moment is known of these words"
    assert of(Found("בשבת בעשר בבוקר", seq=4, leg=1, at=SUNDAY)) == "בשבת בעשר בבוקר", "not known when it was said"
    assert of(None) == ""


def test_the_time_that_was_agreed_to_instead_is_the_one_to_call_at() -> None:
    assert of(Found("בשבת בעשר בבוקר", seq=8, leg=1, at=SUNDAY, confirmed=True)) == "ביום ראשון בתשע בבוקר"
