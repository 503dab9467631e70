"""The log lines by which operators follow calls, and counted warnings that cannot flood the log.

The wording is fixed: dashboards, alerts and people search for it. What callers say appears only with
`log_transcripts`; without it only lengths do.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import assert_never

from media_service.core.actions import (
    ReportBargeIn,
    ReportFinal,
    ReportInterim,
    ReportRequestFailed,
    ReportStreamFailed,
    ReportStreamingGivenUp,
    ReportStreamStarted,
    ReportTurn,
)

log = logging.getLogger("media_service.calls")

Report = (
    ReportStreamStarted
    | ReportStreamFailed
    | ReportStreamingGivenUp
    | ReportRequestFailed
    | ReportInterim
    | ReportFinal
    | ReportTurn
    | ReportBargeIn
)


class CallTelemetry:
    """Of one call."""

    def __init__(self, call_sid: str, leg: int, *, log_transcripts: bool) -> None:
        self._call = {"call_sid": call_sid, "leg": leg}
        self._call_sid = call_sid
        self._log_transcripts = log_transcripts
        self._warnings: Counter[str] = Counter()
        self._turns = 0

    def report(self, what: Report) -> None:
        match what:
            case ReportInterim(speaker, text):
                log.info("🟡 Partial: %s", self._words(text), extra={**self._call, "speaker": speaker})
            case ReportFinal(speaker, text, reason, is_answered):
                why = {**self._call, "speaker": speaker, "reason": reason, "answered": is_answered}
                log.info("🟢 Final: %s", self._words(text), extra=why)
            case ReportTurn():
                self._turn(what)
            case ReportBargeIn():
                log.info("[TURN] barge-in", extra=self._call)
            case ReportStreamStarted():
                self._stream_started(what)
            case ReportStreamFailed(attempt, was_working, reason, name):
                happened = "stream lost, opening the next one" if was_working else "start failed"
                stream = {**self._call, "stream": name}
                log.warning("⚠️ [STT] Streaming %s (attempt %d): %s", happened, attempt, reason, extra=stream)
            case ReportStreamingGivenUp(name):
                stream = {**self._call, "stream": name}
                log.error("❌ [STT] All streaming attempts failed — using fallback single request", extra=stream)
            case ReportRequestFailed(reason):
                log.warning("⚠️ [STT] Single request failed: %s", reason, extra=self._call)
            case _:
                assert_never(what)

    def warn(self, kind: str) -> None:
        """Count something wrong that the peer did; the log hears of the 1st, 10th, 100th, ... of a kind."""
        self._warnings[kind] += 1
        count = self._warnings[kind]
        if str(count).strip("0") == "1":
            log.warning("bad_media_message", extra={**self._call, "kind": kind, "count": count})

    def connected(self) -> None:
        log.info("[WS] connected call=%s", self._call_sid, extra=self._call)

    def ended(self, reason: str, duration_s: float, undelivered: int) -> None:
        """The one line that sums up the call."""
        fields = {**self._call, "reason": reason, "duration_s": round(duration_s, 1), "turns": self._turns}
        log.info("[WS] ended call=%s", self._call_sid, extra={**fields, "undelivered": undelivered, **self._warnings})

    def _stream_started(self, started: ReportStreamStarted) -> None:
        stream = {**self._call, "stream": started.stream}
        log.info("✅ [STT] Streaming started (attempt %d)", started.attempt, extra=stream)
        if started.first:
            log.info("[STT] Streaming session started call=%s", self._call_sid, extra=stream)

    def _turn(self, turn: ReportTurn) -> None:
        self._turns += 1
        known = {"partial": turn.partial_s, "final": turn.final_s, "tts": turn.tts_s, "total": turn.total_s}
        # Always all four, so that the line has one shape: what did not happen in a turn reads 0.00.
        text = " ".join(f"{name}={value or 0.0:.2f}s" for name, value in known.items())
        log.info("[LATENCY] %s", text, extra={**self._call, **{f"{name}_s": value for name, value in known.items()}})

    def _words(self, text: str) -> str:
        return text if self._log_transcripts else f"({len(text)} characters)"
