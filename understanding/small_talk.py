"""Greetings, hums, thanks and farewells: words that tell nothing of the caller."""

from __future__ import annotations

from understanding.language import Language, SmallTalk
from understanding.said import Said
from understanding.words import as_text, contains, is_only, quoted_words, without_ending, without_leading


def says_something(text: str, language: Language) -> bool:
    """Whether there is anything in it to summarize."""
    return any((word,) not in language.small_talk.empty for word in quoted_words(text))


def is_farewell(text: str, language: Language) -> bool:
    return contains(text.split(), language.small_talk.farewells)


def is_no_answer(said: Said, language: Language) -> bool:
    """Whether it is a yes, a no, or a courtesy, and nothing else."""
    talk = language.small_talk
    return is_only(said.words, language.yes_no.yes, language.yes_no.no, talk.farewells, talk.greetings, talk.thanks)


def without_lead_in(words: list[str], talk: SmallTalk) -> list[str]:
    return without_leading(words, talk.greetings, talk.fillers)


def without_courtesies(words: list[str], talk: SmallTalk) -> str:
    """Neither the lead-in nor the thanks and farewells at the end."""
    return as_text(without_lead_in(without_ending(words, talk.thanks, talk.farewells), talk))
