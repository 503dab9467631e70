"""Words as they are compared, and phrases found among them.

A word of a sentence stays aligned with its bare form, so that what is found can be kept as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

_MARKS: Final = " .,?!;:"
_DRAWN_OUT: Final = re.compile(r"([א-ת])\1{2,}")
_YOD: Final = "י"
"""Doubled in many words, as in "bye"."""
_HUMMED: Final = frozenset("אהמם")
_HUM: Final = "אממ"
_INSIDE_WORDS: Final = frozenset("'\"׳״’")


@lru_cache(maxsize=4096)
def bare(word: str) -> str:
    """A word without punctuation, niqqud and case, for comparing. A sound that is drawn out is written once."""
    if not (word.isalnum() and unicodedata.is_normalized("NFKD", word)):
        text = unicodedata.normalize("NFKD", word)
        word = "".join(ch for ch in text if ch.isalnum())
    word = word.casefold()
    return _short(word) if _DRAWN_OUT.search(word) else word


def _short(word: str) -> str:
    """ "Nooo" is "no", "hmmm" is a hum."""
    short = _DRAWN_OUT.sub(lambda drawn: drawn[1] * (2 if drawn[1] == _YOD else 1), word)
    return _HUM if set(short) <= _HUMMED else short


def bare_words(words: Iterable[str]) -> list[str]:
    """Aligned with `words`: what has no letter or digit in it becomes ""."""
    return [bare(word) for word in words]


def quoted_words(text: str) -> list[str]:
    """The words of a text, parted at punctuation as well: quotes are compared by them, however they were written."""
    # A geresh or gershayim inside a word is left out, so that an acronym is one word with them and without.
    kept = (ch for ch in unicodedata.normalize("NFKD", text) if ch not in _INSIDE_WORDS)
    spaced = "".join(ch if ch.isalnum() else "" if unicodedata.combining(ch) else " " for ch in kept)
    return spaced.casefold().split()


def digits_in(text: str) -> str:
    return "".join(ch for ch in text if ch in "0123456789")


def starts_with(words: Sequence[str], phrases: Iterable[Sequence[str]]) -> bool:
    plain = bare_words(words)
    return any(plain[: len(phrase)] == list(phrase) for phrase in phrases)


def is_only(words: Iterable[str], *phrases: Iterable[Sequence[str]]) -> bool:
    """Whether there is no word that is not part of one of the phrases."""
    allowed = {part for group in phrases for phrase in group for part in phrase} | {""}
    return all(bare(word) in allowed for word in words)


def is_beginning(text: str, of: str) -> bool:
    """Whether it was broken off, by a lost line for instance, and said again as a whole."""
    part, whole = bare_words(text.split()), bare_words(of.split())
    return len(part) < len(whole) and whole[: len(part)] == part


def is_part(text: str, of: str) -> bool:
    """Whether it is some of the words of the other, in their order and without a gap."""
    part, whole = bare_words(text.split()), bare_words(of.split())
    starts = range(len(whole) - len(part) + 1) if len(part) < len(whole) else ()
    return any(whole[start : start + len(part)] == part for start in starts)


def contains(words: Iterable[str], phrases: Iterable[Sequence[str]]) -> bool:
    plain = f" {' '.join(filter(None, bare_words(words)))} "
    return any(f" {' '.join(phrase)} " in plain for phrase in phrases)


def without_leading(words: Sequence[str], *phrases: Iterable[Sequence[str]]) -> list[str]:
    """The words after the phrases they begin with, the longest that fits each time."""
    longest_first = sorted((list(phrase) for group in phrases for phrase in group), key=len, reverse=True)
    plain = bare_words(words)
    start = 0
    while fitting := next((phrase for phrase in longest_first if plain[start : start + len(phrase)] == phrase), None):
        start += len(fitting)
    return list(words[start:])


def without_ending(words: Sequence[str], *phrases: Iterable[Sequence[str]]) -> list[str]:
    """The words before the phrases they end in."""
    plain = bare_words(words)
    endings = [list(phrase) for group in phrases for phrase in group]
    while fitting := next((phrase for phrase in endings if plain and plain[-len(phrase) :] == phrase), None):
        del plain[-len(fitting) :]
    return list(words[: len(plain)])


def as_text(words: Iterable[str]) -> str:
    """Joined, without the punctuation around the whole."""
    return " ".join(words).strip(_MARKS)
