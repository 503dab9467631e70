"""How a moment is said to the caller: "tomorrow at nine in the morning", "on Sunday at half past four".

What is said reads back as the moment it was made from, unless it is between midnight and five.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from understanding.moments import ISRAEL


@dataclass(frozen=True, slots=True)
class SpokenTimes:
    """The words, from `he/spoken_times.toml`; what each is for stands there."""

    today: str
    tomorrow: str
    weekday: str
    date: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    hours: tuple[str, ...]
    other_minutes: str
    minutes: Mapping[int, str]
    parts: Mapping[int, str]


def spoken_times(data: Mapping[str, Any]) -> SpokenTimes:
    lists = {name: tuple(data[name]) for name in ("weekdays", "months", "hours")}
    by_number = {name: {int(number): said for number, said in data[name].items()} for name in ("minutes", "parts")}
    return SpokenTimes(**{**data, **lists, **by_number})


def spoken_time(at: datetime, now: datetime, words: SpokenTimes) -> str:
    """The day as seen from `now`, and the hour, both as of Israel. Seconds are dropped.

    For next Sunday, 9:00: "ביום ראשון בתשע בבוקר".
    """
    at, today = at.astimezone(ISRAEL), now.astimezone(ISRAEL).date()
    return f"{_day(at, (at.date() - today).days, words)} {_hour(at, words)}"


def _day(at: datetime, days_ahead: int, words: SpokenTimes) -> str:
    if days_ahead in (0, 1):
        return words.tomorrow if days_ahead else words.today
    names = {"weekday": words.weekdays[at.weekday()], "day": at.day, "month": words.months[at.month - 1]}
    return (words.weekday if 1 < days_ahead < len(words.weekdays) else words.date).format(**names)


def _hour(at: datetime, words: SpokenTimes) -> str:
    said = words.minutes.get(at.minute, words.other_minutes).format(
        hour=words.hours[(at.hour - 1) % len(words.hours)],
        next=words.hours[at.hour % len(words.hours)],
        clock=f"{(at.hour - 1) % len(words.hours) + 1}:{at.minute:02}",
    )
    part = words.parts[max(begins for begins in words.parts if begins <= at.hour)]
    return f"{said} {part}"
