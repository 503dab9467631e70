"""The number behind a `From` of Twilio's, however it is spelled.

Callers come by telephone, WhatsApp, SIP or Twilio's client, through networks that leave out the plus or put in the
trunk zero: one person, one number, one lead.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

# Twilio's stand-ins for a caller who hides the number: the letters of ANONYMOUS, RESTRICTED, BLOCKED,
# UNKNOWN and UNAVAILABLE typed on a keypad.
_WITHHELD: Final = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
_SCHEME: Final = re.compile(r"(?:whatsapp|sips?|tel|client):", re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(r"<([^<>]*)>")
_AFTER_THE_USER: Final = re.compile(r"[@;?]")
_SEPARATORS: Final = re.compile(r"[\s\-\u2010-\u2015\u2212.()/]+")
_DIALED: Final = re.compile(r"\+?[0-9]+")

_COUNTRY: Final = "972"
# Area code and number in Israel: eight digits on a line, nine on a mobile, after the trunk zero.
_NATIONAL: Final = re.compile(r"0[1-9][0-9]{7,8}")
# National numbers have ten digits at most, so more of them begin with a country's code.
_INTERNATIONAL: Final = re.compile(r"(?:00)?([1-9][0-9]{10,})")
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{3,14}|[0-9]{4,10}")


def phone_number(given: str) -> str:
    """+E.164. A number that has no such form (a service number, an extension) is its digits; "" if there is none."""
    text = unquote(given).strip()
    if bracketed := _IN_BRACKETS.search(text):
        text = bracketed[1].strip()
    user = _AFTER_THE_USER.split(_SCHEME.sub("", text, count=1))[0]
    number = _SEPARATORS.sub("", user)
    if not _DIALED.fullmatch(number):
        return ""
    number = _international(number)
    return number if _NUMBER.fullmatch(number) and number.lstrip("+") not in _WITHHELD else ""


def _international(number: str) -> str:
    if number.startswith("+0"):
        number = number[1:]
    if _NATIONAL.fullmatch(number):
        number = f"+{_COUNTRY}{number[1:]}"
    elif dialed := _INTERNATIONAL.fullmatch(number):
        number = "+" + dialed[1]
    # "+972 (0)50...": both ways of writing it at once.
    return re.sub(rf"\A\+{_COUNTRY}0+", f"+{_COUNTRY}", number)
