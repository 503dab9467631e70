"""When the caller is to be called back, in the words of a summary."""

from __future__ import annotations

from collections.abc import Sequence

from calls.events import UtteranceFinal
from calls.lead_fields import CALLBACK_TIME
from understanding.language import Language
from understanding.said import Said
from understanding.spoken_times import spoken_time
from understanding.times import read_time

from .found import Found


def when_to_call(found: Found | None, utterances: Sequence[UtteranceFinal], language: Language) -> str:
    """As the caller wished it, or the time that was agreed to instead, where nobody can call then."""
    if found is None:
        return ""
    said_at = next((each.ended_at for each in utterances if (each.leg, each.seq) == (found.leg, found.seq)), None)
    if found.at is None or said_at is None:
        return found.value
    wished = read_time(Said(found.value, CALLBACK_TIME, at=said_at), language)
    if wished.at is None or wished.at == found.at:
        return found.value
    return spoken_time(found.at, said_at, language.spoken_times)
