"""What of a model's text may be spoken: words and punctuation, without what only makes sense on a screen.

Works on pieces of a text as they arrive: nothing is stripped at the ends of a piece but what would be dropped
anywhere in it, so that pieces can still be joined as they are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Direction marks reorder what people see in a console and mean nothing to a voice; zero-width characters hide.
_INVISIBLE: Final = dict.fromkeys(
    [
        0x061C,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        0xFEFF,
        *range(0xE0000, 0xE0080),
    ]
)
_LIST_ITEM: Final = re.compile(r"\n[ \t]*(?:[-*+•]|\d{1,2}[.)])[ \t]+")
_LINK: Final = re.compile(r"\[([^\[\]]*)\]\((?:https?:)?[^()\s]*\)")
_MARKDOWN: Final = re.compile(r"[*`#~|_]+")
_WHITESPACE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
# Symbols that stand for a spoken word; all others of their kind are pictures.
_SPOKEN_SYMBOLS: Final = frozenset("°№©®™")


def without_invisible(text: str) -> str:
    """Drop direction controls and zero-width characters."""
    return text.translate(_INVISIBLE)


def speakable(text: str) -> str:
    """Drop markdown, emoji and invisible characters; line breaks become spaces. May leave nothing."""
    text = without_invisible(text)
    text = _LIST_ITEM.sub("\n", text)
    text = _LINK.sub(r"\1", text)
    text = _MARKDOWN.sub("", text)
    text = _WHITESPACE.sub(" ", text)
    return "".join(char for char in text if char.isalnum() or not _is_picture(char))


def _is_picture(char: str) -> bool:
    if char in _SPOKEN_SYMBOLS:
        return False
    category = unicodedata.category(char)
    # Other symbols, skin tones, and what has no meaning agreed on: surrogates, private use, unassigned.
    return category in {"So", "Cs", "Co", "Cn"} or "\U0001f3fb" <= char <= "\U0001f3ff"


class EndMarkerFilter:
    """Takes the marker by which the model ends the call out of its text, also when it is split over pieces."""

    def __init__(self, marker: str) -> None:
        """`marker` must not be empty, and its first character not one that is needed in speech."""
        self._marker = marker
        self._held = ""
        self.found = False
        """The marker was seen. What came after it was dropped."""

    def feed(self, text: str) -> str:
        """The part of the text so far that is surely not the marker and was not returned before.

        What is still held back when the text ends is the beginning of a marker, and not to be spoken either.
        """
        if self.found:
            return ""
        text = self._held + text
        before, marker, _ = text.partition(self._marker)
        if marker:
            self.found = True
            self._held = ""
            return before
        for length in range(min(len(self._marker) - 1, len(text)), 0, -1):
            if text.endswith(self._marker[:length]):
                self._held = text[-length:]
                return text[:-length]
        self._held = ""
        return text
