"""One streaming request, from its first message to its end."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from local.standins.refusal import Refused, invalid, take
from local.standins.speech.decoder import Lexicon
from local.standins.speech.faults import RESET, Break, Faults, Stall
from local.standins.speech.recognition import FinalHeard, Recognition, Result, Timing, Whisper
from local.standins.speech.request_config import AudioReader, RequestConfig
from local.standins.speech.stream_limits import StreamGauge, StreamLimits
from local.standins.speech.tapes import Tape

_WAITING_REQUESTS = 32
"""Requests read ahead of their handling; beyond this the client feels that we are slow."""


class Api(Protocol):
    """What differs between the versions; the modules `api_v1` and `api_v2`."""

    SERVICE: str
    STREAM_REQUEST: Any
    STREAM_RESPONSE: Any
    REQUEST: Any
    RESPONSE: Any
    LIMITS: StreamLimits

    def has_stream_config(self, request: Any) -> bool: ...
    def stream_config(self, request: Any, unsupported: Iterable[str]) -> RequestConfig: ...
    def stream_audio(self, request: Any) -> bytes: ...
    def stream_response(self, result: Result) -> Any: ...
    def request_config(self, request: Any, unsupported: Iterable[str]) -> RequestConfig: ...
    def request_audio(self, request: Any) -> bytes: ...
    def response(self, results: Sequence[FinalHeard], duration_s: float) -> Any: ...


@dataclass(slots=True)
class Counts:
    """What the stand-in saw since the start or the last reset."""

    streams_opened: int = 0
    streams_active: int = 0
    streams_active_peak: int = 0
    streams_refused: int = 0
    audio_bytes: int = 0
    largest_audio_bytes: int = 0
    finals_sent: int = 0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a stream shares with the others of the process."""

    lexicon: Lexicon
    timing: Timing
    counts: Counts
    faults: Callable[[], Faults]
    muted: Callable[[], bool]
    reset_connection: Callable[[str], None]
    """Reset the connection of the client with this gRPC peer name."""
    unknown: Whisper
    """Asked for the words of Hebrew speech that holds no known phrase."""
    tape: Callable[[], Tape | None]
    """Where to keep what a stream that opens now is sent and answers."""


class _HalfClose:
    """In the queue of requests: the client will send no more."""


