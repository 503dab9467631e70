"""Where in an utterance the caller's name is said: announced anywhere, or as the answer to the question for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from calls.lead_fields import NAME, NEED
from understanding.clauses import Clause, clauses_of
from understanding.language import Language
from understanding.name_tables import NameWords
from understanding.name_words import Run, is_common, is_doubtful, is_family, is_known, run_at
from understanding.persons import wish_in
from understanding.phrases import PhraseSet, consist_of, end_before, start_after
from understanding.said import Said

_LONGEST_UNKNOWN: Final = 2
"""Words. A longer answer whose words are on no list of names is no bare name."""
_THAT: Final = "ש"
_THAT_I: Final = "שאני"
_I: Final = "אני"
_NOT: Final = "לא"
_THE: Final = "ה"
_BEFORE_LEADS: Final = ("אבל", "אז", "לא", "כי")
_NEIGHBOURS: Final = ("השכן", "השכנה", "השותף", "השותפה")
_HERE: Final = ("כאן", "פה")
_PRESENTING: Final = ("זאת", "זו", "כאן", "פה")
_TO: Final = "ל"
_AND: Final = "ו"


@dataclass(frozen=True, slots=True)
class Found:
    run: Run
    clause: int
    start: int
    """The place in the clause where the announcement begins."""


def parted(clauses: Sequence[Clause], language: Language) -> list[Clause]:
    """The clauses as they are meant: a hum parts none, a word of correction between two names does."""
    return [part for clause in _without_hums(clauses, language) for part in _at_correction(clause, language.names)]


def _at_correction(clause: Clause, names: NameWords) -> list[Clause]:
    """ "Dani, no sorry, Daniel", where the recognizer wrote no punctuation."""
    plain, given = clause.plain, names.words.given
    for place in range(1, len(plain) - 1):
        step = names.putting_right.corrections.length_at(plain, place)
        after = place + step
        # "Dana not Dina" takes no name back.
        if not step or plain[place:after] == [_NOT] or after >= len(plain):
            continue
        if plain[place - 1] in given and plain[after] in given:
            words = clause.words
            return [Clause(words[:place]), Clause(words[place:after]), Clause(words[after:], clause.asks)]
    return [clause]


def _without_hums(clauses: Sequence[Clause], language: Language) -> list[Clause]:
    """The clauses, those joined that only a hum parts: "Dana, er, Levi"."""
    joined: list[Clause] = []
    hummed = False
    for clause in clauses:
        if joined and not joined[-1].asks and consist_of(clause.plain, language.names.announcing.hums):
            hummed = True
        elif hummed:
            joined[-1] = Clause((*joined[-1].words, *clause.words), clause.asks)
            hummed = False
        else:
            joined.append(clause)
    return joined


@lru_cache(maxsize=64)
def presented(text: str, asked: str, language: Language) -> tuple[Sequence[Clause], Found | None]:
    """The clauses of an utterance, and the name in them. Kept for the last ones: the need is what stands beside it."""
    clauses = parted(clauses_of(text), language)
    return clauses, announced(without_courtesies(clauses, language), Said(text, asked), language)


def without_courtesies(clauses: Sequence[Clause], language: Language) -> list[Clause]:
    """The clauses without the thanks that they end in; one of nothing else is kept."""
    ends = [end_before(clause.plain, language.small_talk.thanks) or len(clause.words) for clause in clauses]
    return [
        clause if end == len(clause.words) else Clause(clause.words[:end], clause.asks)
        for clause, end in zip(clauses, ends, strict=True)
    ]


def announced(clauses: Sequence[Clause], said: Said, language: Language) -> Found | None:
    """The first name that is clearly the caller's, the surest announcements tried first."""
    ways = _WAYS_WHEN_ASKED if said.asked == NAME else _WAYS_WHEN_OPENING if said.asked in ("", NEED) else _WAYS
    return next((found for way in ways for found in way(clauses, said, language)), None)


