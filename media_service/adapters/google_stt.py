"""Speech recognition by Google Speech-to-Text: the `Recognizer` of the service.

Audio arrives as mu-law and leaves as LINEAR16, decoded a request at a time. Requests are not retried here: a new
stream is the caller's decision, and the client library's own retries hide a dead endpoint for over an hour.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from media_service.adapters.google_channels import ChannelPool, GoogleEndpoint, channel_opener
from media_service.adapters.google_errors import GOOGLE_FAILURES, is_about_the_configuration, vendor_error
from media_service.adapters.google_stt_dialect import GOOGLE_SINGLE, Dialect, SpeechOptions, google_language
from media_service.adapters.google_stt_models import ModelChoice, ModelInUse, ProbeOutcome, choose_model, model_choices
from media_service.adapters.google_stt_stream import (
    GoogleRecognitionStream,
    StreamHooks,
    StreamLimits,
    open_google_stream,
)
from media_service.adapters.google_stt_v1 import SpeechV1
from media_service.adapters.google_stt_v2 import SpeechV2, recognizer_path
from media_service.core.events import RecognitionResult
from media_service.core.vad.audio import BYTES_PER_S, SILENCE_BYTE, duration_s, linear16
from media_service.errors import VendorError, VendorRefused, VendorUnavailable, reason_of
from media_service.ports import Recognition, RecognizerProfile

log = logging.getLogger(__name__)

FALLBACK_HOST: Final = "speech.googleapis.com"

# A single request takes one minute of audio. The rest of the minute is for rounding on their side.
LONGEST_SINGLE_S: Final = 55

_PROBE_AUDIO: Final = bytes([SILENCE_BYTE]) * int(0.3 * BYTES_PER_S)


@dataclass(frozen=True, slots=True)
class GoogleSpeechSettings:
    """What the operators decide."""

    model: str = "phone_call"
    """Tried first; see `model_choices`. `chirp_3` means v2 of the API."""
    language: str = "he-IL"
    punctuation: bool = True
    """Wanted in interims or in finals; taking it out of the others is done elsewhere."""
    endpoint: str = "eu-speech.googleapis.com"
    emulator_host: str = ""
    """host:port of a local process to use instead of Google."""
    project: str = ""
    """Needed by v2 only, and there it is a part of the recognizer's name."""
    max_streams: int = 120
    """Streaming requests at the same time, at the most."""
    request_timeout_s: float = 25.0
    """Longest wait for a single request."""
    probe_s: float = 2.5
    """Longest wait for the answer to one probe."""
    probes_s: float = 6.0
    """The same for all probes together."""
    limits: StreamLimits = field(default_factory=StreamLimits)


