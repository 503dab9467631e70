from datetime import UTC, datetime, timedelta

import pytest

from tests.understanding.hebrew import HEBREW
from understanding.moments import ISRAEL, Window, window_of
from understanding.time_items import Item, item_at
from understanding.time_words import tokens_in


def _items(text: str, now: datetime) -> list[Item]:
    tokens = tokens_in(text, HEBREW.times)
    items: list[Item] = []
    place = 0
    while place < len(tokens):
        item = item_at(tokens, place, now, place)
        assert item, text
        items.append(item)
        place = item.ends
    return items


def _window(text: str, now: str) -> tuple[str, str]:
    at = datetime.fromisoformat(now).replace(tzinfo=ISRAEL)
    found: Window | None = window_of(_items(text, at), at)
    assert found
    return found[0].strftime("%m-%d %H:%M"), found[1].strftime("%m-%d %H:%M") if found[1] else ""


@pytest.mark.parametrize(
    ("said", "now", "at", "until"),
    [
        ("בעשר", "2026-01-14T09:00", "01-14 10:00", ""),
        ("בעשר", "2026-01-14T11:00", "01-15 10:00", ""),
        ("בשמונה", "2026-01-14T07:00", "01-14 08:00", ""),
        ("בשמונה", "2026-01-14T11:00", "01-14 20:00", ""),
        ("בשמונה", "2026-01-14T20:30", "01-15 08:00", ""),
        ("היום בתשע", "2026-01-14T11:00", "01-14 21:00", ""),
        ("בבוקר", "2026-01-14T07:00", "01-14 09:00", "01-14 12:00"),
        ("בבוקר", "2026-01-14T10:00", "01-14 10:00", "01-14 12:00"),
        ("בבוקר", "2026-01-14T13:00", "01-15 09:00", "01-15 12:00"),
        ("אחרי ארבע", "2026-01-14T17:00", "01-14 17:00", "01-14 21:00"),
        ("אחרי תשע", "2026-01-14T12:00", "01-14 21:00", "01-14 22:00"),
        ("עד חמש", "2026-01-14T12:00", "01-14 12:00", "01-14 17:00"),
        ("מחר עד חמש", "2026-01-14T12:00", "01-15 09:00", "01-15 17:00"),
        ("בין 11 ל-1", "2026-01-14T09:00", "01-14 11:00", "01-14 13:00"),
        ("מ-9 עד 5", "2026-01-14T12:00", "01-14 12:00", "01-14 17:00"),
        ("בין שמונה לתשע בערב", "2026-01-14T12:00", "01-14 20:00", "01-14 21:00"),
        ("מחר בעשר בלילה", "2026-01-14T12:00", "01-15 22:00", ""),
        ("באחת בלילה", "2026-01-14T22:00", "01-15 01:00", ""),
        ("היום", "2026-01-14T12:00", "01-14 12:00", "01-14 19:00"),
        ("היום", "2026-01-14T20:00", "01-14 20:00", "01-14 22:00"),
        ("אחרי שבת", "2026-01-14T12:00", "01-17 20:00", "01-18 19:00"),
        ("מוצאי שבת", "2026-07-01T12:00", "07-04 21:00", "07-04 23:00"),
        ("מוצאי שבת", "2026-07-04T21:30", "07-04 21:30", "07-04 23:00"),
    ],
)
def test_what_is_said_becomes_a_window(said: str, now: str, at: str, until: str) -> None:
    assert _window(said, now) == (at, until)


def test_an_hour_that_the_clocks_skip_is_the_one_after_it() -> None:
    """On 27 March 2026 the clocks go from two to three."""
    assert _window("מחר ב-02:30", "2026-03-26T12:00")[0] == "03-27 03:30"


@pytest.mark.parametrize("at", ["2026-03-27T01:30", "2026-10-25T00:30", "2026-10-25T01:30"])
def test_two_hours_from_now_pass_whatever_the_clocks_do(at: str) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=ISRAEL)
    found = window_of(_items("בעוד שעתיים", now), now)
    assert found and found[0].astimezone(UTC) - now.astimezone(UTC) == timedelta(hours=2)


def test_ten_tomorrow_is_ten_by_the_clock_after_the_clocks_changed() -> None:
    now = datetime(2026, 3, 26, 10, tzinfo=ISRAEL)
    found = window_of(_items("מחר בעשר", now), now)
    assert found and found[0].astimezone(UTC) - now.astimezone(UTC) == timedelta(hours=23)


def test_a_length_goes_over_midnight() -> None:
    assert _window("בעוד שעתיים", "2026-12-31T23:00")[0] == "01-01 01:00"
