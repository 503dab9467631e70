"""What words said over the assistant mean, and which of them are not the caller's but an echo of what was played."""

from __future__ import annotations

from enum import Enum

from understanding.clauses import clauses_of, plain_words
from understanding.echo import is_echo, without_echo
from understanding.language import Language
from understanding.phrases import consist_of, start_after

__all__ = ["Overlap", "is_echo", "overlap", "without_echo"]


class Overlap(Enum):
    BACK_CHANNEL = "back_channel"
    """Said to show that one listens, and nothing else."""
    STOP = "stop"
    """The caller wants us to stop, at once."""
    OTHER = "other"
    NOTHING = "nothing"


def overlap(text: str, language: Language) -> Overlap:
    words = language.turns.over
    plain = plain_words(clauses_of(text))
    if not plain:
        return Overlap.NOTHING
    if any(words.stops.length_at(plain, place) for place in (0, start_after(plain, words.before_stop))):
        return Overlap.STOP
    return Overlap.BACK_CHANNEL if consist_of(plain, words.back_channels) else Overlap.OTHER
