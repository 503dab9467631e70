"""Whether an e-mail address is being told, and whether it has come to its end: ".com", ".co.il"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from calls.lead_fields import BY_NAME
from understanding.language import Language
from understanding.said import Said
from understanding.turn_reading import TurnEnd, TurnReading
from understanding.words import bare_words

_WRITTEN: Final = re.compile(r"\S+@\S*")
_MOST_PARTS: Final = 3
"""Words, before anything else tells that an address is being told: "no, I have none" is none."""
_WHOLE: Final = re.compile(r"\S+@\S+\.[a-z]{2,}", re.IGNORECASE)


def email_end(said: Said, plain: Sequence[str], language: Language) -> TurnReading | None:
    """None where no address is told. A dot alone tells of one where a question was asked that is none of ours."""
    half = language.turns.half
    last = said.text.split()[-1].rstrip(".,?!")
    if _WRITTEN.fullmatch(last):
        return _ended(is_whole=_WHOLE.fullmatch(last) is not None)
    at = next((place for place in range(1, len(plain)) if half.at_signs.at_start(plain, place)), None)
    # Strudel is a cake as well.
    if at is not None and (plain[at - 1],) not in language.turns.unfinished.endings:
        return _ended(is_whole=half.top_levels.at_end(plain[at:]) > 0)
    asked = bare_words(said.question.split())
    if any(half.asks_email.at_start(asked, place) for place in range(len(asked))) and len(plain) <= _MOST_PARTS:
        return _ended(is_whole=half.top_levels.at_end(plain) > 0)
    is_asked = bool(said.asked) and said.asked not in BY_NAME
    if is_asked and any(half.email_marks.at_start(plain, place) for place in range(1, len(plain))):
        return _ended(is_whole=half.top_levels.at_end(plain) > 0)
    return None


def _ended(*, is_whole: bool) -> TurnReading:
    if is_whole:
        return TurnReading(TurnEnd.ORDINARY, "an e-mail address")
    return TurnReading(TurnEnd.DICTATING, "an e-mail address without its end")
