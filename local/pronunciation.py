"""Say how a Hebrew text sounds, in espeak-ng's phoneme letters.

espeak-ng reads unvowelled Hebrew as bare consonants. Known words come from a table; for the others a vowel is put
between consonants by rule: not always the right vowel, but a word that can be spoken and told from others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

_CONSONANTS: Final = {
    "א": "?", "ב": "v", "ג": "g", "ד": "d", "ה": "h", "ז": "z", "ח": "X", "ט": "t", "כ": "X", "ך": "X", "ל": "l",
    "מ": "m", "ם": "m", "נ": "n", "ן": "n", "ס": "s", "ע": "?", "פ": "f", "ף": "f", "צ": "ts", "ץ": "ts", "ק": "k",
    "ר": "R", "ש": "S", "ת": "t",
}  # fmt: skip
_AT_THE_START: Final = {"ב": "b", "כ": "k", "פ": "p", "ו": "v", "י": "j"}
_VOWELS: Final = {"ו": "o", "י": "i"}
_DIGITS: Final = ("אפס", "אחת", "שתיים", "שלוש", "ארבע", "חמש", "שש", "שבע", "שמונה", "תשע")
_LONGEST_NUMBER: Final = 2
"""Digits in a row beyond this are a telephone number and read one by one."""

_WORD: Final = re.compile(r"(?P<hebrew>[א-ת][א-ת'\"׳״]*)|(?P<digits>\d+)|(?P<rest>[^\s\wא-ת]+|\w+)")


def words(text: str) -> list[str]:
    """The words of a text, one for each spoken word, without punctuation."""
    return [word for word, _ in _tokens(text) if word]


def espeak_input(text: str, known: Mapping[str, str]) -> str:
    """The text as espeak-ng should get it: phonemes for Hebrew words, everything else as it is."""
    spoken = []
    for word, punctuation in _tokens(text):
        if word:
            spoken.append(f"[[{_phonemes(word, known)}]]" if "א" <= word[0] <= "ת" else word)
        elif spoken:
            spoken[-1] += punctuation
    return " ".join(spoken)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of (word, punctuation), one of them empty."""
    plain = "".join(letter for letter in unicodedata.normalize("NFC", text) if not "\u0591" <= letter <= "\u05c7")
    for match in _WORD.finditer(plain):
        token = match.group()
        if match.lastgroup == "digits" and (len(token) > _LONGEST_NUMBER or token[0] == "0"):
            yield from ((_DIGITS[int(digit)], "") for digit in token)
        elif match.lastgroup == "hebrew" or token[0].isalnum():
            yield token.rstrip("'\"׳״"), ""
        elif token[0] in ",.;:?!":
            yield "", token[0]


def _phonemes(word: str, known: Mapping[str, str]) -> str:
    if word in known:
        return known[word]
    sounds = ""
    letters = [letter for letter in word if "א" <= letter <= "ת"]
    for position, letter in enumerate(letters):
        last = position == len(letters) - 1
        if position == 0:
            sounds += _AT_THE_START.get(letter) or _CONSONANTS[letter]
            continue
        after_vowel = sounds[-1] in "aeiou"
        if letter in _VOWELS:
            sounds += {"ו": "v", "י": "j"}[letter] if after_vowel else _VOWELS[letter]
        elif last and letter in "הא":
            sounds += "" if after_vowel else "a"
        else:
            sounds += ("" if after_vowel else "ae"[position % 2]) + _CONSONANTS[letter]
    return _stressed(sounds)


def _stressed(sounds: str) -> str:
    """Hebrew stresses the last syllable more often than not."""
    if not any(sound in "aeiou" for sound in sounds):
        sounds += "e"
    at = max(sounds.rfind(vowel) for vowel in "aeiou")
    return f"{sounds[:at]}'{sounds[at:]}"
