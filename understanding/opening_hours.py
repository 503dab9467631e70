"""When the business can call back: its hours, the Shabbat and the holidays; and what can be offered for a wished time.

`hours` comes from the settings (sunday..saturday and holidays, each a list of "08:00-17:00"). Where it is missing, a
caller is called at any decent hour that the caller names, and otherwise in usual office hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from understanding.dates import WEEKDAYS
from understanding.holidays import is_rest_day, rests
from understanding.moments import ISRAEL

_HOLIDAYS: Final = "holidays"
_SPAN: Final = re.compile(r"\s*(\d{1,2}):?([0-5]\d)?\s*[-–—]\s*(\d{1,2}):?([0-5]\d)?\s*")
_DAY: Final = 24 * 60
_DAYS_AHEAD: Final = 60
"""Longer than any run of days without work."""
_STEP_MINUTES: Final = 30
_MORNING: Final = 9 * 60

Span = tuple[int, int]
"""Minutes since midnight, from and to; at most to the midnight after."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Of each weekday (0 is Monday), and of holidays."""

    days: Mapping[int, tuple[Span, ...]]
    holidays: tuple[Span, ...] = ()
    """Empty: closed on holidays, and from the afternoon of the day before."""

    @property
    def keeps_shabbat(self) -> bool:
        """Whoever opens on Saturday morning does not; Saturday night is after Shabbat."""
        return not any(begins < _SATURDAY_NIGHT for begins, _ in self.days.get(WEEKDAYS.index("saturday"), ()))


_SATURDAY_NIGHT: Final = 17 * 60
_ALL_WEEK: Final = range(7)
_FRIDAY, _SATURDAY = WEEKDAYS.index("friday"), WEEKDAYS.index("saturday")

# Nobody minds being called at half past eight in the evening who asked for it; nobody is at work then unasked.
DECENT: Final = OpeningHours({day: ((8 * 60, 21 * 60 + 30),) for day in _ALL_WEEK if day != _SATURDAY} | {
    _SATURDAY: ((18 * 60, 22 * 60 + 30),),
})  # fmt: skip
OFFICE: Final = OpeningHours(
    {day: ((9 * 60, 18 * 60),) for day in _ALL_WEEK if day not in (_FRIDAY, _SATURDAY)}
    | {_FRIDAY: ((9 * 60, 13 * 60),)}
)


@dataclass(frozen=True, slots=True)
class Offer:
    at: datetime
    """When the caller can be called: the time wished, or the next possible one."""
    until: datetime | None
    """The end of the window that the caller wished; None where there is none, or where it is not kept."""
    kept: bool
    """Whether `at` lies within what the caller wished. If not, it is to be offered and not promised."""


def opening_hours(settings: Mapping[str, Any] | None) -> tuple[OpeningHours | None, tuple[str, ...]]:
    """The hours of the settings, None if there are none; and what of them could not be read and is left out."""
    if not settings:
        return None, ()
    days: dict[int, tuple[Span, ...]] = {}
    problems: list[str] = []
    for name, written in settings.items():
        if name not in (*WEEKDAYS, _HOLIDAYS):
            problems.append(f"hours.{name}: not one of {', '.join((*WEEKDAYS, _HOLIDAYS))}")
            continue
        spans = list(_spans(f"hours.{name}", written, problems))
        place = _ALL_WEEK.stop if name == _HOLIDAYS else WEEKDAYS.index(name)
        for begins, ends in spans:
            days[place] = (*days.get(place, ()), (begins, min(ends, _DAY)))
            if ends > _DAY and place in _ALL_WEEK:
                # Past midnight.
                following = (place + 1) % 7
                days[following] = ((0, ends - _DAY), *days.get(following, ()))
    holidays = days.pop(_ALL_WEEK.stop, ())
    if not days:
        return None, tuple(problems)
    return OpeningHours({day: tuple(sorted(spans)) for day, spans in days.items()}, holidays), tuple(problems)


def _spans(name: str, written: object, problems: list[str]) -> Iterator[Span]:
    if not isinstance(written, list | tuple):
        problems.append(f"{name}: {written!r} is no list like ['08:00-17:00']")
        return
    for text in written:
        match = _SPAN.fullmatch(text) if isinstance(text, str) else None
        begins, ends = _minutes(match, 1) if match else 0, _minutes(match, 3) if match else 0
        if not match or begins >= _DAY or ends > _DAY or begins == ends:
            problems.append(f"{name}: {text!r} is not like '08:00-17:00'")
            continue
        yield begins, ends if ends > begins else ends + _DAY


def _minutes(match: re.Match[str], group: int) -> int:
    return int(match[group]) * 60 + int(match[group + 1] or 0)


def is_open(moment: datetime, hours: OpeningHours) -> bool:
    return any(begins <= moment.astimezone(ISRAEL) < ends for begins, ends in _open_on(_local(moment), hours))


def next_possible(at: datetime, until: datetime | None, hours: OpeningHours | None, now: datetime) -> Offer:
    """What can be offered for a wish from `at` on, before `until` (None: for that moment).

    On Thursday at 20:00, for "tomorrow at eight in the evening", with `hours` from Sunday to Thursday, 8 to 17:
    `Offer(at=<Sunday 08:00>, until=None, kept=False)`. `hours` None: see the top of this file.
    """
    earliest = max(at, now).astimezone(ISRAEL)
    over = at < now if until is None else until <= now
    if not over and is_open(earliest, hours or DECENT):
        return Offer(earliest, until, kept=True)
    soonest = _next_open(earliest, hours or OFFICE) or earliest
    within = _next_open(earliest, hours or DECENT)
    if until is not None and within is not None and within < until:
        return Offer(soonest if soonest < until else within, until, kept=True)
    return Offer(soonest, None, kept=False)


def _next_open(moment: datetime, hours: OpeningHours) -> datetime | None:
    """The first open moment from this one on; None if the business never opens."""
    for ahead in range(_DAYS_AHEAD):
        for begins, ends in _open_on(_local(moment) + timedelta(days=ahead), hours):
            if ends > moment:
                return max(begins, moment)
    return None


def _open_on(day: date, hours: OpeningHours) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of a day in which the business is open, Shabbat and holidays cut out."""
    holiday = is_rest_day(day)
    spans: Sequence[Span] = hours.holidays if holiday and hours.holidays else hours.days.get(day.weekday(), ())
    free = hours.holidays if holiday or is_rest_day(day + timedelta(days=1)) else not hours.keeps_shabbat
    for begins, ends in spans:
        first, last = _at(day, begins), _at(day, ends)
        if free:
            yield first, last
        else:
            yield from _without_rest(first, last)


def _without_rest(first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    begins: datetime | None = None
    moment = first
    while moment < last:
        if rests(moment):
            if begins:
                yield begins, moment
            begins = None
        elif begins is None:
            begins = moment
        moment = (moment.astimezone(UTC) + timedelta(minutes=_STEP_MINUTES)).astimezone(ISRAEL)
    if begins:
        yield begins, last


def _local(moment: datetime) -> date:
    return moment.astimezone(ISRAEL).date()


def _at(day: date, minutes: int) -> datetime:
    over, minute = divmod(minutes, _DAY)
    day += timedelta(days=over)
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ISRAEL)
    return wall.astimezone(UTC).astimezone(ISRAEL)
