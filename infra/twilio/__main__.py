"""Set a Twilio number's webhook, fallback and status callback.

    TWILIO_ACCOUNT_SID=AC... TWILIO_AUTH_TOKEN=... python -m infra.twilio --number +972... \
        --incoming-call-url "$(terraform -chdir=infra/terraform output -raw incoming_call_url)" \
        --stream-status-url "$(terraform -chdir=infra/terraform output -raw stream_status_url)" \
        --fallback-url https://handler.twilio.com/twiml/EH... [--apply]

Without --apply it only says what would change. It may be run any number of times.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from infra.twilio.number import CannotConfigure, Webhooks, changes, form

TWILIO: Final = "https://api.twilio.com"
_WITHIN_S: Final = 30
_LOOPBACK: Final = {"127.0.0.1", "localhost"}


class Account:
    """The part of Twilio's API that is needed here. Every call raises `CannotConfigure` if it fails."""

    def __init__(self, api: str, account_sid: str, auth_token: str) -> None:
        parts = urlsplit(api)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise CannotConfigure(f"--api {api}: the account's token goes there, so only by https")
        self._numbers = f"{api}/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers"
        self._credentials = base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()

    def number(self, e164: str) -> Mapping[str, Any]:
        answer = self._ask(f"{self._numbers}.json?{urlencode({'PhoneNumber': e164})}")
        # Twilio also finds numbers that only contain what is asked for.
        found = [each for each in answer["incoming_phone_numbers"] if each["phone_number"] == e164]
        if not found:
            raise CannotConfigure(f"the account has no number {e164}")
        number: Mapping[str, Any] = found[0]
        return number

    def set(self, number_sid: str, settings: Mapping[str, str]) -> None:
        self._ask(f"{self._numbers}/{number_sid}.json", urlencode(settings).encode())

    def _ask(self, url: str, body: bytes | None = None) -> Mapping[str, Any]:
        # The scheme was checked above.
        request = urllib.request.Request(  # noqa: S310
            url, data=body, headers={"Authorization": f"Basic {self._credentials}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_WITHIN_S) as answer:  # noqa: S310
                result: Mapping[str, Any] = json.load(answer)
        except urllib.error.HTTPError as refusal:
            # Twilio explains in the body; its words name neither token nor caller.
            with refusal:
                said = refusal.read(1000).decode(errors="replace")
            raise CannotConfigure(f"Twilio answered {refusal.code}: {said}") from refusal
        except (OSError, ValueError) as problem:
            raise CannotConfigure(f"Twilio could not be asked: {problem}") from problem
        return result


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.twilio", description="Point a Twilio number at the system.")
    parser.add_argument("--number", required=True, metavar="+972...")
    parser.add_argument("--incoming-call-url", required=True)
    parser.add_argument("--stream-status-url", required=True)
    parser.add_argument("--fallback-url", default="", help="of a TwiML bin with infra/twilio/fallback.xml")
    parser.add_argument("--apply", action="store_true", help="change it, instead of only saying what would change")
    parser.add_argument("--api", default=TWILIO, help="of a Twilio region, where the account is not in the US")
    chosen = parser.parse_args()
    account_sid = os.environ.get("TWILIO_ACCOUNT_SID", "")
    # Two while it is rotated; the first is the new one.
    auth_token = os.environ.get("TWILIO_AUTH_TOKEN", "").partition(",")[0].strip()
    if not account_sid or not auth_token:
        print("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN have to be set", file=sys.stderr)
        return 2
    try:
        return _configure(Account(chosen.api, account_sid, auth_token), chosen)
    except CannotConfigure as problem:
        print(problem, file=sys.stderr)
        return 1


def _configure(account: Account, chosen: argparse.Namespace) -> int:
    wanted = Webhooks(chosen.incoming_call_url, chosen.stream_status_url, chosen.fallback_url).settings()
    number = account.number(chosen.number)
    changed = changes(number, wanted)
    for name, (old, new) in changed.items():
        print(f"{name}: {old or '(nothing)'} -> {new or '(nothing)'}")
    if not chosen.fallback_url and not number.get("voice_fallback_url"):
        print("no fallback: a caller hears Twilio's own error if the webhook fails (--fallback-url)")
    if not changed:
        print("nothing to change")
    elif chosen.apply:
        account.set(number["sid"], form(changed))
        print("changed")
    else:
        print("not changed: say --apply")
    return 0


if __name__ == "__main__":
    sys.exit(main())
