from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.holidays import rests
from understanding.moments import ISRAEL
from understanding.opening_hours import Offer, is_open, next_possible, opening_hours

WEEK = {day: ["08:00-17:00"] for day in ("sunday", "monday", "tuesday", "wednesday", "thursday")}
SHOP, _ = opening_hours({**WEEK, "friday": ["08:00-17:00"]})


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ISRAEL)


def _hours(settings: dict[str, Any]) -> Any:
    hours, problems = opening_hours(settings)
    assert hours is not None and not problems
    return hours


NOW = _at("2026-01-14T10:00")


def _offer(wished: str, until: str | None, hours: Any, now: datetime = NOW) -> Offer:
    return next_possible(_at(wished), _at(until) if until else None, hours, now)


@pytest.mark.parametrize(
    ("wished", "possible", "kept"),
    [
        ("2026-01-14T10:00", "2026-01-14T10:00", True),
        ("2026-01-14T20:00", "2026-01-15T08:00", False),
        ("2026-01-14T17:00", "2026-01-15T08:00", False),
        ("2026-01-16T15:00", "2026-01-16T15:00", True),  # Friday, before Shabbat
        ("2026-01-16T16:00", "2026-01-18T08:00", False),  # and within it, whatever the hours say
        ("2026-01-17T12:00", "2026-01-18T08:00", False),
        ("2026-04-01T18:00", "2026-04-03T08:00", False),  # Passover on Thursday
        ("2026-09-11T18:00", "2026-09-14T08:00", False),  # Shabbat and both days of the New Year
    ],
)
def test_the_next_possible_time(wished: str, possible: str, kept: bool) -> None:
    assert _offer(wished, None, SHOP) == Offer(_at(possible), None, kept)


@pytest.mark.parametrize(
    ("wished", "possible", "kept"),
    [
        ("2026-01-14T20:00", "2026-01-14T20:00", True),  # the evening that the caller named
        ("2026-01-17T20:00", "2026-01-17T20:00", True),  # Shabbat is out
        ("2026-01-14T23:30", "2026-01-15T09:00", False),
        ("2026-01-16T19:00", "2026-01-18T09:00", False),
        ("2026-09-21T10:00", "2026-09-22T09:00", False),  # Yom Kippur
    ],
)
def test_without_hours_evenings_are_kept_and_shabbat_and_holidays_count(wished: str, possible: str, kept: bool) -> None:
    assert _offer(wished, None, None) == Offer(_at(possible), None, kept)


def test_a_business_that_opens_on_saturday_morning_keeps_its_hours() -> None:
    hours = _hours({**WEEK, "friday": ["08:00-22:00"], "saturday": ["10:00-14:00"], "holidays": ["10:00-13:00"]})
    assert is_open(_at("2026-01-16T21:00"), hours)
    assert is_open(_at("2026-01-17T11:00"), hours)
    assert not is_open(_at("2026-01-17T15:00"), hours)
    assert is_open(_at("2026-04-02T11:00"), hours)
    assert not is_open(_at("2026-04-02T14:00"), hours)


def test_saturday_night_is_no_shabbat() -> None:
    hours = _hours({**WEEK, "friday": ["08:00-17:00"], "saturday": ["19:00-23:00"]})
    assert is_open(_at("2026-01-17T20:00"), hours)
    assert not is_open(_at("2026-01-16T16:30"), hours)


def test_hours_past_midnight_belong_to_the_evening_before() -> None:
    hours = _hours({"sunday": ["20:00-02:00"]})
    assert is_open(_at("2026-01-19T01:00"), hours)
    assert not is_open(_at("2026-01-18T01:00"), hours)


def test_what_cannot_be_read_is_named_and_the_rest_counts() -> None:
    hours, problems = opening_hours(
        {"sunday": ["8-17", "noon"], "monday": "08:00-17:00", "yom_rishon": [], "tuesday": ["09:00-25:00"]}
    )
    assert hours and is_open(_at("2026-01-18T16:00"), hours)
    assert [problem.split(":")[0] for problem in problems] == [
        *("hours.sunday", "hours.monday", "hours.yom_rishon", "hours.tuesday")
    ]


@pytest.mark.parametrize("settings", [None, {}, {"sunday": []}, {"sunday": ["?"]}])
def test_hours_without_an_hour_are_none(settings: dict[str, Any] | None) -> None:
    assert opening_hours(settings)[0] is None


def test_a_business_that_is_open_on_holidays_only_between_shabbats_is_found() -> None:
    hours = _hours({"saturday": ["19:00-23:00"]})
    assert _offer("2026-01-14T10:00", None, hours) == Offer(_at("2026-01-17T19:00"), None, kept=False)


@pytest.mark.parametrize(
    ("at", "until", "promised", "kept"),
    [
        ("2026-01-15T10:00", None, "2026-01-15T10:00", True),
        ("2026-01-15T19:00", None, "2026-01-18T08:00", False),
        ("2026-01-15T07:00", "2026-01-15T12:00", "2026-01-15T08:00", True),  # a window that the hours begin in
        ("2026-01-15T19:00", "2026-01-15T21:00", "2026-01-18T08:00", False),
        ("2026-01-16T18:00", "2026-01-19T12:00", "2026-01-18T08:00", True),
        ("2026-01-13T10:00", None, "2026-01-14T10:00", False),  # nothing is promised for the past
        ("2026-01-13T08:00", "2026-01-13T12:00", "2026-01-14T10:00", False),
        ("2026-01-14T08:00", "2026-01-14T12:00", "2026-01-14T10:00", True),  # a window that is half over
    ],
)
def test_a_wish_is_kept_where_it_has_a_possible_moment(at: str, until: str | None, promised: str, kept: bool) -> None:
    found = _offer(at, until, _hours(WEEK))
    assert found == Offer(_at(promised), _at(until) if until and kept else None, kept)


def test_an_evening_that_the_caller_named_is_promised_where_no_hours_are_set() -> None:
    found = _offer("2026-01-14T19:00", "2026-01-14T21:30", None)
    assert (found.at, found.kept) == (_at("2026-01-14T19:00"), True)


@given(st.integers(0, 366 * 24 * 4), st.sampled_from([None, SHOP, opening_hours({"saturday": ["19:00-23:00"]})[0]]))
def test_what_is_possible_is_never_in_shabbat_nor_before_the_wish(quarters: int, hours: Any) -> None:
    wished = NOW + timedelta(minutes=15 * quarters)
    offer = next_possible(wished, None, hours, NOW)
    assert offer.at >= wished
    assert offer.kept == (offer.at == wished)
    assert not rests(offer.at)
    assert next_possible(offer.at, None, hours, NOW) == Offer(offer.at, None, kept=True)