class Stream:
    """Handles the request; iterate `responses` once. Ends with `Refused` where the service would end it."""

    def __init__(self, api: Api, limits: StreamLimits, around: Surroundings, peer: str) -> None:
        self._api = api
        self._around = around
        self._peer = peer
        self._opened_at = _now()
        self._gauge = StreamGauge(limits, self._opened_at)
        faults = around.faults()
        self._cut: Break | None = replace(faults.cut) if faults.cut and take(faults.cut) else None
        self._stall: Stall | None = replace(faults.stall) if faults.stall and take(faults.stall) else None
        self._refused: Refused | None = None
        self._config: RequestConfig | None = None
        self._audio: AudioReader | None = None
        self._recognition: Recognition | None = None
        self._half_closed = False
        self._tape = around.tape()

    def cut_now(self, cut: Break) -> bool:
        """Break an open stream in the middle. False if it is broken already."""
        if self._cut or self._stalled(_now()):
            return False
        self._cut = replace(cut, after_s=0.0)
        return True

    def stall_now(self, stall: Stall) -> bool:
        """Let an open stream fall silent. False if it is broken already."""
        if self._cut or self._stalled(_now()):
            return False
        self._stall = replace(stall, after_s=0.0)
        self._note("stalls")
        return True

    async def responses(self, requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
        arrived: asyncio.Queue[Any] = asyncio.Queue(_WAITING_REQUESTS)
        reader = asyncio.create_task(_read(requests, arrived))
        try:
            while not self._done():
                request = await _next(arrived, self._deadline())
                now = _now()
                if request is not None:
                    self._on_request(request, now)
                self._check_time(now)
                for result in self._recognition.due(now) if self._recognition else ():
                    for response in self._sent(result):
                        self._note(str(result))
                        yield response
        finally:
            reader.cancel()
            self._note(f"ended: {sys.exception()!r}" if sys.exception() else "ended")
            if self._tape:
                self._tape.close()

    def _done(self) -> bool:
        if self._stalled(_now()):
            return False
        if self._recognition:
            return self._recognition.finished
        return self._half_closed

    def _deadline(self) -> float:
        deadlines = [] if self._half_closed else [self._gauge.deadline()]
        if self._recognition and (due := self._recognition.deadline()) is not None:
            deadlines.append(due)
        if self._cut:
            deadlines.append(self._opened_at + self._cut.after_s)
        return min(deadlines, default=float("inf"))

    def _check_time(self, now: float) -> None:
        if self._cut and now >= self._opened_at + self._cut.after_s:
            cut, self._cut = self._cut, None
            if cut.status == RESET:
                self._around.reset_connection(self._peer)
            else:
                raise cut.refusal()
        if not self._half_closed:
            self._gauge.on_timer(now)

    def _on_request(self, request: Any, now: float) -> None:
        if isinstance(request, _HalfClose):
            self._half_closed = True
            if self._recognition:
                self._recognition.on_end(now)
        elif self._config is None and self._refused is None:
            self._on_config(request)
        else:
            self._on_audio(request, now)

    def _on_config(self, request: Any) -> None:
        if not self._api.has_stream_config(request):
            raise invalid("Invalid 'streaming_config': the first message must carry it.")
        faults = self._around.faults()
        try:
            config = self._api.stream_config(request, faults.unsupported_models)
        except Refused as refused:
            if not faults.refuse_config_on_audio:
                raise
            self._refused = refused
            return
        self._config = config
        self._audio = AudioReader(config)
        timing = self._around.timing
        timing = replace(timing, final_delay_s=timing.final_delay_s + faults.delay_finals_s)
        unknown = self._around.unknown if config.hebrew else None
        self._recognition = Recognition(self._around.lexicon, config.wishes, timing, unknown)

    def _on_audio(self, request: Any, now: float) -> None:
        if self._refused:
            raise self._refused
        assert self._config  # noqa: S101 - this and the two below are made together
        assert self._audio  # noqa: S101
        assert self._recognition  # noqa: S101
        if self._api.has_stream_config(request):
            raise invalid("Invalid 'streaming_config': only the first message may carry it.")
        audio = self._api.stream_audio(request)
        if self._tape:
            self._tape.audio(audio)
        counts = self._around.counts
        counts.audio_bytes += len(audio)
        counts.largest_audio_bytes = max(counts.largest_audio_bytes, len(audio))
        self._gauge.on_audio(len(audio), self._config.duration_s(audio), now)
        samples = self._audio.read(audio)
        if self._around.muted() or not self._config.hebrew:
            samples = np.zeros_like(samples)
        self._recognition.on_audio(samples, now)

    def _note(self, line: str) -> None:
        if self._tape:
            self._tape.note(line)

    def _stalled(self, now: float) -> bool:
        return self._stall is not None and now >= self._opened_at + self._stall.after_s

    def _sent(self, result: Result) -> list[Any]:
        """The responses for a result, after what the faults make of it."""
        faults, counts = self._around.faults(), self._around.counts
        if self._stalled(_now()):
            return []
        times = 1
        if isinstance(result, FinalHeard):
            times = 0 if faults.drop_finals else 1 + faults.repeat_finals
            counts.finals_sent += times
        return [self._api.stream_response(result)] * times


async def _read(requests: AsyncIterator[Any], arrived: asyncio.Queue[Any]) -> None:
    async for request in requests:
        await arrived.put(request)
    await arrived.put(_HalfClose())


async def _next(arrived: asyncio.Queue[Any], deadline: float) -> Any | None:
    """The next request, or None when the deadline (on the loop's clock) passes first."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(None if deadline == float("inf") else deadline):
            return await arrived.get()
    return None


def _now() -> float:
    return asyncio.get_running_loop().time()
