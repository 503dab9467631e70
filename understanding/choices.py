"""Which of the named choices an answer takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from understanding.language import Language
from understanding.said import Said
from understanding.words import bare_words

_PREFIXES: Final = ("ה", "ב", "ל", "ו", "מ", "כ", "ש")
_MOST_PREFIXES: Final = 2


def choice_in(said: Said, choices: Sequence[str], language: Language) -> str:
    """The choice, as the business spells it; "" if none was taken, or two."""
    plain = [word for word in bare_words(said.words) if word]
    taken = _named(plain, choices, language)
    if len(taken) != 1:
        taken = taken or _by_place(plain, choices, language)
    return taken[0] if len(taken) == 1 else ""


def _named(plain: list[str], choices: Sequence[str], language: Language) -> list[str]:
    """Those that were named and not taken back. Of two, one of which is in the other, the longer."""
    found: dict[str, tuple[int, int]] = {}
    for choice in choices:
        wanted = [word for word in bare_words(choice.split()) if word]
        for start in range(len(plain) - len(wanted) + 1):
            if wanted and all(_is(said, word) for said, word in zip(plain[start:], wanted, strict=False)):
                found[choice] = (start, start + len(wanted))
    kept = {choice: span for choice, span in found.items() if not _is_taken_back(plain, span, language)}
    return [choice for choice, span in kept.items() if not any(_is_part(span, other) for other in kept.values())]


def _is(said: str, wanted: str) -> bool:
    for _ in range(_MOST_PREFIXES + 1):
        if said == wanted:
            return True
        if not said.startswith(_PREFIXES) or len(said) <= len(wanted):
            return False
        said = said[1:]
    return False


def _is_taken_back(plain: list[str], span: tuple[int, int], language: Language) -> bool:
    return span[0] > 0 and (plain[span[0] - 1],) in language.kinds.no_choice


def _is_part(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]


def _by_place(plain: list[str], choices: Sequence[str], language: Language) -> list[str]:
    places = zip(choices, language.kinds.ordinals, strict=False)
    return [choice for choice, names in places if any((word,) in names for word in plain)]
