"""Lists of a file in the form they are compared in: word by word, without punctuation, niqqud and case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from understanding.phrase_index import PhraseIndex
from understanding.phrases import Phrase, PhraseSet
from understanding.words import bare, bare_words

Phrases = tuple[Phrase, ...]
"""Of words as `bare` leaves them."""


def phrases_in(written: Iterable[str]) -> Phrases:
    return tuple(tuple(bare_words(phrase.split())) for phrase in written)


def phrases_of(table: Mapping[str, Any]) -> dict[str, Phrases]:
    return {name: phrases_in(written) for name, written in table.items()}


def sets_of(table: Mapping[str, Any]) -> dict[str, PhraseSet]:
    return {name: PhraseSet(phrases_in(written)) for name, written in table.items()}


def indices_of(table: Mapping[str, Any]) -> dict[str, PhraseIndex]:
    return {name: PhraseIndex(phrases_in(written)) for name, written in table.items()}


def words_in(written: Iterable[str]) -> frozenset[str]:
    """Single words; of more than one, the letters of all."""
    return frozenset(bare(word) or word for word in written)
