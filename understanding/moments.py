"""The moment that was meant: from what was said of day and hour to the earliest moment and the end of the window.

Hours that could be of the morning or the evening are read as somebody who calls a business means them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from understanding.clock import Clock
from understanding.dates import Days, is_part_of_week
from understanding.time_items import ANY, DAY, HOURS, LENGTH, PART, SOON, Item

ISRAEL: Final = ZoneInfo("Asia/Jerusalem")

Window = tuple[datetime, datetime | None]
"""The earliest moment; the end, None where one moment was named."""
_Minutes = tuple[int, int | None]
"""The same in minutes since midnight of a day."""

OPENS: Final = frozenset(("after", "from"))
CLOSES: Final = frozenset(("until", "before"))
"""Limits of hours at the beginning and at the end."""

_NOON: Final = 12 * 60
_DAY_BEGINS, _DAY_ENDS, _EVENING_ENDS = 9 * 60, 19 * 60, 21 * 60
_BOTH_HOURS: Final = 8
"""At eight a business may be called in the morning and in the evening."""
_PARTS: Final = {
    "before_dawn": (5 * 60, 7 * 60),
    "early_morning": (8 * 60, 10 * 60),
    "morning": (9 * 60, 12 * 60),
    "late_morning": (10 * 60, 12 * 60),
    "noon": (12 * 60, 14 * 60),
    "afternoon": (16 * 60, 19 * 60),
    "before_evening": (17 * 60, 19 * 60),
    "evening": (19 * 60, 21 * 60 + 30),
    "night": (21 * 60, 23 * 60),
    "work_hours": (_DAY_BEGINS, 17 * 60),
    "all_day": (_DAY_BEGINS, _DAY_ENDS),
    "early": (8 * 60, 12 * 60),
    "later": (17 * 60, _EVENING_ENDS),
    "before_saturday": (_DAY_BEGINS, 13 * 60),
    "saturday_night": (20 * 60, 23 * 60),
    "after_saturday": (20 * 60, 43 * 60),
}
_LATE_IN_SUMMER: Final = frozenset(("saturday_night", "after_saturday"))
_IN_THE_EVENING: Final = _LATE_IN_SUMMER
_SOON_MINUTES: Final[dict[str, tuple[int, int | None]]] = {
    "now": (0, None),
    "soon": (0, 7 * 24 * 60),
    "minutes": (10, 30),
    "hours": (120, 300),
    "days": (2 * 24 * 60, 5 * 24 * 60),
    "this_hour": (0, 60),
    "two_hours": (0, 120),
    "any": (0, 7 * 24 * 60),
    "every_day": (0, 7 * 24 * 60),
}
_LATER_MINUTES: Final = 120
_OPEN_END: Final = timedelta(days=6)
_WEEK: Final = timedelta(days=7)


def window_of(items: Sequence[Item], now: datetime) -> Window | None:
    """What these say together. None if they say nothing of when, or of a time that is over."""
    kinds = {item.kind: item for item in items}
    if items[-1].value == "later" and not any(item.days and item.days.first > now.date() for item in items):
        return _later(now, _LATER_MINUTES), None
    if DAY not in kinds and HOURS not in kinds and PART not in kinds:
        if length := kinds.get(LENGTH):
            earliest, latest = length.minutes
            return _later(now, earliest), _later(now, latest) if latest > earliest else None
        if soon := kinds.get(SOON) or kinds.get(ANY):
            first, last = _SOON_MINUTES[soon.value]
            return _later(now, first), None if last is None else _later(now, last)
        return None
    return _window(_days_of(items, now.date()), _hours_of(items), _part_of(items), now)


def _hours_of(items: Sequence[Item]) -> Item | None:
    """ "After ten and before twelve" is a range."""
    hours = [item for item in items if item.kind == HOURS]
    opening = next((item for item in hours if item.bound in OPENS), None)
    closing = next((item for item in hours if item.bound in CLOSES), None)
    if opening and closing:
        return replace(opening, bound="", to=closing.clock)
    return hours[-1] if hours else None


def _days_of(items: Sequence[Item], today: date) -> Days | None:
    found = [item for item in items if item.kind == DAY and item.days]
    if not found:
        return None
    dates = [item for item in found if item.days and item.days.weekday is None and not item.days.is_week]
    item = (dates or found)[-1]
    weekdays = [each.days for each in found if each.days and each.days.weekday is not None]
    spans = [each.days for each in found if each.days and each.days.is_week]
    if weekdays and spans and weekdays[-1].weekday is not None:
        # "Next week, on Monday": of the week that was named.
        sunday = spans[-1].first - timedelta(days=(spans[-1].first.weekday() + 1) % 7)
        day = sunday + timedelta(days=(weekdays[-1].weekday + 1) % 7)
        return Days(day, day, weekdays[-1].part) if day >= today else weekdays[-1]
    days = item.days
    if not weekdays and not dates and len(spans) > 1 and is_part_of_week(spans[-2], spans[-1]):
        days = _within_week(spans[-2:])
    if days is not None and item.bound == "until":
        return Days(today, days.last, days.part)
    if days is not None and item.bound == "from":
        return Days(days.first, days.first + _OPEN_END, days.part)
    return days


def _within_week(spans: Sequence[Days]) -> Days:
    """ "Next week, in the middle of the week": the shorter within the longer."""
    whole = max(spans, key=lambda days: days.last - days.first)
    part = min(spans, key=lambda days: days.last - days.first)
    while part.first < whole.first:
        part = replace(part, first=part.first + _WEEK, last=part.last + _WEEK)
    return part


def _part_of(items: Sequence[Item]) -> str:
    said = [item.value for item in items if item.kind == PART]
    within = [item.days.part for item in items if item.days and item.days.part]
    return (said or within or [""])[-1]


def _window(days: Days | None, hours: Item | None, part: str, now: datetime) -> Window:
    today = now.date()
    first, last = (days.first, days.last) if days else (today, today)
    if first > today:
        begins, ends = _choices(hours, part, first, both=False)[0]
        return _moment(first, begins), _end(last, ends, several=last > first)
    for begins, ends in _choices(hours, part, today, both=days is not None or _limits(hours)):
        start, end = _moment(today, begins), _end(today, ends, several=False)
        if start < now and _opens(hours) and (not _settled(hours, part) or begins < _NOON <= _minute_of(now)):
            # "After eight", or "from ten in the morning", at noon.
            continue
        if (end or start) >= now:
            return max(start, now), (_end(last, ends, several=True) if last > today else end)
    if days is not None and not hours and not part:
        # "Today", in the evening.
        return now, max(_later(now, 120), _moment(last, _DAY_ENDS))
    begins, ends = _choices(hours, part, today, both=False)[0]
    tomorrow = today + timedelta(days=1)
    return _moment(tomorrow, begins), _end(max(last, tomorrow), ends, several=last > tomorrow)


def _limits(hours: Item | None) -> bool:
    return hours is not None and hours.bound in CLOSES


def _opens(hours: Item | None) -> bool:
    return hours is not None and hours.bound in OPENS


def _settled(hours: Item | None, part: str) -> bool:
    """Whether morning and evening cannot be confused."""
    clock = hours.clock if hours else None
    return clock is None or bool(clock.exact or clock.part or part) or clock.minutes() >= _NOON


def _choices(hours: Item | None, part: str, day: date, *, both: bool) -> list[_Minutes]:
    """What the hours can mean on a day, the likeliest first. `both`: one of the morning may be one of the evening."""
    if hours is None or hours.clock is None:
        begins, ends = _PARTS.get(part, (_DAY_BEGINS, _DAY_ENDS))
        late = 60 if part in _LATE_IN_SUMMER and _moment(day, _NOON).dst() else 0
        return [(begins + late, ends)]
    of_day = "evening" if part in _IN_THE_EVENING else part
    clock = hours.clock
    if hours.to:
        return [_range(clock, hours.to, of_day)]
    begins = clock.minutes(of_day)
    choices = [begins]
    settled = _settled(hours, of_day)
    evening = begins + _NOON
    if not settled and (both or clock.hour == _BOTH_HOURS or (_opens(hours) and evening <= _EVENING_ENDS)):
        choices.append(evening)
    return [_limited(minute, hours.bound) for minute in choices]


def _limited(minute: int, bound: str) -> _Minutes:
    if bound in OPENS:
        return minute, max(_EVENING_ENDS, minute + 60)
    if bound in CLOSES:
        return min(_DAY_BEGINS, minute - 120), minute
    return minute, None


def _range(clock: Clock, to: Clock, part: str) -> _Minutes:
    """The end of a range is the first such hour after its beginning."""
    begins, ends = clock.minutes(part), to.minutes(part)
    if to.part and not clock.part and not clock.exact and clock.minutes(to.part) < ends:
        begins = clock.minutes(to.part)
    if not to.part and not to.exact:
        ends = to.hour * 60 + to.minute
        while ends <= begins:
            ends += _NOON
    return begins, ends if ends > begins else ends + 24 * 60


def _end(day: date, minute: int | None, *, several: bool) -> datetime | None:
    if minute is None:
        return _moment(day, _DAY_ENDS) if several else None
    return _moment(day, minute)


def _moment(day: date, minute: int) -> datetime:
    """By the clock on the wall: an hour that the clocks skip is the one after it."""
    over, minute = divmod(minute, 24 * 60)
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ISRAEL) + timedelta(days=over)
    return wall.astimezone(UTC).astimezone(ISRAEL)


def _minute_of(now: datetime) -> int:
    return now.hour * 60 + now.minute


def _later(now: datetime, minutes: int) -> datetime:
    """By the time that passes, whatever the clocks do meanwhile."""
    return (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(ISRAEL)
