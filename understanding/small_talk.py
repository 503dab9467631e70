"""Greetings, hums, thanks and farewells: words that tell nothing of the caller, and whether they take leave.

Leave is taken with all that is said or with the end of it, and with nothing wanted beside it.
"""

from __future__ import annotations

from typing import Final

from calls.lead_fields import NEED
from understanding.clauses import clauses_of, plain_words
from understanding.language import Language, SmallTalk
from understanding.phrases import PhraseSet, consist_of, end_before, start_after
from understanding.prefixes import without_prefix
from understanding.said import Said
from understanding.words import bare_words, quoted_words

_AND: Final = "ו"


def says_something(text: str, language: Language) -> bool:
    """Whether there is anything in it to summarize."""
    return any(word not in language.small_talk.empty for word in quoted_words(text))


def is_no_answer(said: Said, language: Language) -> bool:
    """Whether it is a yes, a no, or a courtesy, and nothing else."""
    return is_small_talk(list(filter(None, bare_words(said.words))), language.small_talk)


def is_small_talk(plain: list[str], talk: SmallTalk) -> bool:
    """The words without punctuation (`bare`). Nothing said is small talk as well."""
    return consist_of(
        plain, talk.greetings, talk.day_greetings, talk.fillers, talk.answers, talk.thanks, talk.farewells, talk.wishes
    )


def is_farewell(said: Said | str, language: Language) -> bool:
    """A text alone is judged as if nobody had asked anything."""
    said = Said(said) if isinstance(said, str) else said
    talk = language.small_talk
    clauses = clauses_of(said.text)
    plain = _without_and(plain_words(clauses), talk.thanks, talk.farewells, talk.wishes)
    if any(clause.asks for clause in clauses):
        return False
    courtesies = (talk.thanks, talk.farewells, talk.wishes, talk.with_farewell, talk.after_farewell, talk.fillers)
    if consist_of(plain, *courtesies, talk.closings, talk.answers, talk.greetings):
        return _has(plain, talk.farewells, talk.closings) or (
            _has(plain, talk.wishes) and not _greets(plain, said, language)
        )
    ending = plain[end_before(plain, *courtesies, talk.closings) :]
    before = plain[: len(plain) - len(ending)]
    thanked_and_done = _has(ending, talk.closings) and _has(ending, talk.thanks)
    takes_leave = _has(ending, talk.farewells, talk.wishes) or thanked_and_done
    return takes_leave and not _wants_something(before, language)


def without_lead_in(words: list[str], talk: SmallTalk) -> list[str]:
    return words[start_after(bare_words(words), talk.greetings, talk.day_greetings, talk.fillers) :]


def _greets(plain: list[str], said: Said, language: Language) -> bool:
    """Good wishes open calls as well: "good evening" always, "good day" as an answer to our greeting."""
    talk = language.small_talk
    opens = said.asked == NEED and NEED not in said.known and not said.earlier
    first = start_after(plain, talk.fillers)
    if _has(plain[:first], talk.thanks):
        return False
    if talk.greetings.length_at(plain, first) and consist_of(plain, talk.greetings, talk.day_greetings, talk.fillers):
        return True
    return opens and consist_of(plain, talk.greetings, talk.day_greetings, talk.fillers)


def _wants_something(plain: list[str], language: Language) -> bool:
    things = language.names.words.things
    return _has(plain, language.small_talk.requests) or any(
        word in things or without_prefix(word) in things for word in plain
    )


def _without_and(plain: list[str], *sets: PhraseSet) -> list[str]:
    """ "And have a good day" is said like "have a good day"."""
    words = list(plain)
    for place, word in enumerate(plain):
        bare = [*words[:place], word.removeprefix(_AND), *plain[place + 1 :]]
        if bare[place] and not _has([word], *sets) and any(phrases.length_at(bare, place) for phrases in sets):
            words = bare
    return words


def _has(plain: list[str], *sets: PhraseSet) -> bool:
    return any(phrases.length_at(plain, start) for start in range(len(plain)) for phrases in sets)
