"""A name that is spelled out, letter by letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from understanding.clauses import Clause, Word
from understanding.name_tables import NameWords
from understanding.phrases import PhraseSet

_FINAL_FORMS: Final = str.maketrans("כמנפצ", "ךםןףץ")
_OTHER_FORMS: Final = str.maketrans("ךםןףץ", "כמנפצ")
_FEWEST_LETTERS: Final = 2
_AND: Final = "ו"


@dataclass(frozen=True, slots=True)
class Spelled:
    words: tuple[str, ...]
    rest: tuple[Clause, ...]
    """What was said beside the letters."""


def spelled_name(clauses: Sequence[Clause], names: NameWords) -> Spelled | None:
    groups: list[str] = []
    rest: list[Clause] = []
    # Where each letter is a clause of its own, the marks between them part no words.
    for clause in clauses:
        letters, others = _letters(clause.words, names)
        groups.append(letters)
        if others:
            rest.append(Clause(tuple(others)))
    spelled = "".join(groups)
    if len(spelled) < _FEWEST_LETTERS:
        return None
    return Spelled(tuple(map(with_final_form, _parted([group for group in groups if group], names))), tuple(rest))


def with_final_form(word: str) -> str:
    return word[:-1] + word[-1:].translate(_FINAL_FORMS)


def without_final_form(word: str) -> str:
    return word[:-1] + word[-1:].translate(_OTHER_FORMS)


def letter_at(plain: Sequence[str], place: int, names: NameWords) -> str:
    return names.letters.get(plain[place], "") if place < len(plain) else ""


def _letters(words: Sequence[Word], names: NameWords) -> tuple[str, list[Word]]:
    """The letters of a clause, and its words that are none. A clause with other words between holds no letters."""
    plain = [word.plain for word in words]
    letters, others, place = "", list[Word](), 0
    while place < len(words):
        joined = _joined_letters(words[place].raw)
        if joined:
            letters, place = letters + joined, place + 1
        elif letter := _letter_name(plain, place, names, spelling=bool(letters)):
            letters, place = letters + letter, _after_example(plain, place + 1, names.putting_right.like)
        else:
            step = names.putting_right.spelled_out.length_at(plain, place)
            others += [] if step else [words[place]]
            place += step or 1
    return letters, others


def _letter_name(plain: Sequence[str], place: int, names: NameWords, *, spelling: bool) -> str:
    word = plain[place]
    if spelling and word.startswith(_AND) and len(word) > _FEWEST_LETTERS and word[1:] in names.letters:
        return names.letters[word[1:]]
    return names.letters.get(word, "")


def _joined_letters(raw: str) -> str:
    """Of "D-N-H" and "D.N.H"."""
    for mark in "-.־":
        parts = raw.strip(".,?!").split(mark)
        if len(parts) >= _FEWEST_LETTERS and all(len(part.strip("'׳")) == 1 and part[0].isalpha() for part in parts):
            return "".join(part[0] for part in parts)
    return ""


def _after_example(plain: Sequence[str], place: int, like: PhraseSet) -> int:
    """The place after "as in ..."."""
    step = like.length_at(plain, place)
    return place + step + 1 if step and place + step < len(plain) else place


def _parted(groups: list[str], names: NameWords) -> list[str]:
    """The words that groups of letters spell: one, or a given and a second name."""
    known = names.words.given | names.words.family
    if len(groups) > 1 and all(len(group) >= _FEWEST_LETTERS for group in groups):
        return groups
    spelled = "".join(groups)
    if with_final_form(spelled) in known:
        return [spelled]
    for cut in range(len(spelled) - _FEWEST_LETTERS, 1, -1):
        first, second = spelled[:cut], spelled[cut:]
        if with_final_form(first) in names.words.given and with_final_form(second) in names.words.family:
            return [first, second]
    return [spelled]


def differences(first: str, second: str) -> int:
    """Letters to change, add and take away to get from one word to the other."""
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, start=1):
        previous, row = row, [i]
        for j, other in enumerate(second, start=1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (letter != other)))
    return row[-1]


def is_like(first: str, second: str) -> bool:
    """Whether one may have been heard for the other."""
    return differences(first, second) <= max(1, max(len(first), len(second)) // 2)
