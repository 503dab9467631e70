"""Whether what was just asked can be answered by yes or no: then a yes over it is an answer, no acknowledgement."""

from __future__ import annotations

import re
from typing import Final

from understanding.language import Language
from understanding.words import bare_words

_SENTENCES: Final = re.compile(r"[^.!?\n]+[.!?]*")


def is_yes_no_question(text: str, language: Language) -> bool:
    """Of the last sentence of what was asked."""
    sentences = _SENTENCES.findall(text)
    if not sentences or not sentences[-1].rstrip().endswith("?"):
        return False
    plain = [word for word in bare_words(sentences[-1].split()) if word]
    asks = language.turns.over.open_questions
    return bool(plain) and not any(asks.length_at(plain, place) for place in range(len(plain)))