def lead_in_end(plain: Sequence[str], language: Language, start: int = 0) -> int:
    talk = language.small_talk
    return start_after(plain, talk.greetings, talk.day_greetings, talk.fillers, talk.thanks, start=start)


def _by_lead(clauses: Sequence[Clause], said: Said, language: Language) -> Iterator[Found]:
    names = language.names
    for place, clause in enumerate(clauses):
        plain = clause.plain
        for start in range(len(plain)):
            if step := names.announcing.leads.length_at(plain, start):
                if start + step < len(plain):
                    run = run_at(clause.words, _after_hums(plain, start + step, language), names)
                    if run and not _is_just_a_word(run, names):
                        yield Found(run, place, start)
                # "My name is: ..." is a clause of its own.
                elif place + 1 < len(clauses) and (run := run_at(clauses[place + 1].words, 0, names)):
                    yield Found(run, place + 1, 0)


def _by_lead_at_start(clauses: Sequence[Clause], said: Said, language: Language) -> Iterator[Found]:
    names = language.names
    for place, clause in enumerate(clauses):
        plain = clause.plain
        first = lead_in_end(plain, language)
        for start in range(len(plain)):
            if step := names.announcing.leads_at_start.length_at(plain, start):
                run = run_at(clause.words, _after_hums(plain, start + step, language), names, from_firm=True)
                if run and (_is_plainly_a_name(run, names) or (start == first and not _is_just_a_word(run, names))):
                    yield Found(run, place, start)


def _by_weak_lead(clauses: Sequence[Clause], said: Said, language: Language) -> Iterator[Found]:
    names, asked = language.names, said.asked == NAME
    for place, clause in enumerate(clauses):
        plain = clause.plain
        for start, is_afterthought in _weak_leads(plain, language):
            step = start_after(plain, names.announcing.weak_leads, start=start) - start
            place_of_name = _after_role(plain, _after_hums(plain, start + step, language), language)
            run = run_at(clause.words, place_of_name, names, from_firm=True)
            if not run or not _stands(run, clause, language, asked=asked):
                continue
            plainly = _is_plainly_a_name(run, names) or _closed(run, plain, start, language)
            # "It is a David boiler."
            of_thing = run.end < len(plain) and plain[run.end] in names.words.things
            if (asked and not is_afterthought) or (plainly and not clause.asks and not of_thing):
                yield Found(run, place, start)


def _weak_leads(plain: Sequence[str], language: Language) -> Iterator[tuple[int, bool]]:
    """The places of those that can announce a name: at the beginning or after a "but"; and, as an afterthought, at the
    end: "I am looking for a technician I am Limor"."""
    leads, first = language.names.announcing.weak_leads, lead_in_end(plain, language)
    starts = [first, *(at + 1 for at in range(first, len(plain)) if plain[at] in _BEFORE_LEADS)]
    starts += [at for at in range(first, len(plain)) if plain[at] == _THAT_I]
    found = next((at for at in starts if leads.length_at(plain, at)), -1)
    if found >= 0:
        yield found, False
    last = len(plain) - 2
    if last > max(found, 0) and plain[last] == _I:
        yield last, True


def _closed(run: Run, plain: Sequence[str], start: int, language: Language) -> bool:
    """Whether a word that is also a name is one here: "I am ..." alone, or with who it is from."""
    known = _first_name(run, language.names) in language.names.words.given
    alone = run.end == len(plain) or plain[run.end].startswith(_AND)
    presents = plain[start] in _PRESENTING and language.needs.openings.length_at(plain, run.end) > 0
    presents = presents or (plain[start] in _HERE and run.end == len(plain))
    return known and (bool(run.firm) or (alone and plain[start] == "אני") or presents)


def _by_what_follows(clauses: Sequence[Clause], said: Said, language: Language) -> Iterator[Found]:
    """ "Dana speaking"."""
    names = language.names
    for place, clause in enumerate(clauses):
        plain = clause.plain
        start = lead_in_end(plain, language)
        run = run_at(clause.words, start, names)
        step = names.announcing.after_name.length_at(plain, run.end) if run and not clause.asks else 0
        if not run or not step:
            continue
        end = run.end + step
        if _is_plainly_a_name(run, names) or (said.asked == NAME and end == len(plain)):
            yield Found(Run(run.words, end, run.firm, run.parts), place, start)


