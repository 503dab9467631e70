"""The greeting in two parts: the beginning that every caller must hear to its end, and the rest."""

from __future__ import annotations

from collections.abc import Iterable

from media_service.core.speaking.sentences import sentences


def with_notice(greeting: str, notice: str) -> str:
    """The notice of the product team stands behind the first sentence, if it is not in the greeting already."""
    if not notice or notice in greeting:
        return greeting
    first, *others = sentences(greeting) or [""]
    return " ".join(filter(None, [first, notice, *others]))


def parted(greeting: str, notice: str, disclosing: Iterable[str]) -> tuple[str, str]:
    """What must be heard, and the rest; either may be empty.

    Up to the last sentence that is the notice, or has one of the words in it that tell that the call is transcribed or
    that no human being speaks (`disclosing`)."""
    words = tuple(disclosing)
    parts = sentences(greeting)
    telling = [
        place for place, text in enumerate(parts) if (notice and text in notice) or any(word in text for word in words)
    ]
    cut = telling[-1] + 1 if telling else 0
    return " ".join(parts[:cut]), " ".join(parts[cut:])
