"""Streaming recognition behind a breaker that all calls of the instance share.

A stream that the breaker does not admit fails at once, and its call goes on with single requests, which are never
held back here.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable

from media_service.core.events import RecognitionResult
from media_service.core.recognition.breaker import Breaker, Permit
from media_service.errors import VendorError, VendorSuspended, reason_of
from media_service.ports import Recognition, RecognitionStream, Recognizer, RecognizerProfile

log = logging.getLogger(__name__)


class GuardedRecognizer:
    """Implements `Recognizer`."""

    def __init__(self, recognizer: Recognizer, breaker: Breaker, clock: Callable[[], float]) -> None:
        self._recognizer = recognizer
        self._breaker = breaker
        self._clock = clock
        self._was_tripped = False
        self._last_failure = ""

    @property
    def language(self) -> str:
        return self._recognizer.language

    @property
    def model(self) -> str:
        return self._recognizer.model

    @property
    def profile(self) -> RecognizerProfile:
        return self._recognizer.profile

    async def open_stream(self) -> RecognitionStream:
        """Raises `VendorSuspended` without asking anybody while streaming is left alone."""
        permit = self._breaker.ask(self._clock())
        self._note_change()
        if permit is None:
            raise VendorSuspended(f"streaming is suspended after: {self._last_failure}")
        accepted = False
        try:
            stream = await self._recognizer.open_stream()
            accepted = True
        except VendorError as error:
            self.failed(permit, error)
            raise
        finally:
            if not accepted:
                self.ended(permit)  # cancelled; after a failure this changes nothing
        self._breaker.accepted(permit, self._clock())
        return _GuardedStream(stream, permit, self)

    async def recognize(self, audio: bytes) -> Recognition:
        return await self._recognizer.recognize(audio)

    def worked(self, permit: Permit) -> None:
        self._breaker.worked(permit)
        self._note_change()

    def failed(self, permit: Permit, error: VendorError) -> None:
        self._last_failure = reason_of(error)
        self._breaker.failed(permit, error, self._clock())
        self._note_change()

    def ended(self, permit: Permit) -> None:
        self._breaker.ended(permit, self._clock())
        self._note_change()

    def _note_change(self) -> None:
        if self._breaker.is_tripped == self._was_tripped:
            return
        self._was_tripped = self._breaker.is_tripped
        if self._was_tripped:
            log.error("stt_streaming_suspended", extra={"reason": self._last_failure})
        else:
            log.info("stt_streaming_resumed")


class _GuardedStream:
    """Implements `RecognitionStream`, and tells the guard what came of it."""

    def __init__(self, stream: RecognitionStream, permit: Permit, guard: GuardedRecognizer) -> None:
        self._stream = stream
        self._permit = permit
        self._guard = guard

    def send(self, audio: bytes) -> None:
        self._stream.send(audio)

    def finish(self) -> None:
        self._stream.finish()

    async def __aiter__(self) -> AsyncIterator[RecognitionResult]:
        try:
            async for result in self._stream:
                self._guard.worked(self._permit)
                yield result
        except VendorError as error:
            self._guard.failed(self._permit, error)
            raise

    async def cancel(self) -> None:
        self._guard.ended(self._permit)
        await self._stream.cancel()
