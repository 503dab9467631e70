"""Which words from a place in a clause on make up a name, and the firm that is told with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from understanding.clauses import Word
from understanding.name_tables import NameLists, NameParts, NameWords
from understanding.prefixes import stems

_MOST_PARTS: Final = 4
"""Of a name, titles and particles not counted."""
_FROM: Final = "מ"
_AND: Final = "ו"
_THE: Final = "ה"
_LONGEST_FIRM: Final = 3
"""Words."""
_MARKS: Final = frozenset("\"'״׳”“")
_OF_ACRONYMS: Final = frozenset('"״”“')
_ARTICLES: Final = ("אל", "אבו", "בן", "בר")
"""Written together with what follows they make second names of any word."""
_OPEN_ANY_NAME: Final = ("אבו", "אום", "אבן", "ואן", "פון")
_PAST_I: Final = "תי"
_IMPERATIVE: Final = re.compile(r"ת\w{2,}[ויי]\Z")
_PLURALS: Final = ("ים", "ות")
_DOUBTFUL_STARTS: Final = ("ב", "ל", "ש", "כש", "מת", "מה", "נת", "ית")
_DOUBTFUL_ENDS: Final = ("נו", "יו", "הם", "הן", "כם", "יך", "תם", "תן", "צמי")
"""Of words with a preposition, a verb's person or "our", "his", "their" at the end."""
_SHORTEST_STEM: Final = 3
_SHORTEST_INFLECTED: Final = 4
_AND_NAMES: Final = re.compile(r"וי\w{2,}(ברג|מן|שטיין|ר|ץ|סקי|ס|יק|וב|וביץ)\Z")
"""Second names of Yiddish and Slavic that begin like "and ..."."""


@dataclass(frozen=True, slots=True)
class Run:
    words: tuple[Word, ...]
    """Of the name, titles included."""
    end: int
    """The place in the clause after the name and the firm."""
    firm: str = ""
    parts: int = 1

    @property
    def text(self) -> str:
        return " ".join(word.written for word in self.words)

    @property
    def plain(self) -> list[str]:
        return [word.plain for word in self.words]


def run_at(words: Sequence[Word], start: int, names: NameWords, *, from_firm: bool = False) -> Run | None:
    """`from_firm`: "from ..." after the name is rather a firm than a second name."""
    lists = names.words
    plain = [word.plain for word in words]
    if _is_city(plain, start, lists):
        return None
    kept: list[Word] = []
    parts, place, end = 0, start, start
    while place < len(words) and parts < _MOST_PARTS:
        if title := 0 if parts else _title_at(words, plain, place, names.parts):
            kept += words[place : place + title]
            place += title
        elif skipped := _skipped_at(plain, place, kept, names):
            place += skipped
        elif parts and (firm_end := _firm_at(plain, place, lists, sure=from_firm or parts > 1)):
            firm = " ".join(word.written for word in words[place:firm_end]).removeprefix(_FROM)
            return Run(_said_once(kept), firm_end, firm, parts)
        elif step := _part_at(words, plain, place, start, names, first=not parts):
            kept += words[place : place + step]
            parts += 1
            place = end = place + step
        else:
            break
    return Run(_said_once(kept), end, parts=parts) if parts else None


def _skipped_at(plain: Sequence[str], place: int, kept: Sequence[Word], names: NameWords) -> int:
    """How many words are said inside a name and are no part of it: "family name", a hum, a name begun twice."""
    if kept and plain[place] == kept[-1].plain and plain[place] in names.words.given:
        return 1
    return 0 if names.parts.compounds.length_at(plain, place) else names.parts.inside.length_at(plain, place)


def _part_at(
    words: Sequence[Word], plain: Sequence[str], place: int, start: int, names: NameWords, *, first: bool
) -> int:
    """How many words make the part of a name that stands there; 0 if none does."""
    parts = names.parts
    if first and parts.titles.length_at(plain, place):
        # A title that nothing follows.
        return 0
    step = parts.compounds.length_at(plain, place) or _particle_at(plain, place, names, first=first)
    if step:
        return step
    if not first and names.announcing.others_do.length_at(plain, place) and not is_known(plain[place], names.words):
        return 0
    if _OF_ACRONYMS & set(words[place].written[1:-1]) and not is_known(plain[place], names.words):
        # An acronym, as of an office.
        return 0
    return int(is_part(plain[place], names, first=first) or _is_name_here(plain, place, start, names))


def _said_once(kept: Sequence[Word]) -> tuple[Word, ...]:
    """ "Cohen, Dana Cohen"."""
    repeated = len(kept) > 2 and kept[0].plain == kept[-1].plain
    return tuple(kept[1:] if repeated else kept)


def _is_city(plain: Sequence[str], start: int, lists: NameLists) -> bool:
    """Whether two words name a place, "from" or "in" before them or not."""
    if start + 1 >= len(plain) or plain[start] in lists.given:
        return False
    return any(stem + plain[start + 1] in lists.cities for stem in stems(plain[start]))


