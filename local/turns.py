"""How long the caller waited in each turn: as the phone heard it beside what the service measured. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from local.service_log import TurnLatency
from local.twilio.report import HeardTurn

# The line is logged when the first frame of the reply is sent; the phone hears it a moment later.
_SAME_TURN_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Turn:
    heard: HeardTurn
    measured: TurnLatency | None
    """None where the service's log says nothing of it."""


def joined(heard: Iterable[HeardTurn], measured: Iterable[tuple[float, TurnLatency]]) -> list[Turn]:
    """Put together what belongs to one turn. `measured` with the time each was logged, in seconds from dialling."""
    left = list(measured)
    turns = []
    for turn in heard:
        nearest = min(left, key=lambda logged: _distance(turn, logged[0]), default=None)
        if nearest is not None and _distance(turn, nearest[0]) <= _SAME_TURN_S:
            left.remove(nearest)
            turns.append(Turn(turn, nearest[1]))
        else:
            turns.append(Turn(turn, None))
    return turns


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that is not below this share (0 to 1) of all; None without values."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else None


def _distance(turn: HeardTurn, logged_at: float) -> float:
    return abs(logged_at - turn.answered_at) if turn.answered_at is not None else math.inf
