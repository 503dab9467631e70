"""What of a model's text may be spoken: Hebrew words and punctuation, without what only makes sense on a screen.

`SpokenReply` reads an answer as it streams in, in pieces cut anywhere: however it is cut, the same is spoken. A piece
is held back only as long as what follows may decide what it is: the beginning of an end marker, of a link, of a list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
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
_LINK: Final = re.compile(r"\[([^\[\]]{0,80})\]\([^()\s]{0,200}\)")
_MARKDOWN: Final = re.compile(r"[*`#~|_{}\\]+")
_WHITESPACE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
# What may still become a list item or a link. Bounded as they are, so that nothing is held back for ever.
_UNDECIDED: Final = re.compile(r"(?<=\n)[ \t]*(?:[-*+•]|\d{1,2}[.)]?)\Z|\[[^\[\]]{0,80}(?:\](?:\([^()\s]{0,200})?)?\Z")
# At the end of a piece: the next one may go on with the same white space, or with a list after it.
_TAIL: Final = "".join(map(chr, [*range(0x21), *range(0x7F, 0xA1), 0x2028, 0x2029])) + "*`#~|_{}\\"
# Symbols that stand for a spoken word; all others of their kind are pictures.
_SPOKEN_SYMBOLS: Final = frozenset("°№©®™")

_OPEN: Final = r"(\[{<（［｛＜【〔〖〈《「『«"
_CLOSE: Final = r")\]}>）］｝＞】〕〗〉》」』»"
_BRACKETED: Final = re.compile(rf"[{_OPEN}]{{1,4}}([^{_OPEN}{_CLOSE}]{{0,40}})[{_CLOSE}]+")
_UNCLOSED: Final = re.compile(rf"[{_OPEN}]{{1,4}}([^{_OPEN}{_CLOSE}]{{0,40}})\Z")
_CLOSING: Final = _CLOSE.replace("\\", "")
# Five letters have another form at the end of a word, which stands right before them in Unicode.
_FINAL_FORMS: Final = {form: form + 1 for form in (0x5DA, 0x5DD, 0x5DF, 0x5E3, 0x5E5)}

_HEBREW_LETTER: Final = re.compile(r"[\u05d0-\u05ea\u05ef-\u05f2\ufb1d-\ufb4f]")
# Where a sentence may begin: after another, on a new line, after a label (`assistant:`, the key of a JSON object; not
# within 10:30) or a tag (`<think>`).
_BEFORE_A_SENTENCE: Final = re.compile(r"[.!?…]+[\"'”״)\]}]*\s+|\n+|[^\s\d:：][:：]\s*|[>\]]\s*")


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


class SpokenText:
    """`speakable` for a text in pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._before = ""

    def feed(self, text: str) -> str:
        """What may be spoken of the text so far and was not returned before."""
        text = self._before + self._held + without_invisible(text)
        undecided = _UNDECIDED.search(text)
        return self._decided(text, max(len(self._before), undecided.start()) if undecided else len(text))

    def finish(self) -> str:
        """The rest, which no longer can become anything else."""
        text = self._before + self._held
        return self._decided(text, len(text))

    def _decided(self, text: str, length: int) -> str:
        decided, self._held = text[:length], text[length:]
        # White space and markdown alone: a space at the most, which is there again with whatever follows.
        spoken = speakable(decided)[len(speakable(self._before)) :]
        self._before = decided[len(decided.rstrip(_TAIL)) :]
        return spoken


class EndMarkerFilter:
    """Takes the marker by which the model ends the call out of its text, wherever it is and however it is written.

    Models put it first or last, in other brackets than they were told, spaced, emphasised, with niqqud or in English.
    """

    def __init__(self, marker: str, others: Iterable[str] = ("end",)) -> None:
        """`others` are words that mean the same where they stand in brackets alone."""
        self._words = frozenset(filter(None, map(_bare, (marker, *others))))
        self._held = ""
        self._after_marker = False
        self.found = False

    def feed(self, text: str) -> str:
        """The part of the text so far that is surely not a marker and was not returned before."""
        if self._after_marker:
            text = text.lstrip(_CLOSING)
            self._after_marker = not text
        text = self._held + text
        kept: list[str] = []
        at = 0
        for bracketed in _BRACKETED.finditer(text):
            if _bare(bracketed[1]) in self._words:
                kept.append(text[at : bracketed.start()])
                at = bracketed.end()
                self.found = True
                self._after_marker = at == len(text)
        rest, self._held = text[at:], ""
        unclosed = _UNCLOSED.search(rest)
        if unclosed and any(word.startswith(_bare(unclosed[1])) for word in self._words):
            rest, self._held = rest[: unclosed.start()], unclosed[0]
        return "".join([*kept, rest])

    def finish(self) -> None:
        """The text has ended: what is held back was a marker that nobody closed, or the beginning of one."""
        if (unclosed := _UNCLOSED.search(self._held)) and _bare(unclosed[1]) in self._words:
            self.found = True
        self._held = ""


class PreambleFilter:
    """Drops what a model writes before its first sentence with a Hebrew letter: a plan, a label, a fence of code."""

    def __init__(self) -> None:
        self._held = ""
        self._begun = False

    def feed(self, text: str) -> str:
        """What belongs to the answer. All that is held back when the text ends is no answer."""
        if self._begun:
            return text
        self._held += text
        first = _HEBREW_LETTER.search(self._held)
        if first is None:
            return ""
        self._begun = True
        begins_at = max([end.end() for end in _BEFORE_A_SENTENCE.finditer(self._held, 0, first.start())], default=0)
        return self._held[begins_at:]


class SpokenReply:
    """One answer of a model: what of it is spoken, and whether it ends the call."""

    def __init__(self, end_marker: str, end_words: Iterable[str] = ("end",)) -> None:
        self._ending = EndMarkerFilter(end_marker, end_words)
        self._preamble = PreambleFilter()
        self._spoken = SpokenText()
        self.has_begun = False
        """There were words to speak."""

    @property
    def ends_call(self) -> bool:
        """So far; an answer of which nothing is spoken ends nothing."""
        return self._ending.found and self.has_begun

    def feed(self, text: str) -> str:
        """The next words to speak; "" while there are none."""
        return self._say(self._spoken.feed(self._preamble.feed(self._ending.feed(without_invisible(text)))))

    def finish(self) -> str:
        """The text has ended; its last words."""
        self._ending.finish()
        return self._say(self._spoken.finish())

    def _say(self, text: str) -> str:
        text = text if self.has_begun else text.lstrip()
        self.has_begun = self.has_begun or bool(text)
        return text


def _bare(text: str) -> str:
    """A word without what it may be dressed in: case, width, niqqud, spaces, emphasis, the final form of a letter."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in text if char.isalnum()).translate(_FINAL_FORMS)
