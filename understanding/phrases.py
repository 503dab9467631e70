"""Phrases of one or several words, found at a place among the bare words of a sentence.

A list of hundreds costs no more than one of three: phrases are kept by the word they begin with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

Phrase = tuple[str, ...]
"""Words as `bare` leaves them."""


class PhraseSet:
    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._phrases = tuple(phrases)
        self._by_first: dict[str, list[tuple[int, Phrase]]] = {}
        self._by_last: dict[str, list[tuple[int, Phrase]]] = {}
        for phrase in sorted(set(self._phrases), key=len, reverse=True):
            self._by_first.setdefault(phrase[0], []).append((len(phrase), phrase))
            self._by_last.setdefault(phrase[-1], []).append((len(phrase), phrase))

    def __iter__(self) -> Iterator[Phrase]:
        return iter(self._phrases)

    def __contains__(self, word: str) -> bool:
        """Whether this one word is a phrase."""
        found = self._by_first.get(word)
        return found is not None and found[-1][0] == 1

    def lengths_at(self, words: Sequence[str], start: int) -> list[int]:
        """Of the phrases that stand there, in words, the longest first."""
        found = self._by_first.get(words[start]) if 0 <= start < len(words) else None
        if found is None:
            return []
        return [size for size, phrase in found if size == 1 or tuple(words[start : start + size]) == phrase]

    def length_at(self, words: Sequence[str], start: int) -> int:
        """Of the longest phrase that stands there; 0 if none does."""
        # Asked some hundred times of an utterance, and nearly always there is none.
        found = self._by_first.get(words[start]) if 0 <= start < len(words) else None
        if found is not None:
            for size, phrase in found:
                if size == 1 or tuple(words[start : start + size]) == phrase:
                    return size
        return 0

    def begins_with(self, word: str) -> bool:
        """Whether any phrase begins with this word."""
        return word in self._by_first

    def length_before(self, words: Sequence[str], end: int) -> int:
        """Of the longest phrase that ends before `end`; 0 if none does."""
        found = self._by_last.get(words[end - 1]) if 0 < end <= len(words) else None
        if found is not None:
            for size, phrase in found:
                if size == 1 or (size <= end and tuple(words[end - size : end]) == phrase):
                    return size
        return 0


@lru_cache(maxsize=256)
def joined(*sets: PhraseSet) -> PhraseSet:
    """All phrases of these. Kept: the same few sets are asked for together over and over."""
    return sets[0] if len(sets) == 1 else PhraseSet(phrase for phrases in sets for phrase in phrases)


def consist_of(words: Sequence[str], *sets: PhraseSet) -> bool:
    """Whether the words are phrases of these sets one after another, and nothing else."""
    phrases = joined(*sets)
    reached = {0}
    for start in range(len(words)):
        if start in reached:
            reached.update([start + size for size in phrases.lengths_at(words, start)])
            if max(reached) == start:
                return False
    return len(words) in reached


def start_after(words: Sequence[str], *sets: PhraseSet, start: int = 0) -> int:
    """The place after the phrases that stand from `start` on, the longest that fits each time."""
    phrases = joined(*sets)
    while step := phrases.length_at(words, start):
        start += step
    return start


def end_before(words: Sequence[str], *sets: PhraseSet) -> int:
    """The place where the phrases begin in which the words end, the longest that fits each time."""
    phrases = joined(*sets)
    end = len(words)
    while step := phrases.length_before(words, end):
        end -= step
    return end
