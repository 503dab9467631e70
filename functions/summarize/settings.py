"""The function's settings, read once at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calls import common_settings as common
from calls.env import EnvReader


@dataclass(frozen=True, slots=True)
class GeminiSettings:
    project: str
    location: str
    model: str
    thinking_level: str
    """Sent as it is; left out when empty, or once the model has refused it."""
    base_url: str
    """Empty for Google's own."""
    timeout_s: float
    """Upper bound on one request, connecting and reading included."""


@dataclass(frozen=True, slots=True)
class Settings:
    project: str
    call_mode: str
    """Written on call documents that have to be created here."""
    retention_days: int
    log_transcripts: bool
    gemini: GeminiSettings | None
    """None: summaries are made by rule."""


def read(environ: Mapping[str, str]) -> Settings:
    """Raises `BadEnvironment` naming every problem."""
    env = EnvReader(environ)
    project = common.required_project(env)
    engine = common.reply_engine(env)
    chosen = common.gemini_model(env)
    gemini = GeminiSettings(
        project=project,
        location=chosen.location,
        model=chosen.model,
        thinking_level=chosen.thinking_level,
        base_url=chosen.base_url,
        timeout_s=common.request_timeout_s(env),
    )
    settings = Settings(
        project=project,
        call_mode=common.call_mode(env),
        retention_days=common.retention_days(env),
        log_transcripts=common.log_transcripts(env),
        gemini=gemini if engine == common.GEMINI else None,
    )
    env.finish()
    return settings
