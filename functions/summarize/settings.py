"""The function's settings, read once at start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from calls import common_settings as common
from calls.env import EnvReader

# As Pub/Sub takes them; those that begin with "goog" are its own.
_TOPIC: Final = re.compile(r"(?!goog)[A-Za-z][A-Za-z0-9._~+%\-]{2,254}")


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
    new_leads_topic: str
    """On which somebody is told of each lead; without its project."""
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
        new_leads_topic=_topic(env),
        gemini=gemini if engine == common.GEMINI else None,
    )
    env.finish()
    return settings


def _topic(env: EnvReader) -> str:
    topic = env.text("NEW_LEADS_TOPIC", "new-leads")
    if not _TOPIC.fullmatch(topic):
        env.problem(f"NEW_LEADS_TOPIC={topic!r}: use the name of a topic without its project, like new-leads")
    return topic
