"""Decide whether the address of a recording is one of Twilio's own.

It is kept for people to click on, and never fetched by us; so only a place that Twilio itself keeps recordings at.
"""

from __future__ import annotations

import re
from typing import Final

# `api.twilio.com`; with an edge and a region, `api.dublin.ie1.twilio.com`; with a region alone, `api.ie1.twilio.com`.
_HOST: Final = re.compile(r"api(?:\.[a-z0-9](?:[a-z0-9\-]{0,30}[a-z0-9])?){0,2}\.twilio\.com")
_ADDRESS: Final = re.compile(r"https://([^/]*)/([A-Za-z0-9/_.\-]{1,400})")


def refusal(url: str) -> str:
    """Why this address is not kept; "" if it is."""
    if not url:
        return "no address"
    if not url.startswith("https://"):
        return "not https"
    address = _ADDRESS.fullmatch(url)
    if address is None:
        return "not a plain path"
    return "" if _HOST.fullmatch(address[1]) else "not a host of Twilio's"
