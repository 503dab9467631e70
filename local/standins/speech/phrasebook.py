"""The templates of the recognizer: the phrases of `local/phrases/he.toml` as the simulated callers say them."""

from __future__ import annotations

from functools import cache

from local.phrases import Phrase, phrases
from local.standins.speech.decoder import Template
from local.voice import ASSISTANT, CALLER, SpokenWord, speak_with_words
from media_service.core.vad.audio import decode_mulaw


@cache
def known_phrases() -> tuple[Template, ...]:
    return tuple(_template(phrase) for phrase in phrases())


def _template(phrase: Phrase) -> Template:
    audio, spoken = speak_with_words(phrase.spoken, ASSISTANT if phrase.voice == "assistant" else CALLER)
    words = tuple(phrase.text.split())
    return Template(decode_mulaw(audio), words, _ends(words, spoken), phrase.question)


def _ends(words: tuple[str, ...], spoken: tuple[SpokenWord, ...]) -> tuple[float, ...]:
    """Where each written word ends. A number is one written word and many spoken ones, and comes last."""
    return (*(word.end_s for word in spoken[: len(words) - 1]), spoken[-1].end_s)
