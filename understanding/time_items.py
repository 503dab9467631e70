"""What a clause says of the time, piece by piece: days, hours, parts of the day, a length of time from now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from understanding.clock import Clock, clock_at, number_at
from understanding.dates import Days, days_ahead, days_at, first_after, holiday_named
from understanding.time_words import COMMA, DASH, DIGITS, OTHER, Token

DAY, HOURS, PART, LENGTH, SOON, ANY, EVENT = "day", "hours", "part", "length", "soon", "any", "event"
"""Kinds of items."""

_PARTS: Final = frozenset(("part", "this_part"))
"""After a limit "the evening" is that of any day."""
_NUMBER: Final = frozenset(("unit", "unit_masculine", "tens", "teen", DIGITS))
_START_OF: Final = {
    "morning": 9, "late_morning": 10, "noon": 12, "afternoon": 16, "before_evening": 17, "evening": 18, "night": 21
}  # fmt: skip
_MINUTES: Final = {"minute": 1, "hour": 60, "two_hours": 120, "half_hour": 30, "quarter_hour": 15}
_MORE_MINUTES: Final = {"three_quarter_hour": 45, "hour_and_half": 90}
_DAYS: Final = {"day": (1, "day"), "two_days": (2, "day"), "week": (1, "week"), "two_weeks": (2, "week")}
_MONTHS: Final = {"month": (1, "month"), "two_months": (2, "month")}
_SINGLE: Final = frozenset(("minute", "hour", "day", "week", "month"))
_DIGITS_IN_A_ROW: Final = 3
"""So many are a telephone number and no hours."""
_LEAVES_FREE: Final = frozenset((COMMA, "or", "but", "bound", "correction", "not", "length", "call_me", "free_from"))
"""What may stand before a number or a day of the week that carries no preposition."""
_BEGINS_NONE: Final = frozenset((OTHER, "of", COMMA, DASH, "or", "call_me", "not", "counted", "next"))
_TAKES_AN_HOUR: Final = frozenset(("at", "to", "from", "about"))


@dataclass(frozen=True, slots=True)
class Item:
    kind: str
    begins: int
    ends: int
    """Its place among the tokens."""
    bound: str = ""
    """after, before, until, from; "" where the time itself is meant."""
    days: Days | None = None
    clock: Clock | None = None
    to: Clock | None = None
    """The end of a range of hours."""
    value: str = ""
    """The part of the day, or the meaning of a word that needs no clock."""
    minutes: tuple[int, int] = (0, 0)
    """From now, of a length: earliest and latest."""
    joined: str = ""
    """and: another possibility beside the item before, or one more that is ruled out."""


def item_at(tokens: Sequence[Token], place: int, now: datetime, previous: int) -> Item | None:
    """`previous`: where the item before ended, which may be this very place."""
    token = tokens[place]
    if token.kind in _BEGINS_NONE:
        return None
    joined = "and" if "and" in token.prefix else ""
    if token.kind == "from_now" and place + 1 < len(tokens) and tokens[place + 1].value == "until":
        # "From now until five."
        item = item_at(tokens, place + 1, now, previous)
        return replace(item, begins=place) if item else None
    for reader in (_soon, _length, _day, _hours, _part):
        if item := reader(tokens, place, now, previous):
            return replace(item, joined=joined)
    return None


def _soon(tokens: Sequence[Token], place: int, now: datetime, previous: int) -> Item | None:
    token = tokens[place]
    if token.kind != "now":
        return None
    kind = ANY if token.value in ("any", "every_day") else SOON
    return Item(kind, place, place + 1, value=token.value)


def _length(tokens: Sequence[Token], place: int, now: datetime, previous: int) -> Item | None:
    """ "In two hours", "another half an hour", "within the hour"; "two hours" alone only before "from now"."""
    begins, within = place, False
    if tokens[place].kind == "in":
        within, place = tokens[place].value == "within", place + 1
        while place < len(tokens) and tokens[place].kind == "bound" and tokens[place].value == "about":
            place += 1
    amount = _amount(tokens, place) or _amount_between(tokens, place)
    if amount is None:
        return None
    count, unit, after = amount
    latest = count
    if after > place + 1 and (more := _amount_between(tokens, place)):
        count = more[0]
    if begins == place and (after >= len(tokens) or tokens[after].kind != "from_now"):
        alone = begins == 0 and after == len(tokens) and unit == "minute" and count > 1
        if not alone:
            return None
    elif begins == place:
        after += 1
    link = after < len(tokens) and (tokens[after].kind in ("or", DASH) or tokens[after].value == "until")
    if more := _amount(tokens, after + link, of=unit, like=tokens[after - 1]):
        latest, after = more[0], more[2]
    if unit == "minute":
        return Item(LENGTH, begins, after, minutes=(0 if within else count, max(count, latest)))
    days = days_ahead(count, unit, now.date())
    if latest > count:
        days = Days(days.first, days_ahead(latest, unit, now.date()).last)
    if within:
        days = Days(now.date(), days.last)
    return Item(DAY, begins, after, days=days)


def _amount(
    tokens: Sequence[Token], place: int, of: str = "", like: Token | None = None
) -> tuple[int, str, int] | None:
    """How many of what unit (minute, day, week, month), and the place after; of this unit only, if one is given."""
    if place >= len(tokens) or (of and tokens[place].prefix & _TAKES_AN_HOUR):
        return None
    number = number_at(tokens, place)
    count, after = number or (1, place)
    unit = _unit(tokens, after)
    if not unit and number and like is not None and _unit_of(like) in ("two_hours", "two_days", "hour"):
        # "Two hours, three": the unit is that of the word before.
        factor, base = (60, "minute") if _unit_of(like) != "two_days" else (1, "day")
        return (count * factor, base, after) if base == of and count > 1 else None
    if not unit or (number and unit not in _SINGLE):
        return None
    after += 1
    if unit in _DAYS or unit in _MONTHS:
        each, base = (_DAYS | _MONTHS)[unit]
        if base == "week" and after < len(tokens) and tokens[after].kind == "fraction":
            return (count * each * 7 + 3, "day", after + 1) if of in ("", "day") else None
        return (count * each, base, after) if of in ("", base) else None
    minutes = count * (_MINUTES | _MORE_MINUTES)[unit]
    if unit in ("hour", "two_hours") and after < len(tokens) and tokens[after].kind == "fraction":
        minutes, after = minutes + int(tokens[after].value), after + 1
    elif unit in ("hour", "two_hours") and (extra := number_at(tokens, after)) and "and" in tokens[after].prefix:
        ends = extra[1] + (_unit(tokens, extra[1]) == "minute")
        minutes, after = minutes + extra[0], ends
    return (minutes, "minute", after) if of in ("", "minute") else None


def _amount_between(tokens: Sequence[Token], place: int) -> tuple[int, str, int] | None:
    """ "Three four hours", as the first of them."""
    first = number_at(tokens, place)
    second = number_at(tokens, first[1]) if first else None
    amount = _amount(tokens, first[1]) if first else None
    if first is None or second is None or amount is None or first[0] >= second[0]:
        return None
    return amount[0] // second[0] * first[0], amount[1], amount[2]


def _unit(tokens: Sequence[Token], place: int) -> str:
    return _unit_of(tokens[place]) if place < len(tokens) else ""


def _unit_of(token: Token) -> str:
    if token.kind == "hour":
        return "hour"
    return token.value if token.kind == "length" else token.also.get("length", "")


def _bound(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    """The limit that begins here, and the place after it. "About" limits nothing."""
    bound = ""
    while place < len(tokens) and tokens[place].kind == "bound" and tokens[place].value != "and_on":
        bound = tokens[place].value if tokens[place].value != "about" or not bound else bound
        place += 1
    return bound, place


def _day(tokens: Sequence[Token], place: int, now: datetime, previous: int) -> Item | None:
    bound, at = _bound(tokens, place)
    if at >= len(tokens) or (at > place and tokens[at].kind == "this_part"):
        return None
    today = now.date()
    if bound in ("after", "before") and tokens[at].kind == "holiday":
        holiday = holiday_named(tokens[at].value, today)
        if bound == "before":
            eve = holiday.first - timedelta(days=1)
            return Item(DAY, place, at + 1, "until", Days(eve, eve)) if eve >= today else None
        days = Days(first_after(holiday.last), first_after(holiday.last))
        return Item(DAY, place, at + 1, "from", days)
    found = days_at(tokens, at, today)
    if found is None:
        return None
    days, after = found
    if at == place and after == at + 1 and _lone_weekday_is_a_number(tokens, at, previous):
        return None
    if not bound and "from" in tokens[at].prefix:
        bound = "from"
    if (ranged := _day_range(tokens, after, days, bound, today)) is not None:
        return Item(DAY, place, ranged[1], days=ranged[0])
    if bound == "after":
        first = first_after(days.last)
        bound, days = "from", Days(first, first, weekday=None if days.weekday is None else first.weekday())
    if bound == "before":
        last = max(days.first - timedelta(days=1), today)
        bound, days = "until", Days(last, last)
    if after < len(tokens) and tokens[after].kind == "bound" and tokens[after].value == "and_on":
        bound, after = "from", after + 1
    return Item(DAY, place, after, bound if bound in ("from", "until") else "", days)


def _day_range(tokens: Sequence[Token], place: int, days: Days, bound: str, today: date) -> tuple[Days, int] | None:
    """ "From Sunday to Tuesday", "between Sunday and Tuesday"."""
    at = place
    if at < len(tokens) and (tokens[at].kind == DASH or tokens[at].value == "until"):
        at += 1
    if at >= len(tokens) or (at == place and not (bound in ("from", "between") and tokens[at].prefix & {"to", "and"})):
        return None
    other = days_at(tokens, at, today)
    if other is None:
        return None
    last = other[0].last if other[0].last >= days.first else other[0].last + timedelta(days=7)
    return Days(days.first, last), other[1]


def _lone_weekday_is_a_number(tokens: Sequence[Token], place: int, previous: int) -> bool:
    """ "Two children" begin like Monday."""
    token = tokens[place]
    if token.kind != "weekday" or "ordinal" not in token.also or token.prefix & {"at", "from", "to"}:
        return False
    return not _stands_free(tokens, place, place + 1, previous)


def _hours(tokens: Sequence[Token], place: int, now: datetime, previous: int) -> Item | None:
    bound, at = _bound(tokens, place)
    found = clock_at(tokens, at, in_range=bound == "between" or _is_from(tokens, at, bound))
    if found is None:
        return _up_to_part(tokens, place, at, bound)
    clock, after = found
    bound = "from" if not bound and "from" in tokens[at].prefix else bound
    if _is_dictated(tokens, at):
        return None
    if to := _end_of_range(tokens, after, bound):
        return Item(HOURS, place, to[1], clock=clock, to=to[0])
    prefixed = at > place or bool(tokens[at].prefix & _TAKES_AN_HOUR)
    if (to := _next_hour(tokens, after, clock)) and (prefixed or _stands_free(tokens, at, to[1], previous)):
        return Item(HOURS, place, to[1], clock=clock, to=to[0])
    if bound == "between":
        return None
    if after < len(tokens) and tokens[after].kind == "bound" and tokens[after].value == "and_on":
        return Item(HOURS, place, after + 1, "from", clock=clock)
    if not _is_an_hour(tokens, place, at, after, clock, previous):
        return None
    return Item(HOURS, place, after, "" if bound == "about" else bound, clock=clock)


def _is_from(tokens: Sequence[Token], place: int, bound: str) -> bool:
    return bound == "from" or (place < len(tokens) and "from" in tokens[place].prefix)


def _end_of_range(tokens: Sequence[Token], place: int, bound: str) -> tuple[Clock, int] | None:
    if place >= len(tokens):
        return None
    opened = bound in ("from", "between")
    if tokens[place].kind == DASH or (tokens[place].kind == "bound" and tokens[place].value == "until"):
        place = _bound(tokens, place)[1] + (tokens[place].kind == DASH)
    elif not (opened and tokens[place].prefix & ({"to", "and"} if bound == "between" else {"to"})):
        return None
    if place < len(tokens) and tokens[place].kind in _PARTS and tokens[place].value in _START_OF:
        return Clock(_START_OF[tokens[place].value], 0, exact=True), place + 1
    return clock_at(tokens, place, in_range=True)


def _next_hour(tokens: Sequence[Token], place: int, clock: Clock) -> tuple[Clock, int] | None:
    """ "At six seven", "three, half past three": between them."""
    if place >= len(tokens) or tokens[place].prefix or clock.part or clock.minute:
        return None
    found = clock_at(tokens, place, in_range=True) if tokens[place].kind in ("unit", "teen") else None
    if found and found[0].hour == clock.hour and found[0].minute:
        return found
    return found if found and found[0].hour == clock.hour % 12 + 1 else None


def _is_dictated(tokens: Sequence[Token], place: int) -> bool:
    digits = [token.kind == "unit" and not token.prefix for token in tokens[place : place + _DIGITS_IN_A_ROW]]
    return len(digits) == _DIGITS_IN_A_ROW and all(digits)


def _up_to_part(tokens: Sequence[Token], place: int, at: int, bound: str) -> Item | None:
    """ "Until noon", "from the afternoon"."""
    if at >= len(tokens) or tokens[at].kind not in _PARTS or tokens[at].value not in _START_OF:
        return None
    bound = "from" if not bound and "from" in tokens[at].prefix else bound
    if bound in ("", "about"):
        return Item(PART, place, at + 1, value=tokens[at].value) if bound else None
    clock = Clock(_START_OF[tokens[at].value], 0, exact=True)
    if bound == "from" and (to := _end_of_range(tokens, at + 1, bound)):
        return Item(HOURS, place, to[1], clock=clock, to=to[0])
    return Item(HOURS, place, at + 1, bound, clock=clock)


def _is_an_hour(tokens: Sequence[Token], place: int, at: int, after: int, clock: Clock, previous: int) -> bool:
    """Whether a number that could be an hour is one."""
    counted = after < len(tokens) and (tokens[after].kind == "counted" or _unit(tokens, after) != "")
    if counted and tokens[after].kind != "hour":
        return False
    if tokens[at].kind == "hour" or clock.part or tokens[at].kind == "named_hour" or ":" in tokens[at].value:
        return True
    if tokens[at].prefix & _TAKES_AN_HOUR or at > place:
        return not (after < len(tokens) and tokens[after].kind in _NUMBER and not tokens[after].prefix)
    masculine = tokens[at].kind == "unit_masculine" and after == at + 1
    return not masculine and _stands_free(tokens, at, after, previous)


def _stands_free(tokens: Sequence[Token], place: int, after: int, previous: int) -> bool:
    """Whether there is nothing on either side that it could belong to."""
    free_before = place in (0, previous) or tokens[place - 1].kind in _LEAVES_FREE
    return free_before and (
        after == len(tokens)
        or (tokens[after].kind == DIGITS and bool(tokens[after].prefix))
        or tokens[after].kind not in (OTHER, "of", DASH, DIGITS, "counted", "unit_masculine", "month", "hour", "plain")
    )


def _part(tokens: Sequence[Token], place: int, now: datetime, previous: int) -> Item | None:
    token = tokens[place]
    return Item(PART, place, place + 1, value=token.value) if token.kind == "part" else None
