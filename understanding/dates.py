"""The day that is meant, as the caller puts it: "the day after tomorrow", "next Tuesday", the 15th, after Passover.

Knows nothing of hours. `today` is the date on which it is said, in Israel.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from understanding.clock import number_at
from understanding.holidays import Holiday, holidays_from, is_rest_day
from understanding.time_words import DIGITS, Token

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_AROUND_SATURDAY: Final = {"after_saturday": "saturday", "saturday_night": "saturday", "before_saturday": "friday"}
_WEEK: Final = timedelta(days=7)
_SHORTEST_WEEK: Final = 5
"""Days on which work is done."""
_MINUTES_TO_THE_HOUR: Final = (5, 10, 20, 25)
_SAID_OF_ITSELF_DAYS: Final = 7
"""How far ahead "the holiday" can be Hanukkah or Purim, on which business goes on."""
_NO_FEAST: Final = ("lag_baomer", "tisha_beav")
_SEASON_AHEAD_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Days:
    first: date
    last: date
    part: str = ""
    """The part of the day that is in the word itself: "this evening", "when Shabbat is out"."""
    weekday: int | None = None
    """0 is Monday; where a day of the week was named, whose week may be named beside it."""
    is_week: bool = False
    """A week or more was named, of which a day of the week may be named beside it."""


def days_at(tokens: Sequence[Token], place: int, today: date) -> tuple[Days, int] | None:
    """The days that are named from this place on, and the place after. None as well for a day that is over."""
    for reader in (_date, _weekday, _near, _span, _holiday):
        if found := reader(tokens, place, today):
            return found
    return None


def days_ahead(count: int, unit: str, today: date) -> Days:
    """`unit`: day, week or month."""
    if unit == "month":
        month = today.month - 1 + count
        year, month = today.year + month // 12, month % 12 + 1
        day = date(year, month, min(today.day, monthrange(year, month)[1]))
    else:
        day = today + count * (_WEEK if unit == "week" else timedelta(days=1))
    return Days(day, day, is_week=unit == "week")


def is_part_of_week(one: Days, other: Days) -> bool:
    """Whether one is a week and the other a few days within one: "next week, in the middle of the week"."""
    lengths = sorted((days.last - days.first).days + 1 for days in (one, other))
    return lengths[0] < _SHORTEST_WEEK <= lengths[1] <= _WEEK.days


def holiday_named(name: str, today: date) -> Holiday:
    """The one that is meant today: the next of this name, or of those that "the holiday" or "the holidays" can be."""
    ahead = holidays_from(today)
    if name == "between":
        return next(
            each for each in ahead if each.rest_days == (each.first, each.last) and each.last - each.first > _WEEK / 2
        )
    if name == "season":
        return next(each for each in ahead if _ends_a_season(each, today))
    if name == "any":
        soon = today + timedelta(days=_SAID_OF_ITSELF_DAYS)
        return next(each for each in ahead if each.rest_days or (each.first <= soon and each.name not in _NO_FEAST))
    return next(each for each in ahead if each.name == name)


def first_after(day: date) -> date:
    """The first day after this one that is neither Shabbat nor a holiday."""
    day += timedelta(days=1)
    while day.weekday() == WEEKDAYS.index("saturday") or is_rest_day(day):
        day += timedelta(days=1)
    return day


def _ends_a_season(holiday: Holiday, today: date) -> bool:
    """ "The holidays" are those of Tishrei; Passover where it is close."""
    close = holiday.first <= today + timedelta(days=_SEASON_AHEAD_DAYS)
    return holiday.name == "sukkot" or (holiday.name == "passover" and close)


def _date(tokens: Sequence[Token], place: int, today: date) -> tuple[Days, int] | None:
    """ "3.12", "3/12/26", "the third of December", "ב-15 לחודש", "ב-15 ל-12", "ה-15"."""
    token = tokens[place]
    if token.kind == DIGITS and ("." in token.value or "/" in token.value):
        parts = [int(part) for part in token.value.replace("/", ".").split(".")]
        return _one_day(_next_date(parts[0], parts[1], today, *parts[2:]), place + 1) if len(parts) > 1 else None
    ordinal = token.also.get("ordinal") or (token.value if token.kind == "ordinal" else "")
    number = (int(ordinal), place + 1) if ordinal else number_at(tokens, place)
    if number is None or not 1 <= number[0] <= 31:
        return None
    day, after = number
    following = tokens[after] if after < len(tokens) else None
    if following and following.kind == "month":
        return _one_day(_next_date(day, int(following.value), today), after + 1)
    if following and (following.kind == "of_the_month" or "of_the_month" in following.also):
        meaning = following.value if following.kind == "of_the_month" else following.also["of_the_month"]
        return _one_day(_day_of_month(day, today, later=meaning == "next"), after + 1)
    if ordinal:
        return None
    if following and "to" in following.prefix and "at" in token.prefix and day not in _MINUTES_TO_THE_HOUR:
        month = number_at(tokens, after)
        return _one_day(_next_date(day, month[0], today), month[1]) if month and token.kind == DIGITS else None
    # "The 15th", or a number that no clock shows.
    if token.kind == DIGITS and ("the" in token.prefix or (token.prefix and day > 24)):
        return _one_day(_day_of_month(day, today, later=False), after)
    return None


def _weekday(tokens: Sequence[Token], place: int, today: date) -> tuple[Days, int] | None:
    token = tokens[place]
    if token.kind != "weekday":
        return None
    weekday = WEEKDAYS.index(_AROUND_SATURDAY.get(token.value, token.value))
    around = token.value in _AROUND_SATURDAY
    ahead = (weekday - today.weekday()) % 7
    # Whoever means today says so.
    ahead = ahead or (0 if around else 7)
    after = place + 1
    if after < len(tokens) and tokens[after].kind == "next":
        # And whoever means tomorrow says tomorrow.
        ahead, after = (ahead + 7 if ahead <= 1 else ahead), after + 1
    day = today + timedelta(days=ahead)
    return Days(day, day, part=token.value if around else "", weekday=weekday), after


def _near(tokens: Sequence[Token], place: int, today: date) -> tuple[Days, int] | None:
    token = tokens[place]
    if token.kind == "day" and int(token.value) >= 0:
        return _one_day(today + timedelta(days=int(token.value)), place + 1)
    if token.kind == "this_part" and "from" not in token.prefix:
        return Days(today, today, part=token.value), place + 1
    return None


def _span(tokens: Sequence[Token], place: int, today: date) -> tuple[Days, int] | None:
    if month := _of_a_month(tokens, place, today):
        return month
    named = {"this": "this_month", "next": "next_month"} if tokens[place].kind == "of_the_month" else {}
    value = named.get(tokens[place].value, tokens[place].value)
    if tokens[place].kind not in ("span", "of_the_month"):
        return None
    if value == "week_after" and place + 1 < len(tokens) and tokens[place + 1].kind == "holiday":
        first = first_after(holiday_named(tokens[place + 1].value, today).last)
        return Days(first, first + timedelta(days=_SHORTEST_WEEK - 1), is_week=True), place + 2
    # The week begins on Sunday.
    sunday = today + timedelta(days=(6 - today.weekday()) % 7 or 7)
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    tuesday = today + timedelta(days=(1 - today.weekday()) % 7)
    thursday = timedelta(days=(3 - today.weekday()) % 7)
    next_month = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    end_of_month = next_month - timedelta(days=1)
    first, days = {
        "work_week": (today, thursday.days + 1) if thursday.days < _SHORTEST_WEEK else (sunday, _SHORTEST_WEEK),
        "this_week": (today, max((sunday - today).days - 2, 1)),
        "next_week": (sunday, _SHORTEST_WEEK),
        "week_after": (sunday, _SHORTEST_WEEK),
        "week_start": (sunday, 2),
        "week_middle": (tuesday, 2),
        "middle_of_next_week": (sunday + timedelta(days=2), 2),
        "weekend": (friday, 2),
        "next_weekend": (sunday + timedelta(days=5), 2),
        "after_weekend": (sunday, 1),
        "next_month": (next_month, monthrange(next_month.year, next_month.month)[1]),
        "this_month": (today, (end_of_month - today).days + 1),
        "month_start": (next_month, 5),
        "month_middle": (_day_of_month(14, today, later=False) or today, 3),
        "month_end": (max(today, end_of_month - timedelta(days=4)), min(5, (end_of_month - today).days + 1)),
        "coming_days": (today, 3),
    }[value]
    return Days(first, first + timedelta(days=days - 1), is_week=True), place + 1


def _of_a_month(tokens: Sequence[Token], place: int, today: date) -> tuple[Days, int] | None:
    """ "In July", "at the end of July"."""
    part = tokens[place].value if tokens[place].kind == "month_part" else ""
    named = place + 1 if part else place
    if named >= len(tokens) or tokens[named].kind != "month" or not (part or "at" in tokens[named].prefix):
        return None
    month = int(tokens[named].value)
    year = today.year + (month < today.month)
    length = monthrange(year, month)[1]
    first, last = {"start": (1, 5), "middle": (14, 16), "end": (length - 4, length)}.get(part, (1, length))
    if date(year, month, last) < today:
        return None
    return Days(max(today, date(year, month, first)), date(year, month, last)), named + 1


def _holiday(tokens: Sequence[Token], place: int, today: date) -> tuple[Days, int] | None:
    kind = tokens[place].also.get("eve", tokens[place].kind)
    kind = "eve" if kind not in ("holiday", "holiday_end") and "eve" in tokens[place].also else kind
    named = place if kind == "holiday" else place + 1
    if kind not in ("holiday", "eve", "holiday_end") or named >= len(tokens) or tokens[named].kind != "holiday":
        return None
    holiday = holiday_named(tokens[named].value, today)
    if tokens[named].value == "between":
        first, last = holiday.first + timedelta(days=1), holiday.last - timedelta(days=1)
        return (Days(max(today, first), last), named + 1) if last >= today else None
    if kind == "holiday":
        return Days(max(today, holiday.first), holiday.last), named + 1
    day = holiday.first - timedelta(days=1) if kind == "eve" else holiday.last
    return Days(day, day, part="saturday_night" if kind == "holiday_end" else ""), named + 1


def _one_day(day: date | None, after: int) -> tuple[Days, int] | None:
    return (Days(day, day), after) if day else None


def _next_date(day: int, month: int, today: date, year: int = 0) -> date | None:
    """None for what is no date, or is over."""
    years = (year % 100 + 2000,) if year else range(today.year, today.year + 9)
    for each in years:
        if 1 <= month <= 12 and 1 <= day <= monthrange(each, month)[1] and date(each, month, day) >= today:
            return date(each, month, day)
    return None


def _day_of_month(day: int, today: date, *, later: bool) -> date | None:
    month = today.replace(day=1)
    for _ in range(3):
        long_enough = day <= monthrange(month.year, month.month)[1]
        if long_enough and not later and month.replace(day=day) >= today:
            return month.replace(day=day)
        month, later = (month + timedelta(days=31)).replace(day=1), False
    return None
