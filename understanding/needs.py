"""What the caller wants, in the caller's own words: what is said, without all that stands around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from calls.lead_fields import NAME, NEED
from understanding.announced_names import presented
from understanding.clauses import Clause, Word, clauses_of, plain_words
from understanding.language import Language
from understanding.name_words import is_known, run_at
from understanding.persons import wish_in
from understanding.phrases import PhraseSet, consist_of, end_before, start_after
from understanding.said import Answer, Said
from understanding.small_talk import is_small_talk
from understanding.words import as_text, bare_words, is_beginning

_NUMBER: Final = re.compile(r"[לב]?[-־]?[+*(]?[0-9][0-9()/.־–-]*\Z")
_FEWEST_DIGITS: Final = 7
_LONGEST_FIRM: Final = 2
_LONGEST_FIRM_ASKED: Final = 4
"""Words that say who it is that has been called."""
_NATIONAL: Final = ("0", "+", "1", "*", "9")
_AND: Final = "ו"
_TO: Final = "ל"
_THAT: Final = "ש"
_AND_I: Final = ("ואני", "ואנחנו")


def read_need(said: Said, language: Language) -> str:
    """The need as told so far; "" if this utterance tells none.

    As the answer to the question for it, or before any question, everything is a need that is nothing else. Beside
    another answer it is one where the caller says so ("and I need ...").
    """
    if said.asked not in ("", NEED):
        return _volunteered(said, language)
    told = _told(said, language)
    if not told or _only_opens(told, language):
        return ""
    goes_on = told.startswith(_THAT)
    before = [_told(replace(said, text=text, earlier=()), language) for text in said.earlier]
    if before and not before[-1] and goes_on and _is_a_thing(said.earlier[-1], language):
        before[-1] = said.earlier[-1]
    return as_text([*(text for text in before if text and not is_beginning(text, told)), told])


def text_in(said: Said, *, asked: bool, language: Language) -> Answer | None:
    """What was said, without its greeting and what else it tells."""
    need = read_need(replace(said, asked=NEED) if asked else said, language)
    return Answer(need) if asked and need else None


def without_opening(need: str, language: Language) -> str:
    """The need as it may stand inside a sentence of ours: "a repair", not "hello, I would like a repair"."""
    words = need.split()
    return as_text(words[start_after(bare_words(words), language.needs.openings) :])


def _told(said: Said, language: Language) -> str:
    kept: list[Clause] = []
    cut_before = False
    for clause in _without_name(said, language):
        words = _without_number(clause.words, language)
        words = _without_wish(words, language)
        cut_before = cut_before or len(words) < len(clause.words)
        plain = [word.plain for word in words]
        if not words or _is_no_need(plain, language) or _asks_who_answers(plain, clause, language):
            continue
        kept.append(Clause(tuple(words), clause.asks))
    words = _within(kept, language)
    if not words or _is_no_need([word.plain for word in words], language) or _is_bare_name(words, language):
        return ""
    texts = [word.raw for word in words]
    if texts[0].startswith(_AND) and _begins_a_sentence(words[0].plain[1:], language):
        texts[0] = texts[0].removeprefix(_AND)
    return as_text(texts)


def _volunteered(said: Said, language: Language) -> str:
    sets = [language.needs.volunteered, *([language.needs.volunteered_for_name] if said.asked == NAME else [])]
    if not _may_begin(said.text, sets):
        return ""
    words = [word for clause in clauses_of(_told(said, language)) for word in clause.words]
    begins = {0, *(place + 1 for place, word in enumerate(words) if word.raw[-1] in ",.!;:")}
    plain = [
        word.plain.removeprefix(_AND) if _joins(word, place in begins) else word.plain
        for place, word in enumerate(words)
    ]
    for start in range(len(plain)):
        step = max(phrases.length_at(plain, start) for phrases in sets)
        # "You need" is somebody else's need: one word alone counts only where a clause begins.
        if (step > 1 or start in begins) and 0 < step < len(plain) - start:
            refused = start and plain[start - 1] == "לא"
            of_call = language.needs.about_the_call.length_at(plain, start + step)
            return (
                ""
                if refused or of_call
                else as_text([words[start].raw.removeprefix(_AND), *(word.raw for word in words[start + 1 :])])
            )
    return ""


def _may_begin(text: str, sets: Sequence[PhraseSet]) -> bool:
    """Whether any word can begin a phrase of these. Few answers have one; reading the others as a need costs most."""
    plain = plain_words(clauses_of(text))
    return any(
        phrases.begins_with(word.removeprefix(_AND)) or phrases.begins_with(word) for word in plain for phrases in sets
    )


def _joins(word: Word, begins: bool) -> bool:
    """Whether "and" is written together with the word."""
    return begins or word.plain in _AND_I


def _without_name(said: Said, language: Language) -> list[Clause]:
    clauses, found = presented(said.text, said.asked, language)
    if not found:
        return list(clauses)
    words = clauses[found.clause].words
    before, after = Clause(words[: found.start]), Clause(words[found.run.end :], clauses[found.clause].asks)
    return [
        clause for clause in (*clauses[: found.clause], before, after, *clauses[found.clause + 1 :]) if clause.words
    ]


def _without_number(words: Sequence[Word], language: Language) -> list[Word]:
    """Telephone numbers are dictated in groups, as digits or in words."""
    plain = [word.plain for word in words]
    kept: list[Word] = []
    place = 0
    while place < len(words):
        end, digits = place, 0
        while end < len(words) and (more := _digits_of(words[end], language)):
            end, digits = end + 1, digits + more
        if digits >= _FEWEST_DIGITS and _is_dialled(words[place], language):
            lead = language.needs.number_leads.length_before([word.plain for word in kept], len(kept))
            kept = kept[: len(kept) - lead]
        else:
            end = max(end, place + 1)
            kept += words[place:end]
        place = end
    return kept if len(kept) < len(plain) else list(words)


def _digits_of(word: Word, language: Language) -> int:
    """How many digits the word stands for; those of tens and hundreds count as one."""
    if _NUMBER.match(word.raw.strip(".,?!;:")):
        return sum(ch.isdigit() for ch in word.raw)
    spoken = (word.plain, word.plain.removeprefix(_AND))
    return int(any(text in language.numbers.forms or text in language.needs.number_words for text in spoken))


def _is_dialled(word: Word, language: Language) -> bool:
    return word.raw.lstrip("לב-־(").startswith(_NATIONAL) or language.numbers.digits.get(word.plain, "") in ("0", "1")


def _without_wish(words: Sequence[Word], language: Language) -> list[Word]:
    wish = wish_in([word.plain for word in words], language)
    if wish is None:
        return list(words)
    start = wish[0]
    needs = language.needs
    openings = (needs.openings, needs.incomplete, language.small_talk.fillers, language.persons.wishes.wish)
    if start_after([word.plain for word in words], *openings) >= start:
        start = 0
    return [*words[:start], *words[wish[1] :]]


def _is_no_need(plain: list[str], language: Language) -> bool:
    talk = language.small_talk
    if talk.thanks.length_at(plain, 0) == 1 and len(plain) > 1 and plain[1].startswith("ש"):
        # "Thank you that ..."
        return True
    without_adverbs = [word for word in plain if word not in language.needs.adverbs]
    return is_small_talk(plain, talk) or consist_of(
        without_adverbs,
        talk.greetings,
        talk.day_greetings,
        talk.fillers,
        talk.answers,
        talk.thanks,
        talk.farewells,
        talk.wishes,
        talk.closings,
        language.needs.no_need,
        language.needs.number_leads,
    )


def _asks_who_answers(plain: Sequence[str], clause: Clause, language: Language) -> bool:
    """ "Is that the garage?", "have I reached the clinic?"."""
    start = start_after(plain, language.small_talk.greetings, language.small_talk.fillers)
    step = language.needs.reached.length_at(plain, start)
    firm = plain[start + step :]
    if not step or not firm or (step == 1 and not firm[0].startswith(_TO)):
        return False
    return len(firm) <= (_LONGEST_FIRM_ASKED if clause.asks else _LONGEST_FIRM)


def _within(clauses: Sequence[Clause], language: Language) -> list[Word]:
    """The words without what leads in and what takes leave."""
    words = [word for clause in clauses for word in clause.words]
    plain = plain_words(clauses)
    talk = language.small_talk
    sets: tuple[PhraseSet, ...] = (talk.greetings, talk.day_greetings, talk.fillers)
    start = start_after(plain, *sets)
    # "Can I ask something" is said before a need as well, in one breath with it.
    while (step := language.needs.no_need.length_at(plain, start)) > 1 and not _only_opens(
        as_text(plain[start:]), language
    ):
        start = start_after(plain, *sets, start=start + step)
    end = max(end_before(plain, talk.thanks, talk.farewells, talk.wishes), start)
    return words[start:end]


def _is_bare_name(words: Sequence[Word], language: Language) -> bool:
    run = run_at(words, 0, language.names)
    return run is not None and run.end == len(words) and all(is_known(word, language.names.words) for word in run.plain)


def _is_a_thing(text: str, language: Language) -> bool:
    """Whether what could be a name is also something that needs repair: "dud shemesh", a boiler."""
    plain = bare_words(text.split())
    lists = language.names.words
    return bool(plain) and all(word in lists.also_words or word in lists.common for word in plain)


def _begins_a_sentence(word: str, language: Language) -> bool:
    return word in language.needs.openings or word in language.names.words.never


def _only_opens(text: str, language: Language) -> bool:
    needs = language.needs
    return consist_of(bare_words(text.split()), needs.openings, needs.incomplete, language.small_talk.fillers)
