"""Whether an address has begun: a street that has no number yet, a flat without its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from understanding.language import Language
from understanding.number_words import number_word
from understanding.said import Said
from understanding.small_talk import is_no_answer
from understanding.turn_reading import TurnEnd, TurnReading
from understanding.words import bare_words

_OF: Final = "של"
_IN: Final = "ב"
_FIRST: Final = 2
"""Words of an address that are its beginning only."""
_LONGEST_STREET: Final = 3
"""Words of a street's name."""


def address_begun(plain: Sequence[str], language: Language) -> TurnReading | None:
    """None if no address was begun, or it may be all."""
    endings = language.turns.unfinished.endings
    street = next((place for place, word in enumerate(plain) if endings.get((word,)) == "streets"), None)
    name = plain[street + 1 :] if street is not None else ()
    is_ours = bool(name) and name[0].startswith(_OF)
    if 0 < len(name) <= _LONGEST_STREET and not is_ours and not _has_number(name, language):
        # "The lamp in Herzl Street is broken" ends in no street.
        end = TurnEnd.UNCERTAIN if street and len(name) > 1 and plain[street].startswith(_IN) else TurnEnd.DICTATING
        return TurnReading(end, "a street without its number")
    if len(plain) > 1 and (plain[-1],) in language.turns.finished.houses and _has_number(plain[-2:-1], language):
        return TurnReading(TurnEnd.DICTATING, "a flat without its number")
    return None


def address_goes_on(plain: Sequence[str], language: Language) -> bool:
    """Whether what answers some question is perhaps an address, and no town has ended it."""
    finished, cities = language.turns.finished, language.names.words.cities
    if finished.settlements.at_start(plain) or (len(plain) == 1 and _is_name(plain[0], language)):
        return True
    if any("".join(plain[-size:]).removeprefix(_IN) in cities for size in (1, 2)):
        return False
    if finished.houses.is_in(plain) or any(
        language.turns.unfinished.endings.get((word,)) == "streets" for word in plain
    ):
        return True
    is_short = 1 < len(plain) <= _LONGEST_STREET + 2
    tells = any((word,) in language.turns.unfinished.endings for word in plain[:-1])
    return is_short and not tells and _has_number(plain[-1:], language) and not _has_number(plain[:1], language)


def is_first_of_address(said: Said, plain: Sequence[str], language: Language) -> bool:
    """Whether an address was asked for, and these are one or two words of it: neither a number nor a town."""
    asked = bare_words(said.question.split())
    asks = language.turns.half.asks_address
    if not any(asks.at_start(asked, place) for place in range(len(asked))) or len(plain) > _FIRST:
        return False
    cities = language.names.words.cities
    is_other = is_no_answer(said, language) or "".join(plain).removeprefix(_IN) in cities
    return not is_other and not _has_number(plain, language)


def _is_name(word: str, language: Language) -> bool:
    """Streets are called by names, and e-mail addresses begin with them."""
    names = language.names.words
    return (word in names.given or word in names.family) and word not in names.cities


def _has_number(plain: Sequence[str], language: Language) -> bool:
    return any(any(ch.isdigit() for ch in word) or number_word(word, language.numbers) for word in plain)
