"""How recognized text reads: with or without sentence marks, put together from parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    punctuate_interims: bool = False
    punctuate_finals: bool = True

    def interim(self, text: str) -> str:
        return text if self.punctuate_interims else unpunctuated(text)

    def final(self, *parts: str) -> str:
        text = joined(*parts)
        return text if self.punctuate_finals else unpunctuated(text)


def unpunctuated(text: str) -> str:
    """Without sentence marks; those inside a word or number (3.5, ע.מ) stay."""
    return " ".join(filter(None, (word.strip(".,?!;:") for word in text.split())))


def joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def lowest(confidences: Iterable[float | None]) -> float | None:
    """Of those that are known."""
    known = [confidence for confidence in confidences if confidence is not None]
    return min(known) if known else None
