from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.understanding.hebrew import HEBREW
from understanding.dates import Days, days_ahead, days_at, first_after, holiday_named
from understanding.time_words import tokens_in

WEDNESDAY = date(2026, 1, 14)


def _days(text: str, today: date = WEDNESDAY) -> Days | None:
    found = days_at(tokens_in(text, HEBREW.times), 0, today)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("היום", "2026-01-14"),
        ("למחר", "2026-01-15"),
        ("מחרתיים", "2026-01-16"),
        ("ביום חמישי", "2026-01-15"),
        ("יום חמישי הבא", "2026-01-22"),
        ("יום שישי הבא", "2026-01-16"),
        ("יום רביעי", "2026-01-21"),
        ("יום א'", "2026-01-18"),
        ("ביום ש'", "2026-01-17"),
        ("בשלישי הקרוב", "2026-01-20"),
        ("ב-15 לחודש", "2026-01-15"),
        ("ב-10 לחודש", "2026-02-10"),
        ("ב-31 לחודש", "2026-01-31"),
        ("ב-20 לחודש הבא", "2026-02-20"),
        ("ב-3.12", "2026-12-03"),
        ("3/1", "2027-01-03"),
        ("29.2", "2028-02-29"),
        ("השלישי בדצמבר", "2026-12-03"),
        ("שלושה בדצמבר", "2026-12-03"),
        ("ה-15", "2026-01-15"),
        ("ב-15 ל-12", "2026-12-15"),
        ("ערב פסח", "2026-04-01"),
    ],
)
def test_a_day(said: str, day: str) -> None:
    found = _days(said)
    assert found is not None
    assert (found.first.isoformat(), found.last.isoformat()) == (day, day)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("בשבוע הבא", "2026-01-18", "2026-01-22"),
        ("סוף השבוע", "2026-01-16", "2026-01-17"),
        ("בתחילת השבוע", "2026-01-18", "2026-01-19"),
        ("החודש הבא", "2026-02-01", "2026-02-28"),
        ("בסוף החודש", "2026-01-27", "2026-01-31"),
        ("בפסח", "2026-04-02", "2026-04-08"),
    ],
)
def test_more_than_a_day(said: str, first: str, last: str) -> None:
    found = _days(said)
    assert found is not None
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)


@pytest.mark.parametrize("said", ["אתמול", "32.1", "30.2", "1.13", "13.1.2026", "שלום", "ב-10"])
def test_no_day_or_one_that_is_over(said: str) -> None:
    assert _days(said) is None


@given(
    st.dates(date(2024, 1, 1), date(2040, 1, 1)),
    st.sampled_from(["ראשון", "שני", "שלישי", "רביעי", "חמישי", "שישי", "שבת"]),
)
def test_a_day_of_the_week_is_within_the_week_to_come(today: date, name: str) -> None:
    found = _days(f"ביום {name}", today)
    assert found is not None
    assert 1 <= (found.first - today).days <= 7
    assert found.weekday == found.first.weekday()


def test_months_ahead_end_where_the_month_does() -> None:
    assert days_ahead(1, "month", date(2026, 1, 31)).first == date(2026, 2, 28)
    assert days_ahead(2, "week", WEDNESDAY).first == date(2026, 1, 28)


@pytest.mark.parametrize(
    ("name", "today", "meant"),
    [
        ("any", "2026-03-29", "passover"),
        ("any", "2026-04-05", "passover"),
        ("any", "2026-12-06", "hanukkah"),
        ("any", "2026-11-01", "passover"),
        ("any", "2026-02-27", "purim"),
        ("season", "2026-03-20", "passover"),
        ("season", "2026-07-01", "sukkot"),
        ("season", "2026-09-29", "sukkot"),
        ("shavuot", "2026-06-01", "shavuot"),
    ],
)
def test_which_holiday_is_meant(name: str, today: str, meant: str) -> None:
    holiday = holiday_named(name, date.fromisoformat(today))
    assert holiday.name == meant
    assert holiday.last >= date.fromisoformat(today)


def test_the_first_day_of_work_after_a_holiday() -> None:
    assert first_after(date(2026, 9, 11)) == date(2026, 9, 14)
