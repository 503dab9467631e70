"""Israel's holidays and the Shabbat: which days nobody can be promised a call on, and when a holiday is over.

Computed from the rules of the Hebrew calendar, which have not changed in centuries; libraries that know them cost 20 ms
and more to import. `tests/understanding/test_holidays.py` compares with two of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

_EPOCH: Final = -1373427
"""The ordinal of 1 Tishrei of the year 1, as `date.toordinal` counts."""
_FROM_NISAN_15_TO_TISHREI_1: Final = 163
_FROM_AV_9_TO_TISHREI_1: Final = 51
_MONDAY, _FRIDAY, _SATURDAY = 0, 4, 5

# Early and late enough for any week of the season, candles in Jerusalem being lit 40 minutes before sunset.
_SHABBAT_IN_WINTER: Final = (time(15, 30), time(18, 30))
_SHABBAT_IN_SUMMER: Final = (time(17), time(21))


@dataclass(frozen=True, slots=True)
class Holiday:
    """`first` to `last` as people speak of it: Passover and Sukkot with the weekdays inside."""

    name: str
    first: date
    last: date
    rest_days: tuple[date, ...] = ()
    """The days on which business rests."""


def is_rest_day(day: date) -> bool:
    return day in _rest_days(day.year)


def rests(at: datetime) -> bool:
    """Whether it is Shabbat or a holiday at this moment, from the eve to the end. `at` is local time in Israel."""
    begins, ends = _SHABBAT_IN_SUMMER if at.dst() else _SHABBAT_IN_WINTER
    today, tomorrow = at.date(), at.date() + timedelta(days=1)
    if at.time() >= begins and _is_sabbath(tomorrow):
        return True
    return at.time() < ends and _is_sabbath(today)


def holidays_from(day: date) -> Iterator[Holiday]:
    """Those that are not over before this day, in their order."""
    year = day.year + 3760
    return (holiday for each in (year, year + 1, year + 2) for holiday in holidays_of(each) if holiday.last >= day)


@lru_cache(maxsize=16)
def holidays_of(hebrew_year: int) -> tuple[Holiday, ...]:
    new_year, next_new_year = _new_year(hebrew_year), _new_year(hebrew_year + 1)
    tishrei = date.fromordinal(new_year)
    passover = date.fromordinal(next_new_year - _FROM_NISAN_15_TO_TISHREI_1)
    cheshvan = 30 if (next_new_year - new_year) % 10 == 5 else 29
    purim = _after(passover, -30)
    return (
        _resting("rosh_hashanah", tishrei, 2),
        _resting("yom_kippur", _after(tishrei, 9), 1),
        Holiday("sukkot", _after(tishrei, 14), _after(tishrei, 21), (_after(tishrei, 14), _after(tishrei, 21))),
        _lasting("hanukkah", _after(tishrei, 30 + cheshvan + 24), 8),
        _lasting("purim", purim, 2),
        Holiday("passover", passover, _after(passover, 6), (passover, _after(passover, 6))),
        _resting("independence_day", _independence_day(passover), 1),
        _lasting("lag_baomer", _after(passover, 33), 1),
        _resting("shavuot", _after(passover, 50), 1),
        _lasting("tisha_beav", _fast_day(date.fromordinal(next_new_year - _FROM_AV_9_TO_TISHREI_1)), 1),
    )


@lru_cache(maxsize=8)
def _rest_days(year: int) -> frozenset[date]:
    holidays = (holiday for each in (year + 3760, year + 3761) for holiday in holidays_of(each))
    return frozenset(day for holiday in holidays for day in holiday.rest_days if day.year == year)


def _independence_day(passover: date) -> date:
    """5 Iyar, moved so that neither it nor the Memorial Day before it touches a Shabbat."""
    day = _after(passover, 20)
    return _after(day, {_FRIDAY: -1, _SATURDAY: -2, _MONDAY: 1}.get(day.weekday(), 0))


def _fast_day(day: date) -> date:
    """Nobody fasts on Shabbat: on the day after."""
    return _after(day, int(day.weekday() == _SATURDAY))


def _new_year(hebrew_year: int) -> int:
    """The ordinal of 1 Tishrei (Dershowitz and Reingold, Calendrical Calculations, 8.2)."""
    before, day, after = (_elapsed_days(hebrew_year + step) for step in (-1, 0, 1))
    if after - day == 356:
        day += 2
    elif day - before == 382:
        day += 1
    return _EPOCH + day


def _elapsed_days(hebrew_year: int) -> int:
    months = (235 * hebrew_year - 234) // 19
    parts = 12084 + 13753 * months
    day = 29 * months + parts // 25920
    return day + 1 if 3 * (day + 1) % 7 < 3 else day


def _is_sabbath(day: date) -> bool:
    return day.weekday() == _SATURDAY or is_rest_day(day)


def _resting(name: str, first: date, days: int) -> Holiday:
    return Holiday(name, first, _after(first, days - 1), tuple(_after(first, place) for place in range(days)))


def _lasting(name: str, first: date, days: int) -> Holiday:
    return Holiday(name, first, _after(first, days - 1))


def _after(day: date, days: int) -> date:
    return day + timedelta(days=days)
