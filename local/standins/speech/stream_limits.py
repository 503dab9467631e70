"""The limits of one streaming request: how long, how fast, how large, how often.

Pure: `now` is given, in seconds on any one clock. The messages are the service's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import grpc

from local.standins.refusal import Refused, invalid


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """What one API version allows a stream."""

    longest_s: float
    too_long: tuple[grpc.StatusCode, str]
    largest_bytes: int
    silent: tuple[grpc.StatusCode, str]
    """For a stream on which no audio arrives."""
    longest_silence_s: float = 10.0
    fastest: float = 2.0
    """Seconds of audio in a second, in the long run."""
    ahead_s: float = 6.0
    """Audio that may come at once before the pace is looked at."""


V1 = StreamLimits(
    longest_s=305.0,
    too_long=(grpc.StatusCode.OUT_OF_RANGE, "Exceeded maximum allowed stream duration of 305 seconds."),
    largest_bytes=25_600,
    silent=(
        grpc.StatusCode.OUT_OF_RANGE,
        "Audio Timeout Error: Long duration elapsed without audio. Audio should be sent close to real time.",
    ),
)
V2 = StreamLimits(
    longest_s=300.0,
    too_long=(grpc.StatusCode.ABORTED, "Max duration of 5 minutes reached for stream."),
    largest_bytes=15_360,
    silent=(grpc.StatusCode.ABORTED, "Stream timed out after receiving no more client requests."),
)


class StreamGauge:
    """Watches one stream, and raises `Refused` when a limit is passed."""

    def __init__(self, limits: StreamLimits, now: float) -> None:
        self._limits = limits
        self._opened_at = now
        self._audio_at = now
        self._received_s = 0.0

    def on_audio(self, size_bytes: int, duration_s: float, now: float) -> None:
        limits = self._limits
        if size_bytes > limits.largest_bytes:
            raise invalid(
                f"Audio chunk can be of a maximum of {limits.largest_bytes} bytes. "
                f"Received audio of {size_bytes} bytes instead."
            )
        self._audio_at = now
        self._received_s += duration_s
        if self._received_s > limits.ahead_s + limits.fastest * (now - self._opened_at):
            raise Refused(
                grpc.StatusCode.OUT_OF_RANGE,
                "Audio data is being streamed too fast. Please stream audio data approximately at real time.",
            )

    def deadline(self) -> float:
        """When to call `on_timer`."""
        return min(self._opened_at + self._limits.longest_s, self._audio_at + self._limits.longest_silence_s)

    def on_timer(self, now: float) -> None:
        if now >= self._opened_at + self._limits.longest_s:
            raise Refused(*self._limits.too_long)
        if now >= self._audio_at + self._limits.longest_silence_s:
            raise Refused(*self._limits.silent)
