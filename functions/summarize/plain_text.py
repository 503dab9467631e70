"""Make text safe to store and to read: what goes to Firestore is seen by people, in a right-to-left console.

Also the normal form in which words are compared (quotes, fillers, markers).
"""

from __future__ import annotations

import unicodedata
from typing import Final

UTTERANCE_CHARS: Final = 8_000
VALUE_CHARS: Final = 500
SUMMARY_CHARS: Final = 1_000

_MARKS: Final = frozenset(chr(code) for code in range(0x0591, 0x05C8) if unicodedata.category(chr(code)) == "Mn")


def clean(text: str, limit: int) -> str:
    """One line of at most `limit` characters, without anything invisible.

    Format characters (category Cf) are the bidi controls, zero-width characters and soft hyphens: they reverse names
    and numbers on screen, or hide text. A lone surrogate cannot be stored at all.
    """
    visible = "".join(
        " " if unicodedata.category(ch) == "Cc" else ch for ch in text if unicodedata.category(ch) not in ("Cf", "Cs")
    )
    return unicodedata.normalize("NFC", " ".join(visible.split()))[:limit].rstrip()


def words(text: str) -> list[str]:
    """The words of a text without vowel points, punctuation and letter case."""
    # An apostrophe or gershayim inside a word is left out, so that צה"ל and צהל are the same word.
    kept = (ch for ch in unicodedata.normalize("NFC", text.casefold()) if ch not in _MARKS and ch not in "'\"׳״’")
    return "".join(ch if ch.isalnum() else " " for ch in kept).split()
