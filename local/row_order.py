"""Put the rows of a call in the order of their time, although they become known in another.

What the assistant said is known only when it is stored, a second after it was heard; everything else within a moment.
So rows wait for the words of a stretch of speech that began before them. Pure; times in seconds from dialling.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from local.narration import Row

_SETTLED_S: Final = 0.3
"""Two witnesses tell of the same moment at most this far apart."""
_STORED_WITHIN_S: Final = 4.0
"""From the end of the assistant's speech; after that rows are shown without its words."""
_SAME_SPEECH_S: Final = 1.0
"""The phone hears a stretch begin and end this close to what the service writes down."""


@dataclass(slots=True)
class _Speech:
    began_at: float
    ended_at: float | None = None


class RowOrder:
    def __init__(self) -> None:
        self._held: list[Row] = []
        self._unknown: list[_Speech] = []
        """Stretches of the assistant's speech, in their order, whose words are not known yet."""
        self._shown_until = 0.0

    def assistant_began(self, at: float) -> None:
        self._unknown.append(_Speech(at))

    def assistant_ended(self, at: float) -> None:
        for speech in self._unknown:
            speech.ended_at = at if speech.ended_at is None else speech.ended_at

    def words_known(self, began_at: float, ended_at: float) -> None:
        """One utterance of the assistant, which may have had pauses in it."""
        first, last = began_at - _SAME_SPEECH_S, ended_at + _SAME_SPEECH_S
        self._unknown = [speech for speech in self._unknown if not first <= speech.began_at <= last]

    def add(self, rows: Iterable[Row]) -> None:
        self._held += rows

    def due(self, now: float) -> list[Row]:
        """Those that nothing earlier can follow any more. What comes too late all the same says when it was."""
        self._unknown = [
            speech for speech in self._unknown if speech.ended_at is None or now - speech.ended_at < _STORED_WITHIN_S
        ]
        return self._taken(min([now - _SETTLED_S, *(speech.began_at for speech in self._unknown)]))

    def rest(self) -> list[Row]:
        """All that is left, once the call is over and everything is stored."""
        return self._taken(float("inf"))

    def _taken(self, until: float) -> list[Row]:
        rows = sorted((row for row in self._held if row.at <= until), key=lambda row: row.at)
        self._held = [row for row in self._held if row.at > until]
        in_order = [self._not_before_the_last(row) for row in rows]
        self._shown_until = max([self._shown_until, *(row.at for row in in_order)])
        return in_order

    def _not_before_the_last(self, row: Row) -> Row:
        if row.at >= self._shown_until:
            return row
        is_late = self._shown_until - row.at > _SETTLED_S
        return replace(row, at=self._shown_until, text=f"{row.text} (at {row.at:.1f} s)" if is_late else row.text)
