"""Whom to call: the addresses of one running system and what is needed to pass for its Twilio."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.build_folder import in_use
from local.twilio.routes import Routes

BUILD = Path("build/local")
"""The folder of `make local`; those that run beside it have one each beside this."""
WRITTEN = "local.json"
"""What a running system tells there about itself."""


@dataclass(frozen=True, slots=True)
class CallTarget:
    incoming_call_url: str
    """The number's voice webhook, as configured at Twilio (public, signed as it stands here)."""
    auth_token: str
    routes: Routes = field(default_factory=lambda: Routes({}))
    account_sid: str = "AC00000000000000000000000000000001"
    subprotocol: str | None = "audio.twilio.com"
    """Offered on the media WebSocket; None offers nothing. Which of the two Twilio does is not documented."""
    signed_trailing_slash: bool = False
    """Sign the media URL with a slash added; whether Twilio does is not documented."""
    webhook_copies: int = 1
    """Deliver each webhook this many times at once, as retries do; the first answer counts."""
    webhook_timeout_s: float = 15.0
    """Twilio's own limit for a whole answer."""
    asks_after_s: tuple[float, float] = (0.05, 2.0)
    """How long after a `<Connect>` ended its action is asked for: somewhere between these, as with Twilio."""
    call_status_url: str = ""
    """The number's status callback, as configured at Twilio; told when a call has ended. Empty: there is none."""
    seed: int | None = None
    """Makes these times the same in each run, for each caller's number its own."""


def running_systems(build: Path = BUILD) -> list[Path]:
    """What each of those that run now wrote about itself, the newest last."""
    return [folder / WRITTEN for folder in in_use(build) if (folder / WRITTEN).exists()]


def target_from_file(path: Path) -> CallTarget:
    """Read what a system wrote about itself. Raises `OSError`, `ValueError` or `KeyError`."""
    return target_from_dict(json.loads(path.read_text(encoding="utf-8")))


def target_from_dict(known: dict[str, Any]) -> CallTarget:
    """`KeyError` names what is missing. Of two tokens (rotation) the first signs."""
    return CallTarget(
        incoming_call_url=known["incoming_call_url"],
        auth_token=known["twilio_auth_token"].split(",")[0].strip(),
        routes=Routes(
            {
                known["incoming_call_url"]: known["incoming_call_address"],
                known["stream_status_url"]: known["stream_status_address"],
                known["public_host"]: known["media_address"],
            }
        ),
    )
