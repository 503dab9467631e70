"""The settings of stream_status, read once at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls.env import EnvReader, auth_tokens
from calls.twilio_webhook import webhook_url


@dataclass(frozen=True, slots=True)
class Settings:
    stream_status_url: str
    """As Twilio has it, without trailing slash; what signatures are checked against."""
    auth_tokens: tuple[str, ...] = field(repr=False)
    """Two while a token is being rotated. Empty only where unsigned requests are allowed."""
    write_budget_s: float
    """How long an answer may wait for Firestore."""
    retention_days: int
    project: str
    """Google Cloud project; empty: the one the credentials belong to."""


def load(environ: Mapping[str, str]) -> Settings:
    """Raises `BadEnvironment` with every problem in one message."""
    env = EnvReader(environ)
    tokens = auth_tokens(env)
    if not tokens and not env.flag("ALLOW_UNSIGNED_TWILIO", False):
        env.problem("TWILIO_AUTH_TOKEN is not set: without it anyone could change the records")
    public_host = env.text("PUBLIC_HOST")
    settings = Settings(
        stream_status_url=webhook_url(
            env, "STREAM_STATUS_URL", f"https://{public_host}/webhook/stream_status" if public_host else ""
        ),
        auth_tokens=tokens,
        write_budget_s=env.integer("LEAD_WRITE_BUDGET_MS", 1500, 0, 10_000) / 1000,
        retention_days=env.integer("RETENTION_DAYS", 365, 1, 3650),
        project=env.text("GOOGLE_CLOUD_PROJECT"),
    )
    env.finish()
    return settings
