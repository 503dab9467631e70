"""The settings of incoming_call, read once at start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from calls import common_settings as common
from calls.common_settings import LISTEN
from calls.env import EnvReader

from .budgets import Budgets

_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}\Z")


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
    budgets: Budgets
    """How much of the assistant a caller may use, and all callers together."""
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
    if not (public_host := common.public_host(env)):
        env.problem("PUBLIC_HOST is not set: host of the media service, without scheme")
    call_mode = common.call_mode(env)
    settings = Settings(
        incoming_call_url=common.webhook_url(env, "INCOMING_CALL_URL"),
        stream_status_url=common.stream_status_url(env, public_host),
        public_host=public_host,
        auth_tokens=common.auth_tokens(env),
        stream_token_secret=env.required("STREAM_TOKEN_SECRET", "it signs the token that admits a media stream"),
        stream_token_ttl_s=env.integer("STREAM_TOKEN_TTL_SEC", 120, 10, 3600),
        call_mode=call_mode,
        forward_to=_forward_to(env, call_mode),
        stream_status_events=env.text_or_empty("STREAM_STATUS_EVENTS", "start mark stop"),
        budgets=Budgets(
            calls_per_number_per_hour=env.integer("CALLS_PER_NUMBER_PER_HOUR", 20, 0, 1000),
            minutes_per_number_per_day=env.integer("MINUTES_PER_NUMBER_PER_DAY", 60, 0, 1440),
            minutes_per_day=env.integer("MINUTES_PER_DAY", 0, 0, 1_000_000),
        ),
        most_reconnects=env.integer("STREAM_RECONNECTS", 2, 0, 10),
        write_budget_s=common.write_budget_s(env),
        retention_days=common.retention_days(env),
        project=common.project(env),
    )
    env.finish()
    return settings


def _forward_to(env: EnvReader, call_mode: str) -> str:
    number = env.text("FORWARD_TO")
    if (number or call_mode == LISTEN) and not _E164.match(number):
        env.problem("FORWARD_TO: CALL_MODE=listen needs a number like +97231234567")
    return number
