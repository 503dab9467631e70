"""Is the new revision worse than the one before it? Decided from the service's own log lines and request log.

Pure. A trouble that both have (a vendor's outage) is not held against the new one; few calls prove little, and none
prove nothing: then the smoke test has to do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

LATENCY: Final = "[LATENCY]"
CONNECTED: Final = "[WS] connected"
BROKEN: Final = frozenset({"call_broke", "call_logic_broke", "start_failed"})
"""Messages that tell of a fault of ours."""

_MOST_FAILURES: Final = 0.01
_ENOUGH_TURNS: Final = 20
"""Below this a 95th percentile is one slow turn."""


@dataclass(slots=True)
class Observed:
    """Of one revision."""

    calls: int = 0
    failures: int = 0
    """Calls and starts that broke, and answers of 500 and above. A refusal for lack of room is one of them."""
    turns_s: list[float] = field(default_factory=list)
    """From the caller's last word to the first of the answer."""

    @property
    def failure_rate(self) -> float:
        return self.failures / max(1, self.calls)

    @property
    def p95_s(self) -> float:
        ordered = sorted(self.turns_s)
        return ordered[math.ceil(0.95 * len(ordered)) - 1] if ordered else math.nan


def log_filter(service: str, region: str, since: str) -> str:
    """Asks Cloud Logging for what `observe` reads. `since` as RFC 3339."""
    messages = " OR ".join(f'"{message}"' for message in sorted(BROKEN))
    return (
        f'resource.type="cloud_run_revision" AND resource.labels.service_name="{service}"'
        f' AND resource.labels.location="{region}" AND timestamp>="{since}"'
        f' AND (httpRequest.status>=500 OR jsonPayload.message:("{LATENCY}" OR "{CONNECTED}")'
        f" OR jsonPayload.message=({messages}))"
    )


def observe(entries: Iterable[Mapping[str, Any]], revision: str) -> Observed:
    """From log entries as `gcloud logging read --format=json` prints them."""
    seen = Observed()
    for entry in entries:
        if entry.get("resource", {}).get("labels", {}).get("revision_name") != revision:
            continue
        fields = entry.get("jsonPayload", {})
        message = fields.get("message", "")
        if message.startswith(CONNECTED):
            seen.calls += 1
        elif message.startswith(LATENCY):
            if isinstance(fields.get("total_s"), (int, float)):
                seen.turns_s.append(fields["total_s"])
        elif message in BROKEN or entry.get("httpRequest", {}).get("status", 0) >= 500:
            seen.failures += 1
    return seen


def worse(previous: Observed, candidate: Observed) -> Sequence[str]:
    """Why callers should not be sent to the candidate; empty if nothing speaks against it."""
    found = []
    if candidate.failure_rate > max(_MOST_FAILURES, 2 * previous.failure_rate):
        found.append(
            f"{candidate.failures} failures in {candidate.calls} calls; before: {previous.failures} in {previous.calls}"
        )
    enough = min(len(previous.turns_s), len(candidate.turns_s)) >= _ENOUGH_TURNS
    if enough and candidate.p95_s > 1.5 * previous.p95_s + 0.2:
        found.append(f"95 % of the turns are answered within {candidate.p95_s:.2f} s; before: {previous.p95_s:.2f} s")
    return found
