"""The numbers by which a call goes, in either mode."""

from __future__ import annotations

from dataclasses import dataclass

from media_service.core.ending import LastWords
from media_service.core.turns.listening import ListeningSettings
from media_service.core.turns.turn_taking import TurnSettings


@dataclass(frozen=True, slots=True)
class CallSettings:
    listening: ListeningSettings = ListeningSettings()
    turns: TurnSettings = TurnSettings()
    """Of no use in listen mode."""

    media_timeout_s: float = 30.0
    """No inbound frame for this long ends the call."""

    last_words: LastWords = LastWords()
