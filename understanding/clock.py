"""The hour of a clock, as it is said and as it is written: "half past six", "a quarter to seven", 10:30, "at 14"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from understanding.time_words import DIGITS, Token

_HOUR_MIN: Final = 60
_MINUTES_BEFORE: Final = (5, 10, 15, 20, 25)
_MORNING: Final = frozenset(("early_morning", "before_dawn", "morning", "late_morning"))
_AFTERNOON: Final = frozenset(("afternoon", "before_evening"))
_NUMBERS: Final = frozenset(("unit", "unit_masculine", "tens", "teen", DIGITS))


@dataclass(frozen=True, slots=True)
class Clock:
    hour: int
    minute: int
    exact: bool = False
    """Said or written so that morning and evening cannot be confused: 14, 08:00."""
    part: str = ""
    """The part of the day said with it."""

    def minutes(self, part: str = "") -> int:
        """Since midnight; above 1440 in the night after. `part`: of the day, where it was said elsewhere."""
        return _hour_of_day(self, self.part or part) * _HOUR_MIN + self.minute


def number_at(tokens: Sequence[Token], place: int) -> tuple[int, int] | None:
    """A whole number below a hundred, in words or as up to two digits, and the place after it."""
    if place >= len(tokens):
        return None
    token = tokens[place]
    if token.kind == DIGITS:
        return (int(token.value), place + 1) if token.value.isdigit() and len(token.value) <= 2 else None
    if token.kind == "tens" and place + 1 < len(tokens):
        following = tokens[place + 1]
        if following.kind in ("unit", "unit_masculine") and "and" in following.prefix and int(following.value) < 10:
            return int(token.value) + int(following.value), place + 2
    return (int(token.value), place + 1) if token.kind in _NUMBERS else None


def clock_at(tokens: Sequence[Token], place: int, *, in_range: bool = False) -> tuple[Clock, int] | None:
    """The clock that begins at this place, and the place after it and the part of the day said with it.

    `in_range`: after "between" or "from", where "three to five" and "three and five" are two clocks.
    """
    if place < len(tokens) and tokens[place].kind == "hour" and place + 1 < len(tokens):
        if tokens[place + 1].kind not in _NUMBERS:
            return None
        place += 1
    found = None if in_range else _before_the_hour(tokens, place)
    found = found or _written(tokens, place) or _named(tokens, place) or _spoken(tokens, place, in_range=in_range)
    if found is None:
        return None
    clock, after = found
    if after < len(tokens) and tokens[after].kind == "part" and not tokens[after].prefix & {"and", "from", "to"}:
        return replace(clock, part=tokens[after].value), after + 1
    return found


def _before_the_hour(tokens: Sequence[Token], place: int) -> tuple[Clock, int] | None:
    """ "A quarter to seven", "ten to nine", "5 דקות ל-8"."""
    minutes = _minutes_at(tokens, place)
    if minutes is None or "from" in tokens[place].prefix:
        return None
    value, after = minutes
    if tokens[place].kind == "unit" and after == place + 1:
        return None
    hour = number_at(tokens, after)
    if value not in _MINUTES_BEFORE or hour is None or "to" not in tokens[after].prefix or not 1 <= hour[0] <= 12:
        return None
    return Clock((hour[0] - 2) % 12 + 1, _HOUR_MIN - value), hour[1]


def _spoken(tokens: Sequence[Token], place: int, *, in_range: bool) -> tuple[Clock, int] | None:
    number = number_at(tokens, place)
    if number is None or number[0] > 24:
        return None
    hour, after = number
    exact = hour > 12 or hour == 0 or tokens[place].value.startswith("0")
    minute = 0
    if past := _minutes_past(tokens, after, in_range=in_range):
        minute, after = past
    if minute < 0:
        hour, minute = (hour - 2) % 12 + 1 if hour <= 12 else hour - 1, minute + _HOUR_MIN
    return Clock(hour % 24, minute, exact), after


def _minutes_past(tokens: Sequence[Token], place: int, *, in_range: bool) -> tuple[int, int] | None:
    """Minutes after an hour, below zero for "less a quarter"."""
    if place >= len(tokens):
        return None
    token = tokens[place]
    if token.kind == "less":
        less = _minutes_at(tokens, place + 1)
        return (-less[0], less[1]) if less else None
    if token.kind == "fraction":
        return int(token.value), place + 1
    minutes = _minutes_at(tokens, place)
    if minutes is None or not 0 < minutes[0] < _HOUR_MIN:
        return None
    joined = "and" in token.prefix and minutes[0] % 5 == 0 and not in_range
    # "Seven thirty"; but "ten eleven" is two hours.
    follows = not token.prefix and (minutes[0] >= 20 or minutes[0] == 15) and token.kind != "unit_masculine"
    return minutes if joined or follows else None


def _minutes_at(tokens: Sequence[Token], place: int) -> tuple[int, int] | None:
    if place >= len(tokens):
        return None
    if tokens[place].kind == "fraction":
        return int(tokens[place].value), place + 1
    number = number_at(tokens, place)
    if number and number[1] < len(tokens) and tokens[number[1]].also.get("length", tokens[number[1]].value) == "minute":
        return number[0], number[1] + 1
    return number


def _written(tokens: Sequence[Token], place: int) -> tuple[Clock, int] | None:
    if place >= len(tokens) or tokens[place].kind != DIGITS:
        return None
    value = tokens[place].value
    hour, separator, minute = value.partition(":") if ":" in value else value.partition(".")
    if not separator and len(value) == 4 and "at" in tokens[place].prefix:
        hour, minute = value[:2], value[2:]
    if not (hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(hour) <= 24 and int(minute) < _HOUR_MIN):
        return None
    return Clock(int(hour) % 24, int(minute), exact=int(hour) > 12 or hour.startswith("0")), place + 1


def _named(tokens: Sequence[Token], place: int) -> tuple[Clock, int] | None:
    if place < len(tokens) and tokens[place].kind == "named_hour":
        hour = int(tokens[place].value)
        return Clock(hour, 0, exact=True, part="" if hour else "night"), place + 1
    return None


def _hour_of_day(clock: Clock, part: str) -> int:
    hour = clock.hour
    if clock.exact:
        return hour + 24 if part == "night" and hour < 6 else hour
    if part in _MORNING:
        return hour
    if part in _AFTERNOON or (part == "noon" and hour < 10):
        return hour % 12 + 12
    if part == "evening":
        return 24 if hour == 12 else hour + 12
    if part == "night":
        return hour % 12 + 24 if hour == 12 or hour < 6 else hour + 12
    # Nobody asks a business to call at five in the morning, and few at seven.
    return hour + 12 if hour <= 7 else hour
