"""Compare what was said with what was written down: which words are missing, and which are there too often. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NEAR = 12
"""A word that was said this few words before or after the place where it is too many was doubled there."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one speaker of one call."""

    said: int = 0
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    """Words that this speaker did not say anywhere near: misheard, out of order, or somebody else's."""

    @property
    def is_none(self) -> bool:
        return not (self.lost or self.doubled or self.foreign)

    def __str__(self) -> str:
        kinds = (("lost", self.lost), ("doubled", self.doubled), ("foreign", self.foreign))
        return "; ".join(f"{name}: {' '.join(found)}" for name, found in kinds if found) or "the same"


@dataclass(slots=True)
class Total:
    """Of many."""

    words: int = 0
    lost: int = 0
    doubled: int = 0
    foreign: int = 0

    def add(self, found: Difference) -> None:
        self.words += found.said
        self.lost += len(found.lost)
        self.doubled += len(found.doubled)
        self.foreign += len(found.foreign)

    @property
    def is_clean(self) -> bool:
        return self.words > 0 and not (self.lost or self.doubled or self.foreign)


def words(texts: Iterable[str]) -> list[str]:
    """Without punctuation, however the texts are cut."""
    bare = ("".join(letter for letter in word if letter.isalnum()) for text in texts for word in text.split())
    return [word for word in bare if word]


def difference(said: Iterable[str], written: Iterable[str]) -> Difference:
    """Both are texts in their order; only their words and the order of those count."""
    ours, theirs = words(said), words(written)
    lost: list[str] = []
    doubled: list[str] = []
    foreign: list[str] = []
    for at, word, is_missing in _unmatched(ours, theirs):
        near = ours[max(0, at - _NEAR) : at + _NEAR]
        (lost if is_missing else doubled if word in near else foreign).append(word)
    return Difference(len(ours), tuple(lost), tuple(doubled), tuple(foreign))


def _unmatched(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, str, bool]]:
    """What both have beside their longest common sequence: where in `ours`, the word, whether it is from `ours`."""
    same = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for i in reversed(range(len(ours))):
        row, below = same[i], same[i + 1]
        for j in reversed(range(len(theirs))):
            row[j] = below[j + 1] + 1 if ours[i] == theirs[j] else max(below[j], row[j + 1])
    found = []
    i = j = 0
    while i < len(ours) or j < len(theirs):
        if i < len(ours) and j < len(theirs) and ours[i] == theirs[j]:
            i, j = i + 1, j + 1
        elif j == len(theirs) or (i < len(ours) and same[i + 1][j] >= same[i][j + 1]):
            found.append((i, ours[i], True))
            i += 1
        else:
            found.append((i, theirs[j], False))
            j += 1
    return found
