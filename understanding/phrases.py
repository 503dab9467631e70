"""Phrases of one or several words, found at a place among the bare words of a sentence.

A list of hundreds costs no more than one of three: phrases are kept by the word they begin with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Phrase = tuple[str, ...]
"""Words as `bare` leaves them."""


class PhraseSet:
    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._phrases = tuple(phrases)
        self._by_first: dict[str, list[Phrase]] = {}
        for phrase in sorted(set(self._phrases), key=len, reverse=True):
            self._by_first.setdefault(phrase[0], []).append(phrase)

    def __iter__(self) -> Iterator[Phrase]:
        return iter(self._phrases)

    def __contains__(self, word: str) -> bool:
        """Whether this one word is a phrase."""
        return (word,) in self._by_first.get(word, ())

    def lengths_at(self, words: Sequence[str], start: int) -> list[int]:
        """Of the phrases that stand there, in words, the longest first."""
        if not 0 <= start < len(words):
            return []
        found = self._by_first.get(words[start], ())
        return [len(phrase) for phrase in found if tuple(words[start : start + len(phrase)]) == phrase]

    def length_at(self, words: Sequence[str], start: int) -> int:
        """Of the longest phrase that stands there; 0 if none does."""
        return next(iter(self.lengths_at(words, start)), 0)

    def length_before(self, words: Sequence[str], end: int) -> int:
        """Of the longest phrase that ends before `end`; 0 if none does."""
        longest = max(map(len, self._phrases), default=0)
        return next((n for n in range(min(longest, end), 0, -1) if n in self.lengths_at(words, end - n)), 0)


def consist_of(words: Sequence[str], *sets: PhraseSet) -> bool:
    """Whether the words are phrases of these sets one after another, and nothing else."""
    reached = {0}
    for start in range(len(words)):
        if start in reached:
            reached.update(start + n for phrases in sets for n in phrases.lengths_at(words, start))
    return len(words) in reached


def start_after(words: Sequence[str], *sets: PhraseSet, start: int = 0) -> int:
    """The place after the phrases that stand from `start` on, the longest that fits each time."""
    while step := max((phrases.length_at(words, start) for phrases in sets), default=0):
        start += step
    return start


def end_before(words: Sequence[str], *sets: PhraseSet) -> int:
    """The place where the phrases begin in which the words end, the longest that fits each time."""
    end = len(words)
    while step := max((phrases.length_before(words, end) for phrases in sets), default=0):
        end -= step
    return end
