"""What number the digits are that somebody dials in Israel.

Lengths are those of `phonenumbers`, by type. Its tables of ranges in use are not asked: they refuse numbers that exist.
"""

from __future__ import annotations

import re
from typing import Final

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberType,
    ValidationResult,
    is_possible_number_for_type_with_reason,
    is_possible_number_with_reason,
    parse,
)

ISRAEL: Final = "972"
_COUNTRY: Final = int(ISRAEL)
# Star numbers are in no table: four digits, some five, the first of which is not 0.
_STAR: Final = re.compile(r"[1-9][0-9]{3,4}")
# Toll-free, shared cost, and one number for a whole country. They are dialled so from Israel only.
_SERVICE: Final = re.compile(r"1(?:70[0-9]|80[0-9]|599)[0-9]{6}")
_TYPES: Final = {
    **dict.fromkeys("23489", PhoneNumberType.FIXED_LINE),
    "5": PhoneNumberType.MOBILE,
    "7": PhoneNumberType.VOIP,
}
_INTERNATIONAL_PREFIX: Final = "00"
_LONGEST_NATIONAL: Final = 10
_LONGEST_DIALLED: Final = 20
"""Fifteen digits, and what is dialled before them."""


def telephone(digits: str, sign: str = "") -> str:
    """+E.164, or the digits of a service number, or `*` and those of a star number. "": no number one could dial.

    `sign`: `+` or `*`, if one was said or written before the digits.
    """
    if len(digits) > _LONGEST_DIALLED:
        return ""
    if sign == "*":
        return f"*{digits}" if _STAR.fullmatch(digits) else ""
    if sign == "+" or digits.startswith(_INTERNATIONAL_PREFIX):
        return _international(digits.removeprefix(_INTERNATIONAL_PREFIX))
    if digits.startswith(ISRAEL) and len(digits) > _LONGEST_NATIONAL:
        return _international(digits)
    if _SERVICE.fullmatch(digits):
        return digits
    return _israeli(digits[1:]) if digits.startswith("0") else ""


def national(number: str) -> str:
    """As it is dialled in Israel; a foreign number with its plus."""
    return f"0{number[1 + len(ISRAEL) :]}" if number.startswith(f"+{ISRAEL}") else number


def _israeli(after_trunk_zero: str) -> str:
    kind = _TYPES.get(after_trunk_zero[:1])
    if kind is None:
        return ""
    number = PhoneNumber(_COUNTRY, int(after_trunk_zero))
    possible = is_possible_number_for_type_with_reason(number, kind) == ValidationResult.IS_POSSIBLE
    return f"+{ISRAEL}{after_trunk_zero}" if possible else ""


def _international(digits: str) -> str:
    if digits.startswith(ISRAEL):
        rest = digits.removeprefix(ISRAEL)
        # "+972 (0)50...": both ways of writing it at once.
        return rest if _SERVICE.fullmatch(rest) else _israeli(rest.removeprefix("0"))
    try:
        number = parse(f"+{digits}")
    except NumberParseException:
        return ""
    return f"+{digits}" if is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE else ""
