"""The settings of stream_status, read once at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls import common_settings as common
from calls.env import EnvReader


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
    settings = Settings(
        stream_status_url=common.stream_status_url(env, common.public_host(env)),
        auth_tokens=common.auth_tokens(env),
        write_budget_s=common.write_budget_s(env),
        retention_days=common.retention_days(env),
        project=common.project(env),
    )
    env.finish()
    return settings
