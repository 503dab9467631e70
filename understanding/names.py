"""The caller's name in what is said: announced, asked for, spelled out, or put right after we had it wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from calls.lead_fields import NAME
from understanding.announced_names import Found, announced, lead_in_end, presented, without_courtesies
from understanding.clauses import Clause, clauses_of
from understanding.language import Language
from understanding.name_correction import corrected, in_place_of
from understanding.name_words import Run, is_family, run_at
from understanding.phrases import consist_of
from understanding.said import Said
from understanding.spelling import is_like, spelled_name
from understanding.words import quoted_words


@dataclass(frozen=True, slots=True)
class NameReading:
    name: str = ""
    """As the caller said it, titles included; "" if none was told."""
    firm: str = ""
    """Where the caller is from, if that was told with the name: "the garage"."""
    is_correction: bool = False
    """It takes the place of the name in `Said.known`. Without a name: that one is wrong."""
    refused: bool = False
    """The question for the name was answered, and not with a name."""


def read_name(said: Said, language: Language) -> NameReading:
    clauses, found = presented(said.text, said.asked, language)
    clauses = without_courtesies(clauses, language)
    known = said.known.get(NAME, "")
    if known and (correction := corrected(clauses, known, language, asked=said.asked == NAME)) is not None:
        return NameReading(correction, is_correction=True)
    if spelled := _spelled(said, clauses, language):
        return NameReading(spelled, is_correction=_is_other(spelled, known))
    if said.asked != NAME and not known and said.earlier:
        # "My name is" - and a pause before the name.
        clauses = _with_lead_before(said, clauses, language)
        found = announced(clauses, said, language)
    if not found:
        return NameReading(refused=said.asked == NAME and _refuses(clauses, language))
    name = _with_first_name_before(said, _completed(clauses, found, language), language)
    return NameReading(name, found.run.firm, is_correction=_is_other(name, known))


def name_stands_in(quote: str, value: str) -> bool:
    """A name is repeated and not interpreted, so each of its words stands in the quote."""
    quoted = quoted_words(quote)
    # One-letter prefixes are written together with the word in Hebrew: "from Dana" is one word.
    return all(any(word in (said, said[1:]) for said in quoted) for word in quoted_words(value))


def _is_other(name: str, known: str) -> bool:
    return bool(known) and quoted_words(name) != quoted_words(known)


def _refuses(clauses: Sequence[Clause], language: Language) -> bool:
    for clause in clauses:
        plain = clause.plain
        start = lead_in_end(plain, language)
        places = (start, start + 1 if start < len(plain) and plain[start] == "אני" else start)
        if any(language.names.announcing.refusals.length_at(plain, place) for place in places):
            return True
    return bool(clauses) and all(clause.plain == ["לא"] for clause in clauses)


def _completed(clauses: Sequence[Clause], found: Found, language: Language) -> str:
    """The name with what the next clauses add: a second name after a pause, the whole name again, another instead."""
    names, run = language.names, found.run
    text, plain = run.text, run.plain
    replacing = expecting_family = False
    ends_clause = run.end >= len(clauses[found.clause].words)
    if not ends_clause and run.parts == 1 and (whole := _said_in_full(clauses[found.clause + 1 :], run, language)):
        return whole
    for clause in clauses[found.clause + 1 : found.clause + 4] if ends_clause else ():
        if consist_of(clause.plain, names.putting_right.corrections, language.small_talk.fillers):
            replacing = replacing or consist_of(clause.plain, names.putting_right.corrections)
            continue
        start = lead_in_end(clause.plain, language)
        if (lead := names.parts.family_leads.length_at(clause.plain, start)) and run.parts == 1:
            if lead == len(clause.words):
                expecting_family = True
                continue
            second = run_at(clause.words, start + lead, names)
            return f"{text} {second.text}" if second else text
        following = run_at(clause.words, start, names)
        if not following or following.end < len(clause.words) or clause.asks:
            return text
        first = following.plain[0]
        if expecting_family:
            return f"{text} {following.text}"
        if replacing and (first in names.words.given or is_like(first, plain[0])):
            text, plain = following.text, following.plain
        elif plain[-1:] == following.plain[:1] or plain[0] == first or plain[0] in following.plain:
            text, plain = (following.text, following.plain) if len(following.plain) >= len(plain) else (text, plain)
        elif run.parts == 1 and is_family(first, names.words) and first not in names.words.given and not replacing:
            return f"{text} {following.text}"
        else:
            return text
    return text


def _said_in_full(clauses: Sequence[Clause], run: Run, language: Language) -> str:
    """ "Hila with a he, Hila Carmel"."""
    for clause in clauses:
        later = run_at(clause.words, lead_in_end(clause.plain, language), language.names)
        if later and later.parts > 1 and later.plain[0] == run.plain[0] and later.end == len(clause.words):
            return later.text
    return ""


def _spelled(said: Said, clauses: Sequence[Clause], language: Language) -> str:
    names = language.names
    if said.asked != NAME and not _says_it_spells(clauses, language):
        return ""
    spelled = spelled_name(_letters_so_far(said, clauses, language), names)
    if spelled is None:
        return ""
    found = announced(spelled.rest, replace(said, asked=NAME, earlier=()), language)
    if not found:
        all_said = consist_of(
            [word for clause in spelled.rest for word in clause.plain],
            language.small_talk.fillers,
            language.small_talk.answers,
            language.small_talk.greetings,
            language.small_talk.thanks,
        )
        return " ".join(spelled.words) if all_said else ""
    return in_place_of(spelled.words, found.run, language)


def _says_it_spells(clauses: Sequence[Clause], language: Language) -> bool:
    phrases = language.names.putting_right.spelled_out
    return any(
        phrases.length_at(clause.plain, place) > 1 or "אות" in word or "אאיית" in word
        for clause in clauses
        for place, word in enumerate(clause.plain)
    )


def _letters_so_far(said: Said, clauses: Sequence[Clause], language: Language) -> Sequence[Clause]:
    """With the utterances before that were letters and nothing else."""
    so_far = list(clauses)
    for text in reversed(said.earlier):
        before = clauses_of(text)
        plain = [word for clause in before for word in clause.plain]
        if not plain or not all(word in language.names.letters for word in plain):
            break
        so_far = [*before, *so_far]
    return so_far


def _with_lead_before(said: Said, clauses: Sequence[Clause], language: Language) -> Sequence[Clause]:
    before = clauses_of(said.earlier[-1])
    leads = language.names.announcing.leads
    return (
        [before[-1], *clauses] if before and leads.length_before(before[-1].plain, len(before[-1].plain)) else clauses
    )


def _with_first_name_before(said: Said, name: str, language: Language) -> str:
    """A second name that is said after the first one, in an utterance of its own."""
    words = quoted_words(name)
    if said.asked != NAME or not said.earlier or len(words) > 1 or not is_family(words[0], language.names.words):
        return name
    before = announced(
        clauses_of(said.earlier[-1]), replace(said, text=said.earlier[-1], earlier=(), known={}), language
    )
    told: Run | None = before.run if before else None
    alone = told is not None and told.parts == 1 and told.plain != words and told.plain[0] in language.names.words.given
    return f"{told.text} {name}" if told and alone else name
