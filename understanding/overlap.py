"""What words said over the assistant mean, and which of them are not the caller's but an echo of what was played."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final

from understanding.clauses import clauses_of, plain_words
from understanding.echo import is_echo, without_echo
from understanding.language import Language
from understanding.phrases import PhraseSet, consist_of, start_after

__all__ = ["Overlap", "is_echo", "overlap", "without_echo"]

_SHORTEST: Final = 3
_ENDINGS: Final = ("י", "ת", "ן", "ר", "ה")


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
    if consist_of(plain, words.back_channels) or _is_nearly_one(plain, words.back_channels):
        return Overlap.BACK_CHANNEL
    return Overlap.OTHER


def _is_nearly_one(plain: Sequence[str], back_channels: PhraseSet) -> bool:
    """The first interim of one often lacks its last letter."""
    return len(plain) == 1 and len(plain[0]) >= _SHORTEST and any(plain[0] + end in back_channels for end in _ENDINGS)
