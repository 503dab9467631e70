"""The faults that can be ordered from the speech stand-in, and what of them is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.standins.control import change
from local.standins.refusal import Refusal, Refused, status_code

RESET = "RESET"
"""In place of a gRPC status: the TCP connection is reset."""


@dataclass(slots=True)
class Break:
    """End streams in the middle."""

    after_s: float = 1.0
    """Seconds after the stream was opened."""
    status: str = "UNAVAILABLE"
    """A gRPC status, or `RESET`."""
    message: str = "The service is currently unavailable."
    count: int | None = 1

    def __post_init__(self) -> None:
        if self.status != RESET:
            status_code(self.status)

    def refusal(self) -> Refused:
        return Refused(status_code(self.status), self.message)


@dataclass(slots=True)
class Stall:
    """Go on reading and say nothing any more."""

    after_s: float = 0.0
    count: int | None = 1


@dataclass(slots=True)
class Faults:
    """All of them; each may be set by its name. null, 0 or false takes it back."""

    refuse: Refusal | None = None
    cut: Break | None = None
    stall: Stall | None = None
    mute_s: float = 0.0
    """Recognize nothing of what arrives in the next seconds, on any stream."""
    drop_finals: bool = False
    delay_finals_s: float = 0.0
    """Added to the ordinary delay of a final result."""
    repeat_finals: int = 0
    """How many times more each final result is sent."""
    accept_delay_s: float = 0.0
    """New connections are passed on after this."""
    swallow: bool = False
    """Connections stand, and nothing passes in either direction."""
    refuse_config_on_audio: bool = False
    """Complain about a wrong configuration only when audio arrives."""
    unsupported_models: list[str] = field(default_factory=list)
    """Models refused for Hebrew besides those the service refuses."""

    def changed(self, values: Mapping[str, Any]) -> Faults:
        """A copy with these settings. Raises `ValueError` or `TypeError` for a setting that is none."""
        return change(self, values, {"refuse": Refusal, "cut": Break, "stall": Stall})