def _by_message(clauses: Sequence[Clause], said: Said, language: Language) -> Iterator[Found]:
    """ "Tell him that Dana called"."""
    lists = language.names.words
    for place, clause in enumerate(clauses):
        plain = clause.plain
        for start, word in enumerate(plain[:-1]):
            if not word.startswith(_THAT) or word[1:] not in lists.given or word in lists.given:
                continue
            end = start + 1 + (is_family(plain[start + 1], lists) and len(plain) > start + 2)
            if language.names.announcing.left_message.length_at(plain, end):
                yield Found(Run((clause.words[start].without_first, *clause.words[start + 1 : end]), end), place, start)


def _by_lead_when_asked(clauses: Sequence[Clause], said: Said, language: Language) -> Iterator[Found]:
    names = language.names
    for place, clause in enumerate(clauses):
        plain = clause.plain
        start = lead_in_end(plain, language)
        on_behalf = (at for at in range(start, len(plain)) if names.announcing.on_name_of.length_at(plain, at))
        start = next(on_behalf, start)
        if names.parts.family_leads.length_at(plain, start) and place:
            # It belongs to the name before it.
            continue
        step = names.announcing.leads_when_asked.length_at(plain, start)
        run = run_at(clause.words, _after_hums(plain, start + step, language), names) if step else None
        if not run or not _stands(run, clause, language, asked=True):
            run = _addressed(clause, start, names) if start < len(plain) else None
        if run:
            yield Found(run, place, start)


def _addressed(clause: Clause, start: int, names: NameWords) -> Run | None:
    """ "To Dana", which is one word."""
    word = clause.words[start]
    stem = word.plain[1:]
    titled = names.parts.titles.length_at([stem, *clause.plain[start + 1 :]], 0)
    if not word.plain.startswith(_TO) or is_known(word.plain, names.words):
        return None
    if not titled and not is_known(stem, names.words):
        return None
    words = (*clause.words[:start], word.without_first, *clause.words[start + 1 :])
    return run_at(words, start, names)


def _bare(clauses: Sequence[Clause], said: Said, language: Language) -> Iterator[Found]:
    names, talk = language.names, language.small_talk
    for place, clause in enumerate(clauses):
        plain = clause.plain
        start = 0 if _is_whole_name(clause, names) else lead_in_end(plain, language)
        start = _after_role(plain, start, language)
        run = run_at(clause.words, start, names)
        if not run or not _stands(run, clause, language, asked=True):
            continue
        rest = plain[run.end :]
        plainly = _is_plainly_a_name(run, names)
        finished = consist_of(rest, talk.thanks, talk.fillers, talk.farewells, names.announcing.after_name)
        if plainly or finished or _goes_on(rest, language):
            yield Found(run, place, start)


def _is_whole_name(clause: Clause, names: NameWords) -> bool:
    """Whether what sounds like a greeting begins a name: "Shalom Cohen"."""
    run, lists = run_at(clause.words, 0, names), names.words
    if run is None or run.end < len(clause.words) or run.parts < 2:
        return False
    return run.plain[0] in lists.given and run.plain[-1] in lists.family - lists.given


def _goes_on(rest: Sequence[str], language: Language) -> bool:
    """Whether after a name another sentence begins, or another name."""
    if not rest:
        return False
    lists, following = language.names.words, rest[0]
    joined = following.removeprefix(_AND) in lists.never or (
        following.startswith(_AND) and following[1:] in lists.given
    )
    return following.isdigit() or following.startswith(_THE) or joined


