"""The name in what a caller says: wherever it is announced, or as a short answer to the question for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from understanding.language import Language, NameWords, Phrases
from understanding.said import Answer, Said
from understanding.small_talk import is_farewell, without_lead_in
from understanding.words import as_text, bare, bare_words, quoted_words, starts_with

_LONGEST_NAME: Final = 3
_LONGEST_ANSWER: Final = 4
"""Words. A longer answer to the question for the name is no bare name."""


def name_in(said: Said, *, asked: bool, language: Language) -> Answer | None:
    names = language.names
    answer = as_text(without_lead_in(said.words, language.small_talk)).split()
    name = _announced(said.words, names.leads, names) or _announced_at_start(answer, names.leads_at_start, names)
    if asked and not name:
        name = _announced_at_start(answer, names.leads_when_asked, names) or _bare_name(said, answer, language)
    return Answer(name) if name else None


def name_stands_in(quote: str, value: str) -> bool:
    """A name is repeated and not interpreted, so each of its words stands in the quote."""
    quoted = quoted_words(quote)
    # One-letter prefixes are written together with the word in Hebrew: "from Dana" is one word.
    return all(any(word in (said, said[1:]) for said in quoted) for word in quoted_words(value))


def _announced(words: list[str], leads: Phrases, names: NameWords) -> str:
    plain = bare_words(words)
    for lead in leads:
        for start in range(len(plain) - len(lead)):
            if tuple(plain[start : start + len(lead)]) == lead:
                return _name_from(words[start + len(lead) :], names)
    return ""


def _announced_at_start(words: list[str], leads: Phrases, names: NameWords) -> str:
    plain = bare_words(words)
    found = next((lead for lead in leads if tuple(plain[: len(lead)]) == lead), None)
    return _name_from(words[len(found) :], names) if found else ""


def _bare_name(said: Said, answer: list[str], language: Language) -> str:
    refused = starts_with(said.words, (*language.yes_no.no, *language.yes_no.yes)) or is_farewell(said.text, language)
    return _name_from(answer, language.names) if len(said.words) <= _LONGEST_ANSWER and not refused else ""


def _name_from(words: Iterable[str], names: NameWords) -> str:
    name: list[str] = []
    for word in list(words)[:_LONGEST_NAME]:
        # A word of one of our lists, a number, or "and ...": the sentence goes on.
        if (bare(word),) in names.ends or any(ch.isdigit() for ch in word) or (name and bare(word).startswith("ו")):
            break
        name.append(word.strip(".,?!;:\"'"))
        if word[-1] in ".,?!;:":
            break
    return " ".join(filter(None, name))
