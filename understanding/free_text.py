"""The answer to a question of the business's own, as it was given and without what is only around it."""

from __future__ import annotations

from typing import Final

from calls.lead_fields import LeadField
from understanding.language import Language
from understanding.said import Said
from understanding.small_talk import is_no_answer, without_lead_in
from understanding.words import as_text, bare, bare_words, starts_with, without_ending, without_leading

_IN: Final = "ב"


def text_in(said: Said, field: LeadField, language: Language) -> str:
    """ "" for a refusal, a question in return, or a courtesy. An answer in several breaths is one answer."""
    texts = [text for each in (*said.earlier, said.text) if (text := _answer(each, field, language))]
    return " ".join(texts) if _answer(said.text, field, language) else ""


def _answer(text: str, field: LeadField, language: Language) -> str:
    said = Said(text)
    if is_no_answer(said, language):
        return ""
    kinds, talk = language.kinds, language.small_talk
    words = without_lead_in(said.words, talk)
    refuses = any(starts_with(said.words[start:], kinds.no_text) for start in range(len(said.words) - len(words) + 1))
    if refuses or text.rstrip().endswith("?"):
        return ""
    words = without_ending(words, talk.thanks, talk.farewells)
    return as_text(_without_announcement(words, field, language))


def _without_announcement(words: list[str], field: LeadField, language: Language) -> list[str]:
    """Without "it is", and without "the address is" where the question was for the address."""
    subject = {word for word in bare_words(f"{field.question} {field.name}".split()) if len(word) > 1}
    plain = bare_words(words)
    if len(words) > 1 and (plain[0],) in language.kinds.it_is:
        return words[1:]
    there = without_leading(words, language.kinds.lives)
    if 0 < len(there) < len(words) and there[0].startswith(_IN):
        return [there[0].removeprefix(_IN).lstrip("-־"), *there[1:]]
    for place, word in enumerate(plain[1:4], start=1):
        if (word,) in language.kinds.is_words and any(_is_about(said, subject) for said in plain[:place]):
            return words[place + 1 :]
    return words


def _is_about(word: str, subject: set[str]) -> bool:
    """In the question it may stand with the article, and here without."""
    stem = bare(word).removeprefix("ה")
    return len(stem) > 1 and any(stem == asked.removeprefix("ה") for asked in subject)
