"""A telephone number as it is read to a caller: digit by digit, in groups, with a pause between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_ISRAEL: Final = "+972"
_MOBILE: Final = (3, 3, 4)
_LANDLINE: Final = (2, 3, 4)
_SERVICE: Final = (1, 3, 3, 3)
_GROUP: Final = 3
_ONE_GROUP: Final = 4
"""Digits that are said in one breath."""


@dataclass(frozen=True, slots=True)
class DigitTexts:
    digits: tuple[str, ...]
    """How each is spoken, from 0 on."""
    plus: str
    star: str


def spoken_number(number: str, texts: DigitTexts) -> str:
    """`number`: +E.164, as dialled, or the digits of one that is not whole."""
    dialled = f"0{number[len(_ISRAEL) :]}" if number.startswith(_ISRAEL) else number
    sign = {"+": texts.plus, "*": texts.star}.get(dialled[:1], "")
    digits = [texts.digits[int(each)] for each in dialled if each in "0123456789"]
    groups: list[str] = []
    for size in _sizes("".join(each for each in dialled if each in "0123456789")):
        groups.append(" ".join(digits[:size]))
        digits = digits[size:]
    return f"{sign} {', '.join(groups)}".strip()


def _sizes(digits: str) -> list[int]:
    for sizes in (_MOBILE, _LANDLINE) if digits.startswith("0") else (_SERVICE,):
        if sum(sizes) == len(digits):
            return list(sizes)
    if len(digits) <= _ONE_GROUP:
        return [len(digits)]
    whole, rest = divmod(len(digits), _GROUP)
    return [_GROUP] * whole + ([rest] if rest else [])
