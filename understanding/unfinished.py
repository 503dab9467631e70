"""What tells that a sentence cannot end where it stands: its last word or phrase wants another one after it.

Whoever hears it waits. So a word that ends some sentences and is joined to something in most is taken to be joined,
unless it is in one of the phrases that are whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from understanding.language import Language

_LONGEST: Final = 5
"""Words of an ending."""
_JOINED: Final = ("ו", "ש", "כש")
"""Written together with a word that is joined to something itself: "and the", "that with"."""
_SHORTEST: Final = 2
_SHORTEST_NOUN: Final = 4
_FORMS: Final = (("ת", "ה"), ("י", "ים"))
"""How a noun ends before another noun, and how it ends alone: "machine (of)", "windows (of)"."""

HUM: Final = "ends in a hum"
_REASONS: Final = {
    "hums": HUM,
    "correcting": "a correction or a pause begun",
    "announcing": "announces what comes next",
    "asking": "a question only begun",
    "hanging": "ends in a hanging word",
    "wanting": "a verb without its object",
    "subjects": "a subject without its predicate",
    "streets": "a street without its name",
}


def unfinished(plain: Sequence[str], language: Language) -> str:
    """Why the words (as `bare` leaves them) cannot be all; "" if they can."""
    words = language.turns.unfinished
    whole = words.whole.at_end(plain)
    for size in range(min(_LONGEST, len(plain)), whole, -1):
        if name := words.endings.get(tuple(plain[-size:])):
            return _REASONS[name]
    if not whole and any(name == "hanging" for name in _names_without_prefix(plain[-1], language)):
        return _REASONS["hanging"]
    return ""


def wants_a_noun(plain: Sequence[str], language: Language) -> bool:
    """Whether the last word is a noun in the form that another noun follows."""
    words, things = language.turns.unfinished, language.names.words.things
    last = plain[-1]
    if words.constructs.at_end(plain) > words.whole.at_end(plain):
        return True
    return (
        len(last) >= _SHORTEST_NOUN
        and last not in things
        and any(last.endswith(of) and last.removesuffix(of) + alone in things for of, alone in _FORMS)
    )


def _names_without_prefix(word: str, language: Language) -> list[str]:
    """The lists that hold the word without what is written together with it."""
    stems = (word.removeprefix(joined) for joined in _JOINED if word.startswith(joined))
    endings = language.turns.unfinished.endings
    return [endings[(stem,)] for stem in stems if len(stem) >= _SHORTEST and (stem,) in endings]
