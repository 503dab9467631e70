"""Phrases in a form in which the longest that fits is found without trying each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

Phrase = tuple[str, ...]


class PhraseIndex:
    """Words are compared as `bare` leaves them, and none of them is empty."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._phrases: Final = frozenset(phrases)
        self._first_words: Final = frozenset(phrase[0] for phrase in self._phrases)
        self._longest: Final = max(map(len, self._phrases), default=0)

    def __contains__(self, phrase: object) -> bool:
        return phrase in self._phrases

    def at_start(self, words: Sequence[str], start: int = 0) -> int:
        """How many words from `start` on are the longest phrase that fits there; 0 if none does."""
        if start >= len(words) or words[start] not in self._first_words:
            return 0
        sizes = range(min(self._longest, len(words) - start), 0, -1)
        return next((size for size in sizes if tuple(words[start : start + size]) in self._phrases), 0)

    def at_end(self, words: Sequence[str]) -> int:
        sizes = range(min(self._longest, len(words)), 0, -1)
        return next((size for size in sizes if tuple(words[-size:]) in self._phrases), 0)

    def is_in(self, words: Sequence[str]) -> bool:
        return any(self.at_start(words, start) for start in range(len(words)))

    def after_leading(self, words: Sequence[str]) -> list[str]:
        """The words after the phrases they begin with."""
        start = 0
        while size := self.at_start(words, start):
            start += size
        return list(words[start:])
