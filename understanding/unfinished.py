"""What tells that a sentence cannot end where it stands: its last word or phrase wants another one after it.

Whoever hears it waits. So a word that ends some sentences and is joined to something in most is taken to be joined,
unless it is in one of the phrases that are whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from understanding.language import Language
from understanding.phrase_index import PhraseIndex
from understanding.phrases import start_after

_LONGEST: Final = 5
"""Words of an ending."""
_AND: Final = "ו"
_TO: Final = "ל"
_JOINED: Final = ("ו", "ש", "כש")
"""Written together with a word that is joined to something itself: "and the", "that with"."""
_PREPOSITIONS: Final = frozenset("בלמוכ")
_SHORTEST: Final = 2
_SHORTEST_NOUN: Final = 4
_SHORTEST_VERB: Final = 5
_FORMS: Final = (("ת", "ה"), ("י", "ים"))
"""How a noun ends before another noun, and how it ends alone: "machine (of)", "windows (of)"."""
_THE: Final = "ה"
_THAT: Final = "ש"
_TO_US: Final = ("לי", "לנו")
_PLACES: Final = "במל"
"""In, from, to: "we are outside" is all."""
_THEN: Final = "אז"
_CONDITION: Final = 4
"""Words, with which a condition is not told yet with what follows from it."""

NOT: Final = "לא"
HUM: Final = "ends in a hum"
WANTING: Final = "a verb without its object"
_REASONS: Final = {
    "hums": HUM,
    "correcting": "a correction or a pause begun",
    "announcing": "announces what comes next",
    "asking": "a question only begun",
    "hanging": "ends in a hanging word",
    "wanting": WANTING,
    "subjects": "a subject without its predicate",
    "streets": "a street without its name",
}


_FETCHED_WITHIN: Final = 3
"""Words: "a moment, I am getting my card"."""


def unfinished(plain: Sequence[str], language: Language) -> str:
    """Why the words (as `bare` leaves them) cannot be all; "" if they can."""
    words = language.turns.unfinished
    if tuple(plain) in words.alone:
        return ""
    if tuple(_without_greeting(plain, language)) in words.begun:
        return _REASONS["announcing"]
    if (start := words.moment.at_start(plain)) and words.fetching.is_in(plain[start : start + _FETCHED_WITHIN]):
        return _REASONS["announcing"]
    # "And" is written together with the word.
    joined = [
        *plain[-_LONGEST:-2],
        *(word.removeprefix(_AND) if len(word) > _SHORTEST else word for word in plain[-2:]),
    ]
    if (corrects := words.corrects.at_end(plain)) and len(plain) - corrects > 1:
        return _REASONS["correcting"]
    whole = max(
        words.whole.at_end(plain),
        words.whole.at_end(joined),
        _question_with_its_verb(plain, language),
        _has_befallen(plain, language),
    )
    for size in range(min(_LONGEST, len(plain)), whole, -1):
        if name := words.endings.get(tuple(plain[-size:])):
            return _REASONS[name]
    if whole:
        return ""
    if any(words.endings.get((stem,)) == "hanging" for stem in _stems(plain[-1])):
        return _REASONS["hanging"]
    if words.endings.get((plain[-1].removeprefix(_AND),)) == "announcing":
        return _REASONS["announcing"]
    if any(_is_one(stem, words.speakers) for stem in _stems(plain[-1])):
        return _REASONS["subjects"]
    if _is_past(plain[-1], language) or is_to_do(plain, language):
        return WANTING
    if len(plain) <= _CONDITION and language.turns.finished.conditions.at_start(plain) and _THEN not in plain:
        return "a condition without what follows"
    return ""


def wants_a_noun(plain: Sequence[str], language: Language) -> bool:
    """Whether the last word is a noun in the form that another noun follows."""
    words, things = language.turns.unfinished, language.names.words.things
    last = plain[-1]
    whole = words.whole.at_end(plain)
    if len(plain) > 1 and plain[-2].removeprefix(_AND) == NOT:
        return False  # a verb: "does not film" is spelled like "camera (of)"
    stem = last[1:] if last[0] in _PREPOSITIONS and len(last) > _SHORTEST else last
    if words.constructs.at_end(plain) > whole or (not whole and _is_one(stem, words.constructs)):
        return True
    return (
        not whole
        and len(last) >= _SHORTEST_NOUN
        and last not in things
        and any(last.endswith(of) and last.removesuffix(of) + alone in things for of, alone in _FORMS)
    )


def _question_with_its_verb(plain: Sequence[str], language: Language) -> int:
    """ "When does the technician come": 1 for a verb that a question may end with, 0 otherwise."""
    finished = language.turns.finished
    if not _is_one(plain[-1], finished.verbs_last):
        return 0
    return int(any(finished.question_words.at_start(plain, place) for place in range(len(plain) - 2)))


def _has_befallen(plain: Sequence[str], language: Language) -> int:
    """ "The card got lost to me", "did not pay me": 2 where "me" ends it, 0 otherwise."""
    if len(plain) < 3 or plain[-1] not in _TO_US:
        return 0
    return 2 * (plain[-3].removeprefix(_AND) == NOT or _is_one(plain[-2], language.turns.half.mishaps))


def only_begins(plain: Sequence[str], language: Language) -> bool:
    """Whether it is a subject and one word ("I am calling"), or a question's first two ("who takes care")."""
    turns = language.turns
    rest = _without_greeting(plain, language)
    if len(rest) != 2 or tuple(rest) in turns.finished.short_questions or turns.unfinished.whole.at_end(rest):
        return False
    first, last = rest
    if _is_one(first, turns.unfinished.speakers):
        is_name = last in language.names.words.given or last in language.names.words.family
        return not is_name and last[0] not in _PLACES
    # "When it suits you" is none.
    return _is_one(first, turns.finished.question_words) and not last.startswith((_THE, _THAT))


def _without_greeting(plain: Sequence[str], language: Language) -> Sequence[str]:
    talk = language.small_talk
    return plain[start_after(plain, talk.greetings, talk.day_greetings, talk.fillers) :]


def _stems(word: str) -> list[str]:
    stems = (word.removeprefix(joined) for joined in _JOINED if word.startswith(joined))
    return [stem for stem in stems if len(stem) >= _SHORTEST]


def _is_past(word: str, language: Language) -> bool:
    """Whether it is a verb that wants an object; "that I ordered" has it before."""
    words, names = language.turns.unfinished, language.names.words
    return (
        len(word) >= _SHORTEST_VERB
        and word.endswith(words.past)
        and not word.startswith("ש")
        and not _is_one(word.removeprefix(_AND), words.intransitive)
        and not (word[0] in _PREPOSITIONS and _is_one(word[1:], words.intransitive))
        and word not in names.given
        and word not in names.family
    )


def is_to_do(plain: Sequence[str], language: Language) -> bool:
    """Whether the last word is what the caller wishes to do, and to nothing yet: "I need to extend"."""
    words = language.turns.unfinished
    return (
        len(plain) > 1
        and len(plain[-1]) >= _SHORTEST_NOUN
        and plain[-1].startswith(_TO)
        and _is_one(plain[-2], words.modals)
        and not _is_one(plain[-1], words.intransitive)
        and plain[-1][1:] not in language.names.words.things
        and plain[-1][1:] not in language.names.words.cities
    )


def _is_one(word: str, phrases: PhraseIndex) -> bool:
    return (word,) in phrases
