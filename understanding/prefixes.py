"""The letters that Hebrew writes together with the word they stand before: and, the, that, in, to, from, as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from understanding.phrases import PhraseSet

_PREFIXES: Final = frozenset("והשבלמכ")
_MOST: Final = 2


def stems(word: str) -> Iterator[str]:
    """The word, and what is left of it without one prefix, and without two."""
    yield word
    for cut in range(1, min(_MOST, len(word) - 1) + 1):
        if word[cut - 1] not in _PREFIXES:
            return
        yield word[cut:]


def without_prefix(word: str) -> str:
    return word[1:] if len(word) > 1 and word[0] in _PREFIXES else word


def length_with_prefix(phrases: PhraseSet, words: Sequence[str], start: int) -> int:
    """Of the longest phrase that stands there, whatever prefix its first word has; 0 if none does."""
    if start >= len(words):
        return 0
    rest = list(words[start + 1 : start + 5])
    return max(phrases.length_at([stem, *rest], 0) for stem in stems(words[start]))
