"""Speech recognition in this process by a faster-whisper model: the last resort when Google fails.

One model and one worker thread for all calls, and a short queue before it; what does not fit in is refused at once,
since the caller is waiting. The package is optional, and a model is never downloaded.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib
import logging
import math
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from media_service.core.events import RecognitionResult
from media_service.core.vad.audio import decode_mulaw, duration_s
from media_service.errors import VendorExhausted, VendorRefused, VendorUnavailable
from media_service.ports import Recognition

log = logging.getLogger(__name__)

WHISPER: Final = "whisper"
"""The name of this recognizer in events."""

# A half-band filter: every second sample of the output is one of the input, and the one between two of them comes
# from 16 on each side. The window keeps the mirror image of the telephone band more than 40 dB down.
_REACH: Final = 16
_OFFSETS: Final = np.arange(-_REACH, _REACH) + 0.5
_WINDOWED: Final = np.sinc(_OFFSETS) * np.kaiser(2 * _REACH, 5.0)
_BETWEEN: Final = (_WINDOWED / _WINDOWED.sum()).astype(np.float32)


@dataclass(frozen=True, slots=True)
class WhisperSettings:
    model: str
    """The path of a model's directory, or the name of one that is in the local cache."""
    language: str = "he"
    """As Whisper spells it, see `whisper_language`."""
    queue: int = 4
    """Utterances that may wait, the one being recognized included. More would be answered too late to matter."""
    timeout_s: float = 20.0
    """Longest wait for one, queueing included."""


class WhisperRecognizer:
    """Made by `whisper_recognizer`."""

    def __init__(self, model: Any, worker: concurrent.futures.Executor, settings: WhisperSettings) -> None:
        self._model = model
        self._worker = worker
        self._settings = settings
        self._free = threading.BoundedSemaphore(settings.queue)

    async def recognize(self, audio: bytes) -> Recognition:
        """One result for the whole utterance, or none. Raises `VendorExhausted` when too many are waiting."""
        if not self._free.acquire(blocking=False):
            raise VendorExhausted(f"whisper: {self._settings.queue} utterances are waiting already")
        job = self._worker.submit(_transcribe, self._model, audio, self._settings.language)
        # When the worker is done with it, which may be after the caller has lost patience.
        job.add_done_callback(lambda _: self._free.release())
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                results = await asyncio.wrap_future(job)
        except TimeoutError as error:
            raise VendorUnavailable(f"whisper: no answer within {self._settings.timeout_s:g} s") from error
        except (RuntimeError, ValueError) as error:  # what CTranslate2 and faster-whisper raise
            raise VendorUnavailable(f"whisper: {type(error).__name__} {error}") from error
        return Recognition(results, WHISPER)


@asynccontextmanager
async def whisper_recognizer(settings: WhisperSettings) -> AsyncIterator[WhisperRecognizer]:
    """Load the model, which takes seconds. Raises `VendorRefused` if there is no such package or no such model."""
    worker = concurrent.futures.ThreadPoolExecutor(max_workers=1, thread_name_prefix="whisper")
    try:
        model = await asyncio.get_running_loop().run_in_executor(worker, _load, settings)
        log.info("whisper_ready", extra={"model": settings.model})
        yield WhisperRecognizer(model, worker, settings)
    finally:
        worker.shutdown(wait=False, cancel_futures=True)


def doubled_rate(audio: bytes) -> npt.NDArray[np.float32]:
    """mu-law as samples from -1 to 1 at 16 kHz."""
    samples = decode_mulaw(audio).astype(np.float32) / 32768.0
    doubled = np.empty(2 * len(samples), np.float32)
    doubled[0::2] = samples
    padded = np.pad(samples, (_REACH - 1, _REACH))
    doubled[1::2] = np.convolve(padded, _BETWEEN, mode="valid")[: len(samples)]
    return doubled


def whisper_language(tag: str) -> str:
    """Whisper knows languages without their countries, and Hebrew by its new code: `he` for `iw-IL`."""
    language = tag.strip().lower().partition("-")[0]
    return "he" if language == "iw" else language


def _load(settings: WhisperSettings) -> Any:
    model = settings.model
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when the package is imported
    try:
        faster_whisper = importlib.import_module("faster_whisper")
    except ImportError as error:
        raise VendorRefused(
            "WHISPER_MODEL is set, but faster-whisper is not installed: pip install 'maane[whisper]'"
        ) from error
    logging.getLogger("faster_whisper").setLevel(logging.WARNING)  # otherwise a line for every utterance
    # Without its tokenizer the package would go and look for one on the network.
    if Path(model).is_dir() and not (Path(model) / "tokenizer.json").is_file():
        raise VendorRefused(f"WHISPER_MODEL={model!r}: there is no tokenizer.json in it")
    threads = max(1, (os.cpu_count() or 2) - 1)  # one is left for the calls' audio
    try:
        loaded = faster_whisper.WhisperModel(
            model, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )
    except (RuntimeError, ValueError, OSError) as error:  # a broken model, an unknown name, one that is not here
        raise VendorRefused(f"WHISPER_MODEL={model!r} cannot be loaded: {error}") from error
    if settings.language not in loaded.supported_languages:
        raise VendorRefused(f"WHISPER_MODEL={model!r} does not know the language {settings.language!r}")
    return loaded


def _transcribe(model: Any, audio: bytes, language: str) -> list[RecognitionResult]:
    segments, _ = model.transcribe(
        doubled_rate(audio),
        language=language,
        beam_size=1,
        temperature=0.0,  # a list of them would mean up to six passes, for a caller who is waiting
        condition_on_previous_text=False,
        without_timestamps=True,
    )
    heard = [segment for segment in segments if segment.text.strip()]  # recognition happens here
    if not heard:
        return []
    text = " ".join(segment.text.strip() for segment in heard)
    confidence = math.exp(min(0.0, sum(segment.avg_logprob for segment in heard) / len(heard)))
    result = RecognitionResult(text, True, duration_s(audio), confidence=round(confidence, 3), recognizer=WHISPER)
    return [result]
