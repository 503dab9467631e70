"""Measure how long the caller waits in each turn."""

from __future__ import annotations

from media_service.core.actions import ReportTurn
from media_service.core.turns.utterance import Utterance


class TurnLatency:
    """One reply: from the utterance it answers to the first frame sent."""

    def __init__(self, utterance: Utterance) -> None:
        self._utterance = utterance
        self._text_at: float | None = None
        self._audio_at: float | None = None

    def text_ready(self, now: float) -> None:
        self._text_at = now if self._text_at is None else self._text_at

    def audio_ready(self, now: float) -> None:
        self._audio_at = now if self._audio_at is None else self._audio_at

    def first_frame_sent(self, now: float) -> ReportTurn:
        said = self._utterance
        partial = None if said.progress.first_interim_at is None else said.progress.first_interim_at - said.started_at
        tts = None if self._text_at is None or self._audio_at is None else self._audio_at - self._text_at
        return ReportTurn(partial, said.closed_at - said.ended_at, tts, now - said.ended_at)
