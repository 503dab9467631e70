"""One streaming recognition request over gRPC: audio in without waiting, results out, every end named.

Audio goes through the request's own `write` and not through an iterator: an error in an iterator reaches the reader
as a cancellation, and an abandoned iterator goes on eating audio. One task reads, one writes; both end with the
request. Reading has a task of its own because a read that is cancelled (by somebody's time-out) kills the request.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import grpc

from media_service.adapters.google_errors import (
    GOOGLE_FAILURES,
    is_about_the_configuration,
    may_hide_a_refusal,
    vendor_error,
)
from media_service.adapters.google_stt_dialect import Dialect
from media_service.core.events import RecognitionResult
from media_service.core.vad.audio import BYTES_PER_S, linear16
from media_service.errors import VendorError, VendorRefused, VendorUnavailable

log = logging.getLogger(__name__)

# mu-law; twice that as LINEAR16. The API takes 15,000 bytes in a request (25,600 by another of its pages).
MAX_REQUEST_BYTES: Final = 7_200

_DOING: Final = "streaming recognition"


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How long the parts of a streaming request may take."""

    open_s: float = 2.0
    """Until the connection stands."""
    drain_s: float = 5.0
    """From `finish()` to the end. A guard only: how long to wait for a last final is the caller's decision."""
    lifetime_s: float = 330.0
    """The deadline of the whole request; Google ends one after 305 s."""
    first_audio_after_s: float = 0.05
    """From the configuration to the first audio. A refusal that arrives while something is being written reaches
    the reader as INTERNAL "Internal error from Core" (grpcio 1.85), without the server's word for it."""
    refused_within_s: float = 3.0
    """From the configuration to a refusal of it at the latest; on a bad day Google takes 1 to 3 s to decide."""
    unsent_bytes: int = 10 * BYTES_PER_S
    """Audio (mu-law) that may wait to be sent; the stream fails when there is more."""


def _give_up() -> bool:
    return False


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class StreamHooks:
    """What a stream tells whoever opened it, besides its results."""

    on_end: Callable[[], None]
    """Called once, when the stream has ended or could not be opened."""
    on_refused_config: Callable[[], bool] = _give_up
    """Called when the configuration is refused; whether the next stream will have another one."""
    on_doubtful_end: Callable[[], bool] = _give_up
    """Called when the end may hide a refusal, because it came before any result and as soon as a refusal would;
    whether it is to be taken for one."""
    on_accepted: Callable[[], None] = _nothing
    """Called when the configuration is known to be accepted: at the first answer, or at the end of a stream that lived
    longer than a refused one does."""


class _Unsent:
    """Audio that waits to be sent, in pieces that fit into a request."""

    def __init__(self) -> None:
        self.bytes = 0
        self.changed = asyncio.Event()
        self._pieces: deque[bytes] = deque()

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def add(self, audio: bytes) -> None:
        for start in range(0, len(audio), MAX_REQUEST_BYTES):
            self._pieces.append(audio[start : start + MAX_REQUEST_BYTES])
        self.bytes += len(audio)
        self.changed.set()

    def next_request(self) -> bytes:
        """As many of the waiting pieces as fit into one request. There is at least one."""
        pieces = [self._pieces.popleft()]
        size = len(pieces[0])
        while self._pieces and size + len(self._pieces[0]) <= MAX_REQUEST_BYTES:
            pieces.append(self._pieces.popleft())
            size += len(pieces[-1])
        self.bytes -= size
        return b"".join(pieces)

    def clear(self) -> None:
        self._pieces.clear()


class _Configuration:
    """Whether what the stream was opened with is accepted; the API says so by answering, and never beforehand."""

    def __init__(self, hooks: StreamHooks, refused_within_s: float) -> None:
        self._hooks = hooks
        self._refused_within_s = refused_within_s
        self._sent_at = math.inf
        self._answered = False

    def sent(self) -> None:
        self._sent_at = asyncio.get_running_loop().time()

    def answered(self) -> None:
        if not self._answered:
            self._answered = True
            self._hooks.on_accepted()

    def ended(self) -> None:
        if not self._answered and not self._may_be_refused:
            self._hooks.on_accepted()

    def failure(self, error: BaseException) -> VendorError:
        """The error of ours for one of `GOOGLE_FAILURES`."""
        failure = vendor_error(error, _DOING)
        refused = is_about_the_configuration(error)
        if not refused and may_hide_a_refusal(error) and self._may_be_refused:
            refused = self._hooks.on_doubtful_end()
        if refused:
            # Once it has answered it had accepted the configuration, and a new stream may not bring up what it refuses
            # now.
            helps = self._answered or self._hooks.on_refused_config()
            failure = (VendorUnavailable if helps else VendorRefused)(str(failure))
        failure.__cause__ = error
        return failure

    @property
    def _may_be_refused(self) -> bool:
        """Whether no answer has come yet, and a refusal still may."""
        age_s = asyncio.get_running_loop().time() - self._sent_at
        return not self._answered and age_s <= self._refused_within_s


class _Results:
    """Results that nobody has read yet."""

    def __init__(self) -> None:
        self._waiting: deque[RecognitionResult] = deque()
        self.changed = asyncio.Event()

    def add(self, results: Iterable[RecognitionResult]) -> None:
        """Whoever reads too slowly gets the newest interim only, so that this cannot grow; never fewer finals."""
        for result in results:
            if self._waiting and not self._waiting[-1].is_final:
                self._waiting.pop()
            self._waiting.append(result)
        self.changed.set()

    def take(self) -> Iterator[RecognitionResult]:
        while self._waiting:
            yield self._waiting.popleft()

    def clear(self) -> None:
        self._waiting.clear()


