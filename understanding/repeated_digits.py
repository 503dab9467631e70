"""Which digit is meant by "twice" or "double", and the digits after it is said so often.

It stands on either side: "twice seven", "seven twice", "seven double".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from understanding.number_words import Group


@dataclass(frozen=True, slots=True)
class Repeat:
    """ "Twice", "three times"."""

    times: int
    pause: bool
    """There is a comma, or the end of an utterance, before it."""


class Reading(Enum):
    """How a repeat between two digits, where nothing tells which is meant, is understood."""

    NEXT = "next"
    PREVIOUS = "previous"
    NEXT_DIGIT = "next digit"
    """Of a group behind it, the first digit alone."""


_LONGEST_REPEATED = 2
"""Digits: "twice twelve" is 1212, but of a longer group one digit is meant."""


def repeated(items: Sequence[Group | Repeat], reading: Reading) -> list[str]:
    """The groups of digits, with every repeat carried out."""
    said = [item.digits if isinstance(item, Group) else "" for item in items]
    sides = _sides(items, reading)
    for place, side in sides.items():
        item = items[place]
        if isinstance(item, Repeat) and side is not None:
            said[side] = _times(said[side], item.times, of_next=side > place, reading=reading)
    return [digits for digits in said if digits]


def _sides(items: Sequence[Group | Repeat], reading: Reading) -> dict[int, int | None]:
    """For the place of each repeat, that of the group it belongs to. A group is repeated once."""
    repeats = [place for place, item in enumerate(items) if isinstance(item, Repeat)]
    groups = {place for place, item in enumerate(items) if isinstance(item, Group)}
    sides: dict[int, int | None] = {}
    for place in repeats:
        if side := _told(items, place):
            sides[place] = place + side
    for place in repeats:
        if place not in sides:
            order = (place - 1, place + 1) if reading is Reading.PREVIOUS else (place + 1, place - 1)
            free = (side for side in order if side in groups and side not in sides.values())
            sides[place] = next(free, None)
    return sides


def _told(items: Sequence[Group | Repeat], place: int) -> int:
    """-1: the one before, 1: the one behind, 0: nothing tells."""
    item = items[place]
    before = items[place - 1] if place else None
    behind = items[place + 1] if place + 1 < len(items) else None
    if not isinstance(behind, Group):
        return -1 if isinstance(before, Group) else 0
    if not isinstance(before, Group):
        return 1
    if item.pause != behind.pause:
        return 1 if item.pause else -1
    if (len(before.digits) == 1) != (len(behind.digits) == 1):
        return -1 if len(before.digits) == 1 else 1
    return 0


def _times(digits: str, times: int, *, of_next: bool, reading: Reading) -> str:
    if len(digits) > _LONGEST_REPEATED or (of_next and reading is Reading.NEXT_DIGIT):
        return digits[0] * (times - 1) + digits if of_next else digits + digits[-1] * (times - 1)
    return digits * times
