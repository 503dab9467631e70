"""Single requests that get through: asked again after a passing failure, and answered by Whisper where Google fails.

Streams pass by unchanged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from media_service.core.recognition.breaker import Breaker, Permit
from media_service.errors import VendorError, VendorUnavailable, reason_of
from media_service.ports import Recognition, RecognitionStream, Recognizer, RecognizerProfile

log = logging.getLogger(__name__)


class LocalRecognizer(Protocol):
    """Recognition in this process."""

    async def recognize(self, audio: bytes) -> Recognition:
        """As `Recognizer.recognize`."""


@dataclass(frozen=True, slots=True)
class RequestSettings:
    retry_delay_s: float = 0.2

    retry_within_s: float = 1.0
    """No attempt begins later than this: the caller has stopped speaking, and waits."""

    vendor_s: float = 3.0
    """With another recognizer at hand, the vendor gets this long; without one its own time-out."""


NOBODY_WAITS = RequestSettings(retry_delay_s=0.5, retry_within_s=15.0)
"""Where what is heard is only written down."""


class PersistentRecognizer:
    """Implements `Recognizer`. `breaker` keeps utterances from waiting for a vendor that fails; it is consulted only
    where there is a `fallback`, since without one there is nothing better than to ask."""

    def __init__(
        self,
        recognizer: Recognizer,
        fallback: LocalRecognizer | None,
        breaker: Breaker,
        clock: Callable[[], float],
        settings: RequestSettings = RequestSettings(),
    ) -> None:
        self._recognizer = recognizer
        self._fallback = fallback
        self._breaker = breaker
        self._clock = clock
        self._settings = settings
        self._fallback_is_active = False

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
        return await self._recognizer.open_stream()

    async def recognize(self, audio: bytes) -> Recognition:
        if self._fallback is None:
            return await self._persist(audio)
        permit = self._breaker.ask(self._clock())
        if permit is not None:
            try:
                return await self._ask_vendor(permit, audio)
            except VendorError as error:
                log.warning("single_request_failed", extra={"reason": reason_of(error)})
        if not self._fallback_is_active:
            self._fallback_is_active = True
            log.warning("Whisper fallback active")
        return await self._fallback.recognize(audio)

    async def _ask_vendor(self, permit: Permit, audio: bytes) -> Recognition:
        try:
            async with asyncio.timeout(self._settings.vendor_s):
                heard = await self._persist(audio)
        except TimeoutError as error:
            late = VendorUnavailable(f"single recognition: no answer within {self._settings.vendor_s:g} s")
            self._breaker.failed(permit, late, self._clock())
            raise late from error
        except VendorError as error:
            self._breaker.failed(permit, error, self._clock())
            raise
        except asyncio.CancelledError:
            self._breaker.ended(permit, self._clock())
            raise
        self._breaker.worked(permit)
        if self._fallback_is_active:
            self._fallback_is_active = False
            log.info("whisper_fallback_over")
        return heard

    async def _persist(self, audio: bytes) -> Recognition:
        began = self._clock()
        while True:
            try:
                return await self._recognizer.recognize(audio)
            except VendorError as error:
                late = self._clock() - began + self._settings.retry_delay_s > self._settings.retry_within_s
                if not error.retryable or late:
                    raise
            await asyncio.sleep(self._settings.retry_delay_s)