class GoogleRecognizer:
    """Implements `Recognizer` over one endpoint's channels. Made by `google_recognizer`."""

    def __init__(self, settings: GoogleSpeechSettings, pool: ChannelPool, choices: Sequence[ModelChoice]) -> None:
        self._settings = settings
        self._pool = pool
        self._options = SpeechOptions(google_language(settings.language), settings.punctuation)
        self._dialects: dict[ModelChoice, Dialect] = {}
        self._in_use = ModelInUse(choices, choices[0], self.language)

    @property
    def language(self) -> str:
        return self._options.language

    @property
    def model(self) -> str:
        return self._in_use.current.model

    @property
    def profile(self) -> RecognizerProfile:
        return self._dialect(self._in_use.current).profile

    @property
    def open_streams(self) -> int:
        """Requests open now; 0 when no call is going on."""
        return self._pool.open_streams

    async def open_stream(self) -> GoogleRecognitionStream:
        return await self._open(self._in_use.current, self._in_use)

    async def recognize(self, audio: bytes) -> Recognition:
        results: list[RecognitionResult] = []
        step = LONGEST_SINGLE_S * BYTES_PER_S
        for start in range(0, len(audio), step):
            for result in await self._recognize_piece(audio[start : start + step]):
                end_s = None if result.end_s is None else result.end_s + start / BYTES_PER_S
                results.append(replace(result, end_s=end_s))
        return Recognition(results, GOOGLE_SINGLE)

    async def select_model(self, choices: Sequence[ModelChoice]) -> ProbeOutcome:
        """Try the models and use the first accepted one. If none is, the last of `choices`' names stays in use."""
        accepted, outcome = await choose_model(choices, self._probe, self.language, self._settings.probes_s)
        if accepted is None:
            # Calls will try: it is the model that knows every language.
            accepted = next(each for each in choices if each.model == choices[-1].model)
        self._in_use = ModelInUse(choices, accepted, self.language)
        return outcome

    async def _open(self, choice: ModelChoice, models: ModelInUse) -> GoogleRecognitionStream:
        """`models` is told what becomes of the choice."""
        lease = self._pool.lease()
        hooks = StreamHooks(
            on_end=lease.release,
            on_refused_config=partial(models.refused, choice),
            on_doubtful_end=partial(models.doubted, choice),
            on_accepted=partial(models.accepted, choice),
        )
        return await open_google_stream(lease.channel, self._dialect(choice), self._settings.limits, hooks)

    def _dialect(self, choice: ModelChoice) -> Dialect:
        if choice not in self._dialects:
            if choice.is_v2:
                recognizer = recognizer_path(self._settings.project, self._settings.endpoint)
                self._dialects[choice] = SpeechV2(self._options, choice.model, recognizer)
            else:
                self._dialects[choice] = SpeechV1(self._options, choice.model, enhanced=choice.enhanced)
        return self._dialects[choice]

    async def _recognize_piece(self, audio: bytes) -> list[RecognitionResult]:
        while True:
            choice = self._in_use.current
            try:
                return await self._single(choice, audio)
            except VendorRefused as error:
                cause = error.__cause__
                if cause is None or not is_about_the_configuration(cause) or not self._in_use.refused(choice):
                    raise

    async def _single(self, choice: ModelChoice, audio: bytes) -> list[RecognitionResult]:
        dialect = self._dialect(choice)
        lease = self._pool.lease()
        # Recognizing takes a part of the time that speaking took.
        timeout_s = min(self._settings.request_timeout_s, 5.0 + duration_s(audio) / 2)
        try:
            response: bytes = await lease.channel.unary_unary(dialect.single_method)(
                dialect.single_request(linear16(audio)),
                timeout=timeout_s,
                metadata=dialect.single_metadata,
            )
        except GOOGLE_FAILURES as error:
            raise vendor_error(error, "single recognition") from error
        except asyncio.CancelledError as error:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            raise VendorUnavailable("single recognition: the request was cancelled on this side") from error
        finally:
            lease.release()
        return dialect.single_results(response)

    async def _probe(self, choice: ModelChoice) -> ProbeOutcome:
        """Ask, and where the answer may hide a refusal, ask once more."""
        only = ModelInUse((choice,), choice, self.language)
        outcome = await self._probe_once(choice, only)
        return await self._probe_once(choice, only) if only.in_doubt else outcome

    async def _probe_once(self, choice: ModelChoice, only: ModelInUse) -> ProbeOutcome:
        """Send a little silence as a call would, and read to the end: the refusal comes after the first audio."""
        try:
            stream = await self._open(choice, only)
        except VendorUnavailable as error:
            log.warning("stt_probe_failed", extra={"model": str(choice), "reason": reason_of(error)})
            return ProbeOutcome.UNREACHABLE
        except VendorError as error:
            log.warning("stt_probe_failed", extra={"model": str(choice), "reason": reason_of(error)})
            return ProbeOutcome.UNPROVEN
        try:
            stream.send(_PROBE_AUDIO)
            stream.finish()
            async with asyncio.timeout(self._settings.probe_s):
                async for _ in stream:
                    pass
        except VendorRefused as error:
            log.info("stt_probe_refused", extra={"model": str(choice), "reason": reason_of(error)})
            return ProbeOutcome.REFUSED
        except (VendorError, TimeoutError) as error:
            log.warning("stt_probe_failed", extra={"model": str(choice), "reason": reason_of(error)})
            return ProbeOutcome.UNPROVEN
        finally:
            await stream.cancel()
        return ProbeOutcome.ACCEPTED


@asynccontextmanager
async def google_recognizer(
    settings: GoogleSpeechSettings, fallback: GoogleEndpoint | None = None
) -> AsyncIterator[GoogleRecognizer]:
    """Connect, choose the model, and close the channels at the end. Takes `settings.probes_s` per endpoint at most.

    Where the configured endpoint cannot be reached or refuses every model, `fallback` (by default Google's global
    endpoint, unless an emulator is set) is tried. If that does not answer either, calls try the configured one.
    Raises `VendorRefused` without credentials.
    """
    here = GoogleEndpoint.of(settings.endpoint, settings.emulator_host)
    if fallback is None and not here.plain and settings.endpoint != FALLBACK_HOST:
        fallback = GoogleEndpoint(FALLBACK_HOST)
    async with AsyncExitStack() as cleanup:
        recognizer, outcome = await _recognizer_at(here, settings, cleanup)
        if fallback is not None and outcome in {ProbeOutcome.UNREACHABLE, ProbeOutcome.REFUSED}:
            log.error("❌ [STT] Endpoint %s: %s, trying %s", here.host, outcome.name.lower(), fallback.host)
            there, elsewhere = await _recognizer_at(fallback, replace(settings, endpoint=fallback.host), cleanup)
            if elsewhere is ProbeOutcome.ACCEPTED:
                recognizer, outcome = there, elsewhere
        if outcome is not ProbeOutcome.ACCEPTED:
            log.error("❌ [STT] No model was accepted; calls will try '%s'", recognizer.model)
        yield recognizer


async def _recognizer_at(
    endpoint: GoogleEndpoint, settings: GoogleSpeechSettings, cleanup: AsyncExitStack
) -> tuple[GoogleRecognizer, ProbeOutcome]:
    pool = ChannelPool(await channel_opener(endpoint), settings.max_streams)
    cleanup.push_async_callback(pool.close)
    pool.connect()
    choices = model_choices(settings.model, v2=bool(settings.project))
    recognizer = GoogleRecognizer(settings, pool, choices)
    return recognizer, await recognizer.select_model(choices)
