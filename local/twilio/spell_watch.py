"""Tell from the growing list of spells of speech which of them began or ended. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from local.twilio.line import SAME_SPELL_GAP_S, Spell


@dataclass(frozen=True, slots=True)
class SpellChange:
    at: float
    is_on: bool


class SpellWatch:
    def __init__(self) -> None:
        self._index = 0
        self._is_on = False

    def changes(self, spells: Sequence[Spell], now: float) -> list[SpellChange]:
        """What became certain by `now`. An end is certain once the gap is too long for one spell."""
        found = []
        while self._index < len(spells):
            spell = spells[self._index]
            if not self._is_on:
                if spell.started_at > now:
                    break
                self._is_on = True
                found.append(SpellChange(spell.started_at, is_on=True))
            is_last = self._index == len(spells) - 1
            if now < spell.ended_at or (is_last and now - spell.ended_at < SAME_SPELL_GAP_S):
                break
            self._is_on = False
            self._index += 1
            found.append(SpellChange(spell.ended_at, is_on=False))
        return found