class GoogleRecognitionStream:
    """Implements `RecognitionStream`. Made by `open_google_stream`."""

    def __init__(self, call: Any, dialect: Dialect, limits: StreamLimits, hooks: StreamHooks) -> None:
        self._call = call
        self._dialect = dialect
        self._limits = limits
        self._on_end = hooks.on_end
        self._configuration = _Configuration(hooks, limits.refused_within_s)
        self._unsent = _Unsent()
        self._results = _Results()
        self._cancelled = False
        self._ended = False
        self._failure: VendorError | None = None
        self._drain_timer: asyncio.TimerHandle | None = None
        self._task = asyncio.create_task(self._run(), name="recognition-stream")

    def send(self, audio: bytes) -> None:
        if self._finishing or self._ended or self._failure is not None:
            return
        if self._unsent.bytes + len(audio) > self._limits.unsent_bytes:
            self._fail(VendorUnavailable(f"{_DOING}: {self._unsent.bytes} bytes of audio are not accepted"))
            return
        self._unsent.add(audio)

    def finish(self) -> None:
        if self._finishing or self._ended:
            return
        overdue = VendorUnavailable(f"{_DOING}: no end within {self._limits.drain_s:g} s of the last audio")
        self._drain_timer = asyncio.get_running_loop().call_later(self._limits.drain_s, self._fail, overdue)
        self._unsent.changed.set()

    async def __aiter__(self) -> AsyncIterator[RecognitionResult]:
        while True:
            for result in self._results.take():
                yield result
            if self._ended:
                break
            self._results.changed.clear()
            await self._results.changed.wait()
        if self._failure is not None and not self._cancelled:
            raise self._failure

    @property
    def _finishing(self) -> bool:
        """There will be no more audio."""
        return self._drain_timer is not None

    async def cancel(self) -> None:
        self._cancelled = True
        self._results.clear()
        self._call.cancel()
        # Not awaited as such: that would hand a cancellation of ours to the task, and its end to us.
        await asyncio.wait({self._task})

    def _fail(self, failure: VendorError) -> None:
        """End the stream with this error; the first one stays."""
        if self._failure is None and not self._ended:
            self._failure = failure
            self._call.cancel()

    async def _run(self) -> None:
        writer = asyncio.create_task(self._write(), name="recognition-stream-writer")
        # A writer that stopped early would leave a stream that hears nothing.
        writer.add_done_callback(self._on_writer_done)
        try:
            await self._read()
        except GOOGLE_FAILURES as error:
            self._failure = self._failure or self._configuration.failure(error)
        except asyncio.CancelledError as error:
            # Unless somebody cancelled this task, this is gRPC's way of saying that the request was ended on this
            # side: by `cancel`, by `_fail`, or by a channel that was closed.
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            if self._failure is None:
                self._failure = VendorUnavailable(f"{_DOING}: the request was cancelled on this side")
                self._failure.__cause__ = error
        finally:
            self._call.cancel()
            writer.cancel()
            self._end()

    def _end(self) -> None:
        self._ended = True
        self._configuration.ended()
        if self._cancelled:
            self._results.clear()
        if self._drain_timer is not None:
            self._drain_timer.cancel()
        self._unsent.clear()
        self._results.changed.set()
        self._on_end()

    async def _read(self) -> None:
        while (response := await self._call.read()) is not grpc.aio.EOF:
            self._configuration.answered()
            self._results.add(self._dialect.streaming_results(response))
        if not self._finishing and self._failure is None:
            self._failure = VendorUnavailable(f"{_DOING}: the recognizer ended the stream")

    async def _write(self) -> None:
        try:
            await self._call.write(self._dialect.streaming_config())
            self._configuration.sent()
            await asyncio.wait({self._task}, timeout=self._limits.first_audio_after_s)
            while self._unsent or not self._finishing:
                if self._unsent:
                    await self._call.write(self._dialect.streaming_audio(linear16(self._unsent.next_request())))
                else:
                    self._unsent.changed.clear()
                    await self._unsent.changed.wait()
            await self._call.done_writing()
        except GOOGLE_FAILURES:
            # The request has ended, and the reader is told why.
            log.debug("recognition_write_failed", exc_info=True)

    def _on_writer_done(self, writer: asyncio.Task[None]) -> None:
        if not writer.cancelled() and (error := writer.exception()):
            log.error("recognition_writer_failed", exc_info=error)
            self._fail(VendorUnavailable(f"{_DOING}: sending failed with {type(error).__name__}"))


async def open_google_stream(
    channel: Any, dialect: Dialect, limits: StreamLimits, hooks: StreamHooks
) -> GoogleRecognitionStream:
    """Start a request on a `grpc.aio` channel and return when the connection stands."""
    call = None
    opened = False
    try:
        call = channel.stream_stream(dialect.streaming_method)(timeout=limits.lifetime_s)
        async with asyncio.timeout(limits.open_s):
            await call.wait_for_connection()
        opened = True
    except TimeoutError as error:
        raise VendorUnavailable(f"{_DOING}: no connection within {limits.open_s:g} s") from error
    except GOOGLE_FAILURES as error:
        raise vendor_error(error, _DOING) from error
    except asyncio.CancelledError as error:
        if (task := asyncio.current_task()) and task.cancelling():
            raise
        raise VendorUnavailable(f"{_DOING}: the request was cancelled on this side") from error
    finally:
        if not opened:
            if call is not None:
                call.cancel()
            hooks.on_end()
    return GoogleRecognitionStream(call, dialect, limits, hooks)
