"""Cut reply text, as it streams in, into sentences that can be spoken one by one.

The first sentence is let go as early as it can be: the caller waits for it.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

# A sentence ends at . ! ? or a line break; a full stop between digits (3.5) or in an abbreviation with the next
# letter attached does not end one, so white space must follow.
_END = re.compile(r"[.!?…]+[\"'”״)]*(?=\s)|\n+")
_SOFT_END = re.compile(r"[,;:–](?=\s)")

LONGEST_FIRST: Final = 60
"""Characters after which the first sentence may be cut at a comma instead: about four seconds of speech."""
LONGEST: Final = 250
"""Characters after which any sentence is cut at a comma, or failing that at a space. Synthesis was reported to refuse
a sentence of about 310 without a full stop, and a refusal costs the caller a second of silence."""


class SentenceSplitter:
    """Feed text pieces in order, then `finish()`. Together the sentences hold every word fed, in order."""

    def __init__(self) -> None:
        self._buffer = ""
        self._first = True

    def feed(self, text: str) -> list[str]:
        """Sentences completed by this piece."""
        self._buffer += text
        ready: list[str] = []
        while cut := self._next_cut():
            sentence, self._buffer = self._buffer[:cut].strip(), self._buffer[cut:]
            if sentence:
                ready.append(sentence)
                self._first = False
        return ready

    def finish(self) -> list[str]:
        """What is left, as one last sentence."""
        rest, self._buffer = self._buffer.strip(), ""
        return [rest] if rest else []

    def _next_cut(self) -> int:
        """How much of the buffer is a sentence; 0 if none is complete."""
        if end := _END.search(self._buffer):
            return end.end()
        longest = LONGEST_FIRST if self._first else LONGEST
        if len(self._buffer) <= longest:
            return 0
        soft = [found.end() for found in _SOFT_END.finditer(self._buffer)]
        if soft:
            return soft[0] if self._first else soft[-1]
        return self._buffer.rfind(" ", 0, LONGEST) + 1 if len(self._buffer) > LONGEST else 0


def sentences(text: str) -> list[str]:
    """The sentences of a whole text."""
    cuts = [0, *(end.end() for end in _END.finditer(text)), len(text)]
    parts = (text[start:end].strip() for start, end in pairwise(cuts))
    return [part for part in parts if part]
