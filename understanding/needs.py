"""What the caller wants, in the caller's own words."""

from __future__ import annotations

from understanding.language import Language
from understanding.said import Answer, Said
from understanding.small_talk import is_no_answer, without_lead_in
from understanding.words import as_text, bare_words, without_leading


def text_in(said: Said, *, asked: bool, language: Language) -> Answer | None:
    """The whole answer, without its greeting."""
    text = as_text(without_lead_in(said.words, language.small_talk))
    return Answer(text) if asked and text and not is_no_answer(said, language) else None


def without_opening(need: str, language: Language) -> str:
    """The need as it may stand inside a sentence of ours: "a repair", not "hello, I would like a repair"."""
    return as_text(without_leading(need.split(), language.needs.openings))


def wants_person(text: str, language: Language) -> bool:
    return any((word,) in language.needs.person for word in bare_words(text.split()))