def is_known(word: str, lists: NameLists) -> bool:
    """Whether it is a given or a second name, by the lists or by its ending."""
    return word in lists.given or is_family(word, lists)


def is_family(word: str, lists: NameLists) -> bool:
    return (
        word in lists.family
        or any(word.endswith(ending) and len(word) > len(ending) + 1 for ending in lists.family_endings)
        or any(word.startswith(article) and word.removeprefix(article) in lists.family for article in _ARTICLES)
    )


def is_part(word: str, names: NameWords, *, first: bool) -> bool:
    """Whether the word can belong to a name. `first`: it would be the first of it."""
    lists, announcing = names.words, names.announcing
    if word in lists.never or not word.isalpha() or len(word) == 1:
        return False
    if is_known(word, lists):
        return True
    if word in names.letters or any(
        word in phrases for phrases in (announcing.leads_when_asked, announcing.refusals, announcing.after_name)
    ):
        return False
    if word.startswith(_AND):
        return word.startswith(_AND * 2) or (bool(_AND_NAMES.match(word)) and word[1:] not in lists.given)
    return not is_other(word, lists) and (first or not word.startswith("ה"))


def _is_name_here(plain: Sequence[str], place: int, start: int, names: NameWords) -> bool:
    """Whether a word that is nearly always another is a name: Shelly is written like "my", Shalev like "his"."""
    lists, ends = names.words, place + 1 == len(plain)
    if place == start:
        followed = ends or is_family(plain[place + 1], lists) or plain[place + 1][0] == _AND
        followed = followed or bool(_particle_at(plain, place + 1, names, first=False))
        return plain[place] in lists.given and (followed or bool(_firm_at(plain, place + 1, lists, sure=False)))
    return ends and plain[place] in lists.family


def is_other(word: str, lists: NameLists) -> bool:
    """Whether a word that is on no list of names is seen to be something else, by its form or what it is made of."""
    never = any(stem in lists.never for stem in stems(word))
    if never or any(_is_in(word, words) for words in (lists.things, lists.cities, lists.firms)):
        return True
    if len(word) < _SHORTEST_INFLECTED:
        return False
    return word.endswith((_PAST_I, *_PLURALS)) or bool(_IMPERATIVE.match(word)) or word.startswith("ה")


def _is_in(word: str, words: frozenset[str]) -> bool:
    """With a prefix or without; what is left of a short name without its first letter says nothing."""
    return word in words or any(stem in words and len(stem) >= _SHORTEST_STEM for stem in stems(word))


def is_common(word: str, lists: NameLists) -> bool:
    return _is_in(word, lists.common)


def is_doubtful(word: str, lists: NameLists) -> bool:
    """Whether a word on no list of names is rather no name where nothing announces one."""
    if is_common(word, lists):
        return True
    if len(word) < _SHORTEST_INFLECTED:
        return False
    return word.startswith(_DOUBTFUL_STARTS) or word.endswith(_DOUBTFUL_ENDS) or (len(word) > 5 and word.endswith("ית"))


def _title_at(words: Sequence[Word], plain: Sequence[str], place: int, parts: NameParts) -> int:
    if plain[place] in parts.titles_with_mark and _MARKS & set(words[place].raw[1:]):
        return 1
    step = parts.titles.length_at(plain, place)
    return step if place + step < len(plain) else 0


def _particle_at(plain: Sequence[str], place: int, names: NameWords, *, first: bool) -> int:
    """A particle goes with the word after it: "ben David" is one part."""
    if not names.parts.particles.length_at(plain, place) or place + 1 >= len(plain):
        return 0
    following = plain[place + 1]
    if is_known(following, names.words) or following in names.parts.particles:
        return 2
    sure = not first or plain[place] in _OPEN_ANY_NAME
    return 2 if sure and following.isalpha() and not is_other(following, names.words) else 0


def _firm_at(plain: Sequence[str], place: int, lists: NameLists, *, sure: bool) -> int:
    """The place after the firm or the place that the caller is from; 0 if the word is no "from ..."."""
    word = plain[place]
    if not word.startswith(_FROM) or is_known(word, lists) or len(word) <= len(_FROM) + 1:
        return 0
    rest = word.removeprefix(_FROM)
    in_two = rest + "".join(plain[place + 1 : place + 2]) in lists.cities
    listed = any(rest in listed for listed in (lists.firms, lists.cities, lists.things))
    named = listed or in_two or rest.startswith((_THE, _FROM))
    if not (named or sure) or word in lists.never:
        return 0
    if rest in lists.cities or rest.startswith(_THE):
        return place + 1
    if in_two:
        return place + 2
    end = place + 1
    while end < min(len(plain), place + _LONGEST_FIRM) and plain[end].isalpha():
        if any(stem in lists.never for stem in stems(plain[end])):
            break
        end += 1
        # "The" ends what a firm is called.
        if plain[end - 1].startswith(_THE):
            break
    return end
