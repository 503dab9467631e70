"""What a spoken number word is worth, and how such words add up.

Parts of a number are joined as in speech: "three hundred", "forty" and "and five" are 345, while "three", "four" and
"five" stay three groups of one digit each.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from understanding.number_tables import NumberWords

_NEVER: Final = 9
_UNIT, _TEN, _HUNDRED, _THOUSAND = range(4)
_AND: Final = "ו"

_THOUSANDS: Final = 1000
_DUAL: Final = 2
"""One thousand and two thousand have words of their own."""


@dataclass(frozen=True, slots=True)
class Part:
    """A number word, or digits as they were written."""

    digits: str
    rank: int = _NEVER
    """Which place it fills: units, tens, hundreds, thousands; `_NEVER`: it is added to nothing."""
    takes: int = 0
    """Parts of a rank below this one are added to it."""
    joined: bool = False
    """Said with "and"."""
    pause: bool = False
    """There is a comma, a full stop or the end of an utterance before it."""
    written: bool = False
    thousands: bool = False
    """Multiplies what was said before it."""

    @property
    def is_count(self) -> bool:
        """Whether something can be so many: "three times", "two zeros"."""
        return len(self.digits) == 1 and self.digits > "1"


class Group(NamedTuple):
    """Digits that are said as one number."""

    digits: str
    pause: bool
    takes: int = 0
    """As that of its last part."""


class NumberWord(NamedTuple):
    prefix: str
    word: str


def number_word(word: str, words: NumberWords) -> NumberWord | None:
    """The number word inside a bare word, apart from the prefixes written together with it."""
    form = words.forms.get(word)
    return NumberWord(*form) if form else None


def written_part(digits: str, *, joined: bool, pause: bool) -> Part:
    """Digits stand as they are; only "70 and six" is said as one number."""
    round_tens = len(digits) == 2 and digits[1] == "0" and digits[0] != "0"
    rank = _UNIT if joined and len(digits) == 1 and digits != "0" else _NEVER
    return Part(digits, rank, takes=_TEN if round_tens else 0, joined=joined, pause=pause, written=True)


def spoken_parts(parts: Sequence[Part], found: NumberWord, words: NumberWords, *, pause: bool) -> list[Part]:
    """What stands in the place of the last of the parts once this word is said. Empty: it is no number there.

    "Three" and "hundreds" are one part, so are "three" and "ten".
    """
    word, joined = found.word, found.prefix.startswith(_AND)
    before = parts[-1] if parts else None
    kept = [before] if before else []
    # "Eighty and six", "ten": those are 86 and 10.
    is_complete = before is not None and before.joined and len(parts) > 1 and parts[-2].takes == _TEN
    counted = before if before and not pause and not joined and before.rank != _NEVER else None
    if counted and counted.rank == _UNIT and word in words.ten and not is_complete:
        return [replace(counted, digits=f"1{counted.digits}", rank=_TEN)]
    if word in words.of_hundreds:
        if not counted or counted.rank != _UNIT:
            return []
        return [replace(counted, digits=f"{counted.digits}00", rank=_HUNDRED, takes=_HUNDRED)]
    if word in words.of_thousands and counted and int(counted.digits) > _DUAL:
        return [counted, Part("1000", _NEVER, takes=_THOUSAND, thousands=True)]
    return [*kept, replace(_alone(word, words), joined=joined, pause=pause)]


def _alone(word: str, words: NumberWords) -> Part:
    if digit := words.digits.get(word) or words.construct.get(word):
        return Part(digit, _NEVER if digit == "0" else _UNIT if len(digit) == 1 else _TEN)
    for table, rank, takes in (
        (words.ten, _TEN, 0),
        (words.tens, _TEN, _TEN),
        (words.hundreds, _HUNDRED, _HUNDRED),
        (words.thousands, _THOUSAND, _THOUSAND),
    ):
        if word in table:
            return Part(str(table[word]), rank, takes)
    raise KeyError(word)


def groups(parts: Sequence[Part], flipped: Collection[int] = ()) -> list[Group]:
    """The numbers that the parts add up to.

    A comma before a part keeps it apart, unless "and" goes with it. Where that can be meant otherwise
    (`joints`), `flipped` has the places at which it is.
    """
    made: list[Group] = []
    for place, part in enumerate(parts):
        last = made[-1] if made else Group("0", pause=False)
        if part.thousands and 0 < int(last.digits) < _THOUSANDS and place not in flipped:
            made[-1] = last._replace(digits=str(int(last.digits) * _THOUSANDS), takes=part.takes)
        elif place and _fits(part, last.takes, parts[place - 1]) and _is_joined(part) != (place in flipped):
            made[-1] = last._replace(digits=str(int(last.digits) + int(part.digits)), takes=part.takes)
        else:
            made.append(Group(part.digits, part.pause, part.takes))
    return made


def joints(parts: Sequence[Part]) -> list[int]:
    """The places where two parts may be one number or two.

    At a comma, after the area code ("oh fifty two"), and before a thousand ("three", "thousand and ninety").
    """
    places = range(1, len(parts))
    found = [place for place in places if _fits(parts[place], parts[place - 1].takes, parts[place - 1])]
    first = [
        place for place in found if parts[place].pause or (not parts[place].joined and place <= _LONGEST_AREA_CODE)
    ]
    return sorted([*first, *(place for place in places if parts[place].thousands)])


_LONGEST_AREA_CODE: Final = 2
"""Parts: "oh fifty", "one eight-hundred", "thousand eight-hundred"."""


def _fits(part: Part, takes: int, before: Part) -> bool:
    return part.rank < takes and (part.joined or not (part.written or before.written))


def _is_joined(part: Part) -> bool:
    return part.joined or not part.pause
