"""How a number has to be set at Twilio, and what has to change for that. Pure.

Names are those of Twilio's IncomingPhoneNumbers resource, in its answers' spelling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

_POST: Final = "POST"


class CannotConfigure(Exception):
    """The number or what it is to be pointed at will not do; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    incoming_call_url: str
    """Terraform's output of that name."""
    stream_status_url: str
    """Gets the call's end as well; then a call that never reached the media service is closed, too."""
    fallback_url: str
    """Of the TwiML bin that holds fallback.xml; "" leaves whatever is set."""

    def settings(self) -> dict[str, str]:
        """Raises `CannotConfigure`."""
        for name, url in (("incoming call", self.incoming_call_url), ("status", self.stream_status_url)):
            _check(name, url)
        wanted = {
            "voice_url": self.incoming_call_url,
            "voice_method": _POST,
            "status_callback": self.stream_status_url,
            "status_callback_method": _POST,
            # With an application Twilio would ignore the URLs beside it.
            "voice_application_sid": "",
        }
        if self.fallback_url:
            _check("fallback", self.fallback_url)
            # A bin answers both; GET is what Twilio's console sets.
            wanted |= {"voice_fallback_url": self.fallback_url, "voice_fallback_method": "GET"}
        return wanted


def _check(name: str, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or url.endswith("/"):
        raise CannotConfigure(
            f"{name} URL {url!r}: https, no query and no slash at the end: signatures are made over it"
        )


def changes(number: Mapping[str, Any], wanted: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Setting -> what it is, what it has to be. Empty: nothing to do. Raises `CannotConfigure`."""
    if number.get("trunk_sid"):
        raise CannotConfigure("the number belongs to a SIP trunk, which answers its calls: take it off the trunk first")
    if not number.get("capabilities", {}).get("voice"):
        raise CannotConfigure("the number takes no voice calls")
    found = {name: str(number.get(name) or "") for name in wanted}
    return {name: (found[name], value) for name, value in wanted.items() if found[name] != value}


def form(changed: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """As Twilio's API takes it: voice_url is VoiceUrl."""
    return {name.title().replace("_", ""): new for name, (_, new) in changed.items()}
