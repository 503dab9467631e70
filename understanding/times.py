"""When the caller wants to be called back: as the caller puts it, and as a moment.

Questions about the business's hours, refusals and courtesies are no times. What is taken back or ruled out is left out:
"not at three, at four" is "at four".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from understanding.language import Language
from understanding.moments import ISRAEL
from understanding.said import Said
from understanding.time_clauses import Clause, clauses_of
from understanding.time_options import Options
from understanding.time_words import may_wish_for_call, plain_text

_SOMETIME: Final = datetime(2000, 1, 2, tzinfo=ISRAEL)
"""The day is of no matter where only the words are wanted."""


@dataclass(frozen=True, slots=True)
class TimeReading:
    text: str = ""
    """As said, with what the utterances before it said of the same; "" if this one says nothing of a time."""
    at: datetime | None = None
    """The earliest moment; None where none can be known."""
    until: datetime | None = None
    """The end of the window; None if there is none."""
    refused: bool = False
    """The caller wants no call, or does not care when."""


def read_time(said: Said, language: Language, *, asked: bool = True) -> TimeReading:
    """`asked`: this answers the question for a time. Unasked, only a time beside the wish for a call is one."""
    if not asked and not may_wish_for_call(plain_text(said.text), language.times):
        return TimeReading()
    now = said.at.astimezone(ISRAEL) if said.at else _SOMETIME
    utterances = [
        list(clauses_of(plain_text(text), now, language.times, asked=asked))
        for text in ((*said.earlier, said.text) if asked else (said.text,))
    ]
    if (known := said.known.get(said.asked, "")) and any(_puts_right(clause) for clause in utterances[-1]):
        # "No, at four", to a time that was read back: the day stands.
        utterances.insert(0, list(clauses_of(plain_text(known), now, language.times, asked=True)))
    options = Options()
    for clauses in utterances:
        options.begin_utterance()
        for clause in clauses:
            options.add(clause)
    if not options.text or not any(clause.told for clause in utterances[-1]):
        return TimeReading(refused=any(clause.refuses for clause in utterances[-1]))
    at, until = options.window(now) if said.at else (None, None)
    return TimeReading(options.text, at, until)


def _puts_right(clause: Clause) -> bool:
    return clause.takes_back or any(told.denied for told in clause.told)
