"""The function's settings, read once at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    engine = env.choice("REPLY_ENGINE", "gemini", ("gemini", "script"))
    project = env.required("GOOGLE_CLOUD_PROJECT", "the project whose Firestore holds the calls")
    gemini = GeminiSettings(
        project=project,
        location=env.text("GEMINI_LOCATION", "global"),
        model=env.text("GEMINI_MODEL", "gemini-3.5-flash-lite"),
        thinking_level=env.text_or_empty("GEMINI_THINKING_LEVEL", "minimal"),
        base_url=env.text("GOOGLE_VERTEX_BASE_URL"),
        timeout_s=env.number("REQUEST_TIMEOUT_SEC", 25, 0.1, 120),
    )
    settings = Settings(
        project=project,
        call_mode=env.choice("CALL_MODE", "assistant", ("assistant", "listen")),
        retention_days=env.integer("RETENTION_DAYS", 365, 1, 36_500),
        log_transcripts=env.flag("LOG_TRANSCRIPTS", default=False),
        gemini=gemini if engine == "gemini" else None,
    )
    env.finish()
    return settings
