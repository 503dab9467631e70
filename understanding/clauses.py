"""A sentence in its clauses, as the recognizer's punctuation parts it. Where it wrote none there is one clause."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from understanding.words import bare

_GLUED: Final = re.compile(r"([,?!;…]|(?<!\d)[.:](?!\d))(?=[^\W\d_])|(?<=[^\W\d_])\.(?=[^\W\d_]{2})")
"""A mark with the next word written against it."""
_ENDS: Final = ".,?!;:…"
_AROUND: Final = ' .,?!;:…"“”„()[]'
_ABBREVIATED: Final = "גזצץתדחפטבמנסרקל"
"""Letters after which a geresh belongs to the word: it changes the sound, or shortens."""


@dataclass(frozen=True, slots=True)
class Word:
    raw: str
    """As the recognizer wrote it."""
    plain: str
    """As it is compared."""
    place: int
    """In the sentence, from 0."""

    @property
    def written(self) -> str:
        """Without the punctuation around it."""
        text = self.raw.strip(_AROUND).lstrip("'׳`")
        kept = len(text) > 1 and text[-1] in "'׳" and text[-2] in _ABBREVIATED
        return text if kept else text.rstrip("'׳`-–")

    @property
    def without_first(self) -> Word:
        """Without the one letter that is written together with it."""
        return Word(self.written[1:], self.plain[1:], self.place)


@dataclass(frozen=True, slots=True)
class Clause:
    words: tuple[Word, ...]
    asks: bool = False
    """It ends in a question mark."""
    plain: list[str] = field(init=False, compare=False)
    """The words as they are compared; not to be changed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", [word.plain for word in self.words])


@lru_cache(maxsize=64)
def clauses_of(text: str) -> tuple[Clause, ...]:
    """Kept for the last texts: each reader of an utterance parts it again."""
    clauses: list[Clause] = []
    words: list[Word] = []
    for place, raw in enumerate(_GLUED.sub(lambda mark: mark[0] + " ", text).split()):
        if plain := bare(raw):
            words.append(Word(raw, plain, place))
        # A dash that stands alone parts as well.
        if words and (not plain or raw[-1] in _ENDS):
            clauses.append(Clause(tuple(words), asks="?" in raw))
            words = []
    return (*clauses, Clause(tuple(words))) if words else tuple(clauses)


def plain_words(clauses: Iterable[Clause]) -> list[str]:
    return [word.plain for clause in clauses for word in clause.words]
