"""The variables that more than one deployable reads: one name, one default, one bound.

Each function reads one variable and notes what is wrong with it; the deployables put them into settings of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from calls.env import EnvReader

ASSISTANT: Final = "assistant"
LISTEN: Final = "listen"
GEMINI: Final = "gemini"
SCRIPT: Final = "script"

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.\-]*[A-Za-z0-9])?(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class GeminiModel:
    model: str
    thinking_level: str
    location: str
    base_url: str


def call_mode(env: EnvReader) -> str:
    return env.choice("CALL_MODE", ASSISTANT, {ASSISTANT, LISTEN})


def log_transcripts(env: EnvReader) -> bool:
    return env.flag("LOG_TRANSCRIPTS", default=False)


def project(env: EnvReader) -> str:
    """Empty: the one the credentials belong to."""
    return env.text("GOOGLE_CLOUD_PROJECT")


def required_project(env: EnvReader) -> str:
    return env.required("GOOGLE_CLOUD_PROJECT", "the project whose Firestore holds the calls")


def request_timeout_s(env: EnvReader) -> float:
    # The summary may take two of them, and its function has 180 s for all it does.
    return env.number("REQUEST_TIMEOUT_SEC", 25, 1, 60)


def retention_days(env: EnvReader) -> int:
    return env.integer("RETENTION_DAYS", 365, 1, 3650)


def write_budget_s(env: EnvReader) -> float:
    # Twilio gives up on an answer after 15 s, connecting included.
    return env.integer("LEAD_WRITE_BUDGET_MS", 1500, 0, 10_000) / 1000


def reply_engine(env: EnvReader) -> str:
    return env.choice("REPLY_ENGINE", GEMINI, {GEMINI, SCRIPT})


def gemini_model(env: EnvReader) -> GeminiModel:
    return GeminiModel(
        model=env.text("GEMINI_MODEL", "gemini-3.5-flash-lite"),
        thinking_level=env.text_or_empty("GEMINI_THINKING_LEVEL", "minimal"),
        location=env.text("GEMINI_LOCATION", "global"),
        base_url=env.text("GOOGLE_VERTEX_BASE_URL"),
    )


def allow_unsigned(env: EnvReader) -> bool:
    return env.flag("ALLOW_UNSIGNED_TWILIO", default=False)


def auth_tokens(env: EnvReader) -> tuple[str, ...]:
    """Two while a token is being rotated. None only where unsigned requests are allowed."""
    tokens, unsigned = env.parts("TWILIO_AUTH_TOKEN"), allow_unsigned(env)
    if not tokens and not unsigned:
        env.problem(
            "TWILIO_AUTH_TOKEN is not set: without it anyone could send us what only Twilio may "
            "(ALLOW_UNSIGNED_TWILIO=true, on a developer's machine)"
        )
    return tokens


def public_host(env: EnvReader) -> str:
    """Host of the media service; "" if it is not set."""
    host = env.text("PUBLIC_HOST")
    if host and not _HOST.fullmatch(host):
        env.problem(f"PUBLIC_HOST={host!r}: use a bare host name, like media.example.run.app")
    return host


def stream_status_url(env: EnvReader, host: str) -> str:
    """`host` is the media service's, on which it is where nothing else is said."""
    return webhook_url(env, "STREAM_STATUS_URL", f"https://{host}/webhook/stream_status" if host else "")


def webhook_url(env: EnvReader, name: str, default: str = "") -> str:
    """A public URL as it was given to Twilio, without trailing slash. Anything else is noted as a problem."""
    url = env.text(name, default).rstrip("/")
    if not url:
        env.problem(f"{name} is not set: the public URL as configured at Twilio, like https://example.run.app")
        return ""
    try:
        parts = urlsplit(url)
        host, scheme = parts.hostname or "", parts.scheme
    except ValueError:
        parts, host, scheme = urlsplit(""), "", ""
    local = host in {"127.0.0.1", "localhost", "::1"}
    plain = not (parts.query or parts.fragment or parts.username) and url.isascii() and url.isprintable()
    if (
        not host
        or not plain
        or any(ch in url for ch in " \"'<>?#")
        or scheme not in ({"https", "http"} if local else {"https"})
    ):
        env.problem(f"{name}={url!r}: use https://host or https://host/path, without query")
    return url
