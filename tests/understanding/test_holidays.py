"""The own calendar against two libraries that are kept for it."""

from datetime import date, datetime, timedelta

import holidays as calendars
import pytest
from pyluach.dates import HebrewDate

from understanding.holidays import holidays_from, holidays_of, is_rest_day, rests
from understanding.moments import ISRAEL

YEARS = range(2024, 2041)
DAYS = [
    date(YEARS[0], 1, 1) + timedelta(days=day)
    for day in range((date(YEARS[-1], 12, 31) - date(YEARS[0], 1, 1)).days + 1)
]
NAMES = {
    "rosh_hashanah": "Rosh Hashana",
    "yom_kippur": "Yom Kippur",
    "hanukkah": "Chanuka",
    "shavuot": "Shavuos",
    "lag_baomer": "Lag Ba'omer",
}


def test_the_days_of_rest_are_those_of_the_holidays_library() -> None:
    official = calendars.country_holidays("IL", years=YEARS)
    assert [day for day in DAYS if is_rest_day(day)] == sorted(day for day in official if day.year in YEARS)


def test_the_days_of_rest_are_those_of_pyluach() -> None:
    """Which leaves out Independence Day: the Torah does not know it."""
    independence = {
        each.first for year in range(5784, 5802) for each in holidays_of(year) if each.name == "independence_day"
    }
    festivals = [
        day
        for day in DAYS
        if day in independence or HebrewDate.from_pydate(day).festival(israel=True, include_working_days=False)
    ]
    assert [day for day in DAYS if is_rest_day(day)] == festivals


@pytest.mark.parametrize("name", NAMES)
def test_every_holiday_lasts_as_long_as_in_pyluach(name: str) -> None:
    ours = {
        holiday.first + timedelta(days=day)
        for year in range(5784, 5802)
        for holiday in holidays_of(year)
        if holiday.name == name
        for day in range((holiday.last - holiday.first).days + 1)
    }
    theirs = {day for day in DAYS if HebrewDate.from_pydate(day).holiday(israel=True) == NAMES[name]}
    assert {day for day in ours if day.year in YEARS} == theirs


@pytest.mark.parametrize(
    ("name", "month", "day", "length"), [("sukkot", 7, 15, 8), ("passover", 1, 15, 7), ("purim", 0, 14, 2)]
)
def test_holidays_begin_on_their_hebrew_date(name: str, month: int, day: int, length: int) -> None:
    for year in range(5784, 5802):
        holiday = next(each for each in holidays_of(year) if each.name == name)
        begins = HebrewDate.from_pydate(holiday.first)
        # Adar, the second one in a leap year.
        assert (begins.month, begins.day) in ([(month, day)] if month else [(12, day), (13, day)])
        assert (holiday.last - holiday.first).days + 1 == length


def test_the_ninth_of_av_is_fasted_on_the_day_pyluach_names() -> None:
    ours = [each.first for year in range(5784, 5801) for each in holidays_of(year) if each.name == "tisha_beav"]
    assert ours == [day for day in DAYS if HebrewDate.from_pydate(day).fast_day() == "9 of Av"]


def test_new_year_is_right_in_the_rare_years_too() -> None:
    """Three centuries: the second of the two delays of a year's beginning falls once in nearly two."""
    for year in range(5650, 5950):
        assert holidays_of(year)[0].first == HebrewDate(year, 7, 1).to_pydate()


def test_holidays_come_in_order_and_one_under_way_is_among_them() -> None:
    names = [holiday.name for holiday in holidays_from(date(2026, 4, 5))][:3]
    assert names[0] == "passover"
    assert names[1:] == ["independence_day", "lag_baomer"]


@pytest.mark.parametrize(
    ("at", "resting"),
    [
        ("2026-01-16T15:00", False),  # Friday in winter
        ("2026-01-16T16:00", True),
        ("2026-01-17T12:00", True),
        ("2026-01-17T19:00", False),
        ("2026-07-03T16:30", False),  # Friday in summer
        ("2026-07-03T18:00", True),
        ("2026-07-04T20:30", True),
        ("2026-07-04T21:30", False),
        ("2026-09-11T18:00", True),  # New Year's eve, a Friday; then Shabbat and Sunday
        ("2026-09-12T22:00", True),
        ("2026-09-13T12:00", True),
        ("2026-09-13T22:00", False),
        ("2026-04-05T12:00", False),  # the weekdays of Passover
    ],
)
def test_rest_begins_on_the_eve(at: str, resting: bool) -> None:
    assert rests(datetime.fromisoformat(at).replace(tzinfo=ISRAEL)) is resting
