"""Make text safe to store and to read: what goes to Firestore is seen by people, in a right-to-left console."""

from __future__ import annotations

import unicodedata
from typing import Final

UTTERANCE_CHARS: Final = 8_000
VALUE_CHARS: Final = 500
SUMMARY_CHARS: Final = 1_000


def clean(text: str, limit: int) -> str:
    """One line of at most `limit` characters, without anything invisible.

    Format characters (category Cf) are the bidi controls, zero-width characters and soft hyphens: they reverse names
    and numbers on screen, or hide text. A lone surrogate cannot be stored at all.
    """
    visible = "".join(
        " " if unicodedata.category(ch) == "Cc" else ch for ch in text if unicodedata.category(ch) not in ("Cf", "Cs")
    )
    return unicodedata.normalize("NFC", " ".join(visible.split()))[:limit].rstrip()
