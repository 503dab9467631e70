"""The identity number of a person in Israel: nine digits, the last of which proves the others."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = 9
_FEWEST_DIGITS: Final = 8
"""The leading zero of a low number is often left out; the check digit tells whether that is all that is missing."""


def identity_number(digits: str, sign: str = "") -> str:
    """All nine digits, or "" if they are no identity number."""
    whole = digits.zfill(_DIGITS)
    if sign or len(digits) < _FEWEST_DIGITS or len(whole) != _DIGITS or not int(whole):
        return ""
    # Each second digit counts twice, and a product of two digits counts as their sum.
    total = sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(whole))
    return whole if total % 10 == 0 else ""
