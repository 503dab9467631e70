"""Which of the caller's words repeat what was just played: the echo of a speakerphone, as a recognizer writes it.

It begins anywhere in what was played, loses words, bends others and cuts the first and the last. Callers repeat us as
well, so ask only of words that were recognized while something was playing or just after. Numbers prove nothing:
whoever repeats one to put a digit right says nearly the same as the echo.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from understanding.language import Language
from understanding.spelling import differences, is_like
from understanding.words import bare_words, quoted_words

_ENOUGH: Final = 3
"""Words that are the same, to be an echo; one fewer where a rare word is among them."""
_RARE: Final = 4
"""Letters of the shortest word that can be one."""
_THAT: Final = "ש"
_I: Final = "תי"
"""Of verbs: "that you called from" is the echo, "that I called from" the answer."""
_YOU: Final = ("כם", "תם")
"""How we speak to callers, and they do not speak of themselves."""
_MOST_ADDED: Final = 2
_MOST_DROPPED: Final = 3
_SHARE: Final = 0.6
"""Of the words of the echo, that are the same as those played."""
_LONG: Final = 4
"""Letters. One may be wrong in a word that long."""
_LONGER: Final = 7
"""Two may be."""
_CUT: Final = 2
"""Letters that are left of a word that was cut."""


class _Stretch(NamedTuple):
    matched: tuple[int, ...]
    """Places in what was played."""
    end: int
    """Of the echo, in what was recognized."""


def is_echo(text: str, played: str, language: Language) -> bool:
    """Whether all of the words are an echo."""
    return any(bare_words(text.split())) and not without_echo(text, played, language)


def may_be_echo(text: str, played: str, language: Language) -> bool:
    """Whether every word is one of those that were just played, be there only one: too little to say that nobody said
    it, and enough not to fall silent for it."""
    said, heard = [word for word in bare_words(text.split()) if word], quoted_words(played)
    if any(word.isdigit() or word in language.numbers.forms for word in said):
        return False
    return bool(said) and all(any(_is_same(word, other) or _is_bent(word, other) for other in heard) for word in said)


def without_echo(text: str, played: str, language: Language) -> str:
    """The words behind the echo that they begin with: all of them if there is none, "" if there is nothing else."""
    raw = [word for word in text.split() if any(map(str.isalnum, word))]
    said, heard = bare_words(raw), quoted_words(played)
    best = _Stretch((), 0)
    for start in range(min(2, len(said))):
        for place in range(len(heard)):
            if not (_is_same(said[start], heard[place]) or (not start and _is_rest(said[0], heard[place]))):
                continue
            if start and not _may_be_left(said[0], heard, place, language):
                continue
            found = _followed(said, heard, start, place, language)
            best = max(best, found, key=lambda each: len(each.matched))
    end = best.end
    if best.matched and end == len(said) - 1:
        following = heard[best.matched[-1] + 1 : best.matched[-1] + 1 + _MOST_DROPPED]
        end += any(_is_bent(said[end], word) for word in following)
    return " ".join(raw[end:]) if _is_enough(best, heard, language, is_all=end == len(said)) else text.strip()


def _may_be_left(word: str, heard: Sequence[str], place: int, language: Language) -> bool:
    """Whether the first word recognized is what came of the one before, or all that came of an earlier sentence."""
    if place and (_is_rest(word, heard[place - 1]) or is_like(word, heard[place - 1])):
        return True
    return word in heard and not _is_callers(word, language)


def _followed(said: Sequence[str], heard: Sequence[str], start: int, place: int, language: Language) -> _Stretch:
    """The stretch that begins with this pair: each time the nearest pair of words that are the same."""
    matched, here = [place], start
    while True:
        steps = sorted(
            ((added, dropped) for added in range(1, _MOST_ADDED + 1) for dropped in range(1, _MOST_DROPPED + 1)),
            key=sum,
        )
        for added, dropped in steps:
            if here + added >= len(said) or matched[-1] + dropped >= len(heard):
                continue
            if added > 1 and _is_callers(said[here + 1], language):
                continue
            if _is_same(said[here + added], heard[matched[-1] + dropped]):
                here, matched = here + added, [*matched, matched[-1] + dropped]
                break
        else:
            return _Stretch(tuple(matched), here + 1)


def _is_callers(word: str, language: Language) -> bool:
    """ "No", "but", "wait": not what a recognizer makes of an echo."""
    over = language.turns.over
    return word in over.stops or word in over.before_stop


def _is_enough(stretch: _Stretch, heard: Sequence[str], language: Language, *, is_all: bool) -> bool:
    """`is_all`: nothing else was recognized."""
    words = [heard[place] for place in stretch.matched]
    telling = [word for word in words if not word.isdigit() and word not in language.numbers.forms]
    if len(words) < _SHARE * stretch.end:
        return False
    if len(telling) >= _ENOUGH:
        return True
    if not is_all and _ends_a_question(stretch, heard):
        return True
    # Two words are an echo only where nothing else was recognized, and they stand side by side.
    is_pair = is_all and len(telling) == _ENOUGH - 1 and stretch.matched[-1] - stretch.matched[0] == 1
    return is_pair and any(_is_rare(word, language) for word in telling)


def _ends_a_question(stretch: _Stretch, heard: Sequence[str]) -> bool:
    """Whether it has the last two words that were played, addressed to the caller: "your name is", and then a name."""
    last = len(heard) - 1
    return stretch.matched[-2:] == (last - 1, last) and any(word.endswith(_YOU) for word in heard[-2:])


def _is_rare(word: str, language: Language) -> bool:
    known = (language.turns.over.back_channels, language.callback.call_back, language.questions.common)
    return len(word) >= _RARE and not any((word,) in phrases or word in phrases for phrases in known)


def _is_same(said: str, heard: str) -> bool:
    if said == heard:
        return True
    if said.endswith(_I) and not heard.endswith(_I):
        return False
    size = min(len(said), len(heard))
    if size < _LONG - 1 or abs(len(said) - len(heard)) > 2:
        return False
    if said[1:] == heard or heard[1:] == said:
        return said[0] != _THAT
    if size < _LONG or not (said[0] == heard[0] or said[-1] == heard[-1]):
        return False
    return differences(said, heard) <= (2 if size >= _LONGER else 1)


def _is_rest(said: str, heard: str) -> bool:
    return len(said) >= _CUT and heard.endswith(said)


def _is_bent(said: str, heard: str) -> bool:
    if said.endswith(_I) and not heard.endswith(_I):
        return False
    return (len(said) >= _CUT and heard.startswith(said)) or (len(said) >= _LONG - 1 and is_like(said, heard))
