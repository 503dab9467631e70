"""When the caller wants to be called back, as the caller puts it."""

from __future__ import annotations

from understanding.language import Language
from understanding.said import Answer, Said
from understanding.small_talk import is_no_answer, without_courtesies


def time_in(said: Said, *, asked: bool, language: Language) -> Answer | None:
    time = without_courtesies(said.words, language.small_talk)
    return Answer(time) if asked and time and not is_no_answer(said, language) else None
