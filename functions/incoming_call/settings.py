"""The settings of incoming_call, read once at start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from calls.env import EnvReader, auth_tokens
from calls.twilio_webhook import webhook_url

ASSISTANT: Final = "assistant"
LISTEN: Final = "listen"

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.\-]*[A-Za-z0-9])?(:[0-9]{1,5})?\Z")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")


@dataclass(frozen=True, slots=True)
class Settings:
    incoming_call_url: str
    """As Twilio has it, without trailing slash; what signatures are checked against."""
    stream_status_url: str
    public_host: str
    """Host of the media service, without scheme."""
    auth_tokens: tuple[str, ...] = field(repr=False)
    """Two while a token is being rotated. Empty only where unsigned requests are allowed."""
    stream_token_secret: str = field(repr=False)
    stream_token_ttl_s: int
    call_mode: str
    """`assistant` or `listen`."""
    forward_to: str
    """E.164; who answers in listen mode."""
    stream_status_events: str
    """Value of `statusCallbackEvent`; empty leaves the attribute out."""
    most_reconnects: int
    """How often a lost media stream is opened again before the caller is offered voicemail (0 or more)."""
    write_budget_s: float
    """How long an answer may wait for Firestore."""
    retention_days: int
    project: str
    """Google Cloud project; empty: the one the credentials belong to."""


def load(environ: Mapping[str, str]) -> Settings:
    """Raises `BadEnvironment` with every problem in one message."""
    env = EnvReader(environ)
    public_host = env.required("PUBLIC_HOST", "host of the media service, without scheme")
    if public_host and not _HOST.match(public_host):
        env.problem(f"PUBLIC_HOST={public_host!r}: use a bare host name, like media.example.run.app")
    tokens = auth_tokens(env)
    if not tokens and not env.flag("ALLOW_UNSIGNED_TWILIO", False):
        env.problem("TWILIO_AUTH_TOKEN is not set: without it anyone could place calls into the records")
    call_mode = env.choice("CALL_MODE", ASSISTANT, {ASSISTANT, LISTEN})
    forward_to = env.text("FORWARD_TO")
    if (forward_to or call_mode == LISTEN) and not _E164.match(forward_to):
        env.problem("FORWARD_TO: CALL_MODE=listen needs a number like +97231234567")
    settings = Settings(
        incoming_call_url=webhook_url(env, "INCOMING_CALL_URL"),
        stream_status_url=webhook_url(env, "STREAM_STATUS_URL", f"https://{public_host}/webhook/stream_status"),
        public_host=public_host,
        auth_tokens=tokens,
        stream_token_secret=env.required("STREAM_TOKEN_SECRET", "it signs the token that admits a media stream"),
        stream_token_ttl_s=env.integer("STREAM_TOKEN_TTL_SEC", 120, 10, 3600),
        call_mode=call_mode,
        forward_to=forward_to,
        stream_status_events=env.text_or_empty("STREAM_STATUS_EVENTS", "start mark stop"),
        most_reconnects=env.integer("STREAM_RECONNECTS", 2, 0, 10),
        # Twilio gives up on an answer after 15 s, connecting included.
        write_budget_s=env.integer("LEAD_WRITE_BUDGET_MS", 1500, 0, 10_000) / 1000,
        retention_days=env.integer("RETENTION_DAYS", 365, 1, 3650),
        project=env.text("GOOGLE_CLOUD_PROJECT"),
    )
    env.finish()
    return settings
