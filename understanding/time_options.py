"""What is left of all that was said of the time: the possibilities, without what was taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from understanding.dates import is_part_of_week
from understanding.moments import CLOSES, OPENS, window_of
from understanding.time_clauses import Clause, Told
from understanding.time_items import ANY, DAY, EVENT, HOURS, LENGTH, PART, SOON, Item

_OF_DAY: Final = frozenset((HOURS, PART))
_WHOLE: Final = frozenset((LENGTH, SOON, ANY, EVENT))
"""Kinds that say all by themselves."""

Option = list[Told]


@dataclass(slots=True)
class Options:
    _options: list[Option] = field(default_factory=lambda: [[]])
    _earlier: set[int] = field(default_factory=set)
    """By identity, what was said before the last utterance or correction, and gives way to the like of it."""

    def begin_utterance(self) -> None:
        self._earlier = {id(told) for option in self._options for told in option}

    def add(self, clause: Clause) -> None:
        begun = False
        for told in clause.told:
            if told.corrects and not begun:
                self.begin_utterance()
                begun = True
            if not told.denied:
                self._add(told)
            elif self._is_correction(told):
                self.begin_utterance()
                self._add(Told(told.item, told.text, corrects=True))
            else:
                self._drop_same(told.item)
        if clause.takes_back and not begun:
            self.begin_utterance()

    @property
    def text(self) -> str:
        return " ".join(told.text for option in self._options for told in option)

    def window(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        found = [window for option in self._completed() if (window := window_of(option, now))]
        if not found:
            return None, None
        first = min(at for at, _ in found)
        return first, found[0][1] if len(found) == 1 else max(until or at for at, until in found)

    def _add(self, told: Told) -> None:
        self._options = [[each for each in option if not self._gives_way(each, told)] for option in self._options]
        self._options = [option for option in self._options if option] or [[]]
        last = self._options[-1]
        if last and (told.alternative or any(_conflict(each.item, told.item) for each in last)):
            self._options.append([])
        self._options[-1].append(told)

    def _gives_way(self, old: Told, new: Told) -> bool:
        same_hour = old.item.clock is not None and (old.item.clock, old.item.to) == (new.item.clock, new.item.to)
        return same_hour or (id(old) in self._earlier and _gives_way(old, new))

    def _is_correction(self, told: Told) -> bool:
        """ "At three not at four" corrects; "tomorrow not today" rules out."""
        same = [each for option in self._options for each in option if each.item.kind == told.item.kind]
        return told.item.kind == HOURS and any(each.item.clock != told.item.clock for each in same)

    def _drop_same(self, item: Item) -> None:
        """What is ruled out is no longer said: "at three. No, not at three"."""
        self._options = [
            [each for each in option if (each.item.days, each.item.clock, each.item.value) != _meaning(item)]
            for option in self._options
        ]
        self._options = [option for option in self._options if option] or [[]]

    def _completed(self) -> list[list[Item]]:
        """Each possibility with what it shares with its neighbours: "tomorrow at ten or at eleven"."""
        options = [[told.item for told in option] for option in self._options]
        for place, option in enumerate(options[1:], start=1):
            if not any(item.kind == DAY for item in option) and not any(item.kind in _WHOLE for item in option):
                option.extend(item for item in options[place - 1] if item.kind == DAY)
        for place in range(len(options) - 2, -1, -1):
            if not any(item.kind in _OF_DAY | _WHOLE or (item.days and item.days.part) for item in options[place]):
                options[place].extend(item for item in options[place + 1] if item.kind in _OF_DAY)
        return options


def _meaning(item: Item) -> tuple[object, object, object]:
    return item.days, item.clock, item.value


def _gives_way(old: Told, new: Told) -> bool:
    if old.item.kind in _WHOLE or new.item.kind in _WHOLE:
        return True
    if old.item.kind == new.item.kind:
        return True
    both_of_day = old.item.kind in _OF_DAY and new.item.kind in _OF_DAY
    return both_of_day and (new.corrects or (new.item.clock is not None and new.item.clock.part != ""))


def _conflict(old: Item, new: Item) -> bool:
    if old.kind == SOON and new.days is not None:
        # "Now, and if not, tomorrow."
        return old.value == "now" and new.days.part == "" and not new.bound
    if old.kind != new.kind or (old.bound in OPENS and new.bound in CLOSES and not (old.to or new.to)):
        return False
    if old.days is not None and new.days is not None:
        same = (old.days.first, old.days.last) == (new.days.first, new.days.last)
        if any(one.weekday == other.first.weekday() for one, other in ((old.days, new.days), (new.days, old.days))):
            # "Tuesday the 17th."
            return not same and old.days.weekday is not None and new.days.weekday is not None
        if old.days.is_week and new.days.is_week and is_part_of_week(old.days, new.days):
            return False
        week = next((days for days in (old.days, new.days) if days.is_week), None)
        return not same and not (week and any(days.weekday is not None for days in (old.days, new.days)))
    return True
