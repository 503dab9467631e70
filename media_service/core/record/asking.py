"""Which field the assistant's line asks for, where whoever worded it said so.

A reply comes in pieces, and may be broken off: a question of which nothing was heard was not asked.
"""

from __future__ import annotations

from typing import Final

from understanding.words import bare_words

_BEGUN: Final = 2
"""Words."""


class Asking:
    """The pieces of the newest reply."""

    def __init__(self) -> None:
        self._reply = 0
        self._pieces: list[tuple[list[str], str]] = []
        self._tells = False

    def piece(self, reply: int, text: str, asks: str | None) -> None:
        if reply < self._reply:
            return  # one that was given up
        if reply > self._reply:
            self._reply, self._pieces, self._tells = reply, [], False
        if asks is not None:
            self._tells = True
            self._pieces.append((_plain(text)[:_BEGUN], asks))

    def heard(self, text: str) -> str | None:
        """The field that what was heard of the reply asks for; None if whoever worded it did not say. The next reply
        begins."""
        asks = self.peek(text)
        self._pieces, self._tells = [], False
        return asks

    def peek(self, text: str) -> str | None:
        """The same of a reply that goes on."""
        if not self._tells:
            return None
        said = _plain(text)
        asked = [asks for beginning, asks in self._pieces if asks and _has_begun(beginning, said)]
        return asked[-1] if asked else ""

    def broken_off(self, text: str) -> str:
        """The field of the question of which only the first word was heard: too little to have asked it, and enough
        for a caller who knows what comes. "" if there is none."""
        said = _plain(text)
        return next((asks for beginning, asks in self._pieces if asks and said and beginning[:1] == said[-1:]), "")


def _has_begun(beginning: list[str], said: list[str]) -> bool:
    last = len(said) - len(beginning)
    return any(said[start : start + len(beginning)] == beginning for start in range(last + 1))


def _plain(text: str) -> list[str]:
    return [word for word in bare_words(text.split()) if word]
