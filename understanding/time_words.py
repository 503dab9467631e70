"""The words of an utterance that a time can be made of: each with what it means and the prefixes it carries.

What the words are stands in `he/times.toml`: kind, meaning, spellings. Nothing here knows of dates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(
    r"[0-9]+(?:[:./][0-9]+){0,2}"  # 10, 10:30, 3.12, 3/12/2026
    r"|(?<![^\W\d_])[^\W\d_]['׳’`](?![^\W\d_])"  # a letter for a number
    r"|[^\W\d_]+(?:[\"'׳״’`][^\W\d_]+)*"  # a word, an acronym
    r"|[-–—־]|[.!?…\n]|[,;:]"
)
_DIGITS: Final = "0123456789"
_DASHES: Final = "-–—־"
_STOPS: Final = ".!?…\n"
_QUOTES: Final = str.maketrans("", "", "\"'׳״’`")
_MOST_PREFIXES: Final = 3

DIGITS, DASH, STOP, COMMA, OTHER = "digits", "dash", "stop", "comma", "other"
"""Kinds of what is no word of the table."""

KINDS: Final = frozenset(
    (
        *("prefix",),
        *("unit", "unit_masculine", "tens", "teen", "fraction", "less", "hour", "named_hour"),
        *(
            "day",
            "this_part",
            "weekday",
            "next",
            "span",
            "month",
            "month_part",
            "of_the_month",
            "ordinal",
            "holiday",
            "eve",
        ),
        *("holiday_end", "part", "now", "whenever"),
        *("in", "length", "from_now"),
        *(
            "bound",
            "not",
            "free_from",
            "or",
            "but",
            "correction",
            "asks",
            "refusal",
            "call_me",
            "event",
            "greeting",
            "plain",
            "counted",
            "courtesy",
            "soft",
            "of",
        ),
    )
)
"""The tables of `times.toml`, in its order."""


@dataclass(frozen=True, slots=True)
class TimeWords:
    prefixes: Mapping[str, str]
    """Letter to role: at, to, from, the, and, that, about."""
    phrases: Mapping[str, Sequence[tuple[tuple[str, ...], str, str]]]
    """First word to (the words after it, kind, meaning), the longest first."""
    glued: tuple[str, ...]
    """Beginnings of words that tell of an event."""
    calls: frozenset[str]
    """First words of the phrases by which a call is wished for."""


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """Told apart by its place, not by its content: the same word may be said twice."""

    kind: str
    value: str
    prefix: frozenset[str]
    start: int
    end: int
    """Where it stands in the text, its prefix included."""
    also: Mapping[str, str]
    """Other kinds the same words can be, with their meaning."""


def time_words(tables: Mapping[str, Mapping[str, Sequence[str]]]) -> TimeWords:
    """Raises `ValueError` for a table whose kind is unknown or missing."""
    if unlike := set(tables) ^ KINDS:
        raise ValueError(f"unknown or missing tables of times: {', '.join(sorted(unlike))}")
    phrases: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for kind, meanings in tables.items():
        for meaning, spellings in meanings.items():
            for spelling in spellings if kind != "prefix" and meaning != "glued" else ():
                first, *rest = (_key(word) for word in spelling.split())
                phrases.setdefault(first, []).append((tuple(rest), kind, meaning))
    for entries in phrases.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return TimeWords(
        prefixes={letters[0]: role for role, letters in tables["prefix"].items()},
        phrases=phrases,
        glued=tuple(tables["event"]["glued"]),
        calls=frozenset(
            first for first, entries in phrases.items() if any(kind == "call_me" for _, kind, _ in entries)
        ),
    )


def plain_text(text: str) -> str:
    """Without niqqud and the marks that only direct or join letters."""
    return "".join(ch for ch in text if unicodedata.category(ch) not in ("Mn", "Cf"))


def may_wish_for_call(text: str, words: TimeWords) -> bool:
    """Whether any word can begin a wish for a call. Most texts have none, and this costs less than their tokens."""
    return any(stem in words.calls for word in _TOKEN.findall(text) for stem in _stems(_key(word), words))


def _stems(word: str, words: TimeWords) -> Iterator[str]:
    """The word without none to three of its prefixes."""
    for cut in range(min(_MOST_PREFIXES, len(word) - 1) + 1):
        yield word[cut:]
        if word[cut] not in words.prefixes:
            return


def tokens_in(text: str, words: TimeWords) -> list[Token]:
    """Of a text as `plain_text` leaves it, in their order."""
    found = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    keys = [_key(word) for word, _, _ in found]
    return list(_tokens(text, found, keys, words))


def _tokens(text: str, found: list[tuple[str, int, int]], keys: list[str], words: TimeWords) -> Iterator[Token]:
    place, prefix, begins = 0, "", -1
    while place < len(found):
        word, start, end = found[place]
        if _is_prefix_of_next(text, found, place, words):
            prefix, begins = word, start
            place += 2 if found[place + 1][0] in _DASHES else 1
            continue
        roles = frozenset(words.prefixes[letter] for letter in prefix)
        start, prefix, begins = (begins if begins >= 0 else start), "", -1
        if kind := _kind_without_words(word):
            yield Token(kind, word, roles, start, end, {})
            place += 1
            continue
        length, token_kind, value, own, also = _longest(keys, place, words)
        end = found[place + length - 1][2]
        yield Token(token_kind, value, roles | own, start, end, also)
        place += length


def _longest(keys: list[str], place: int, words: TimeWords) -> tuple[int, str, str, frozenset[str], Mapping[str, str]]:
    """How many words, their kind, meaning and prefixes: of the longest phrase, and then of the fewest prefixes."""
    best: tuple[int, str, str, frozenset[str], Mapping[str, str]] = (1, OTHER, keys[place], frozenset(), {})
    roles: frozenset[str] = frozenset()
    word = keys[place]
    for cut in range(_MOST_PREFIXES + 1):
        if entries := words.phrases.get(word[cut:]):
            for rest, kind, meaning in entries:
                if tuple(keys[place + 1 : place + 1 + len(rest)]) == rest:
                    # "Today at ten" holds "day b", which is Monday.
                    if any(len(letter) == 1 for letter in rest) and "the" in roles:
                        continue
                    if not rest and word[:cut].startswith(words.glued):
                        break
                    if best[1] == OTHER or len(rest) + 1 > best[0]:
                        also = {other: means for after, other, means in entries if after == rest and other != kind}
                        best = (len(rest) + 1, kind, meaning, roles, also)
                    break
        if cut + 1 >= len(word) or word[cut] not in words.prefixes:
            break
        roles |= {words.prefixes[word[cut]]}
    return best


def _is_prefix_of_next(text: str, found: list[tuple[str, int, int]], place: int, words: TimeWords) -> bool:
    """Whether letters stand before digits, or before a hyphen with a word after it: "ב-10", "מ 9", "ה-15", "ב-שלוש"."""
    word, _, end = found[place]
    if place + 1 == len(found) or not all(letter in words.prefixes for letter in word):
        return False
    following, starts, ends = found[place + 1]
    if following in _DASHES:
        return (
            starts == end and place + 2 < len(found) and found[place + 2][1] == ends and _is_word(found[place + 2][0])
        )
    # A single letter after "day" is a day of the week.
    return following[0] in _DIGITS and len(word) <= _MOST_PREFIXES and (place == 0 or found[place - 1][0][-3:] != "יום")


def _is_word(text: str) -> bool:
    return text[0].isalnum()


def _kind_without_words(word: str) -> str:
    if word[0] in _DIGITS:
        return DIGITS
    if word in _DASHES:
        return DASH
    if word in _STOPS:
        return STOP
    return COMMA if word in ",;:" else ""


@lru_cache(maxsize=4096)
def _key(word: str) -> str:
    """As words are compared: Hebrew is written with one yod or vav or with two, with quotes in it and without."""
    return word.translate(_QUOTES).casefold().replace("יי", "י").replace("וו", "ו")
