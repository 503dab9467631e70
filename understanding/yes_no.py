"""Whether an answer begins with a yes or with a no."""

from __future__ import annotations

from understanding.language import Language
from understanding.said import Said
from understanding.words import starts_with


def says_yes(said: Said, language: Language) -> bool:
    return starts_with(said.words, language.yes_no.yes)


def says_no(said: Said, language: Language) -> bool:
    return starts_with(said.words, language.yes_no.no)