def _presented(clauses: Sequence[Clause], said: Said, language: Language) -> Iterator[Found]:
    """Nobody asked, but all that a clause has before a number is a given and a second name."""
    names = language.names
    for place, clause in enumerate(clauses):
        start = lead_in_end(clause.plain, language)
        run = run_at(clause.words, start, names)
        if not run or run.parts < 2 or clause.asks:
            continue
        if run.end < len(clause.words) and not clause.plain[run.end].isdigit():
            continue
        if _is_plainly_a_name(run, names) and all(is_known(word, names.words) for word in run.plain):
            yield Found(run, place, start)


def _stands(run: Run, clause: Clause, language: Language, *, asked: bool) -> bool:
    """Whether these words are the caller's name, and not somebody's who did something, nor just words."""
    names, plain = language.names, clause.plain
    acts_at = start_after(plain, names.announcing.adverbs, start=run.end)
    acts = any(names.announcing.others_do.length_at(plain, place) for place in (run.end, acts_at))
    if acts or wish_in(plain, language) is not None:
        return False
    if len(run.plain) > 1 and consist_of(run.plain, language.persons.who.people):
        return False
    if "".join(run.plain) in names.words.cities and (run.parts > 1 or run.plain[0] not in names.words.given):
        return False
    if is_known(_first_name(run, names), names.words) or (asked and names.parts.compounds.length_at(run.plain, 0)):
        return True
    if not asked or clause.asks or any(not is_known(w, names.words) and is_doubtful(w, names.words) for w in run.plain):
        return False
    longest = _LONGEST_UNKNOWN + any(is_known(word, names.words) for word in run.plain)
    return run.parts <= longest and _is_followed_well(run, plain, language)


def _is_followed_well(run: Run, plain: Sequence[str], language: Language) -> bool:
    talk, rest = language.small_talk, plain[run.end :]
    after: tuple[PhraseSet, ...] = (talk.thanks, talk.fillers, talk.farewells, language.names.announcing.after_name)
    return bool(run.firm) or consist_of(rest, *after) or _goes_on(rest, language)


def _is_plainly_a_name(run: Run, names: NameWords) -> bool:
    """A given name that is nothing else, or a word that is also a name with a second name after it."""
    first, lists = _first_name(run, names), names.words
    if len(run.words) > run.parts and run.plain[0] not in lists.also_words:
        return True
    if first in lists.given and first not in lists.also_words:
        return True
    return run.parts > 1 and is_known(first, lists) and is_known(run.plain[-1], lists)


def _is_just_a_word(run: Run, names: NameWords) -> bool:
    first = _first_name(run, names)
    return not is_known(first, names.words) and is_common(first, names.words)


def _first_name(run: Run, names: NameWords) -> str:
    """The first word that is no title."""
    titles = start_after(run.plain, names.parts.titles, names.parts.titles_with_mark)
    return run.plain[titles] if titles < len(run.plain) else run.plain[-1]


def _after_role(plain: Sequence[str], start: int, language: Language) -> int:
    """The place of the name in "the neighbour Dana"; a relative of the caller's is somebody else."""
    lists = language.names.words
    if start + 1 >= len(plain) or not plain[start].startswith(_THE) or is_known(plain[start], lists):
        return start
    named = plain[start + 1] in lists.given and plain[start + 1] not in lists.also_words
    own = language.persons.who.callers_own.length_at(plain, start)
    return start + 1 if named and (not own or plain[start] in _NEIGHBOURS) else start


def _after_hums(plain: Sequence[str], start: int, language: Language) -> int:
    """Hums may stand between the announcement and the name."""
    return start_after(plain, language.small_talk.fillers, language.names.announcing.adverbs, start=start)


_Way = Callable[[Sequence[Clause], Said, Language], Iterator[Found]]
_WAYS: Final[tuple[_Way, ...]] = (_by_lead, _by_lead_at_start, _by_weak_lead, _by_what_follows, _by_message)
_WAYS_WHEN_ASKED: Final = (*_WAYS, _by_lead_when_asked, _bare)
_WAYS_WHEN_OPENING: Final = (*_WAYS, _presented)
