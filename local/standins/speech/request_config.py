"""What a request asks for, the same for both API versions, and what audio it may send."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from local.standins.refusal import invalid
from local.standins.speech.features import RATE_HZ, Samples
from local.standins.speech.recognition import Wishes
from media_service.core.vad.audio import decode_mulaw

Encoding = Literal["LINEAR16", "MULAW"]

HEBREW: Final = frozenset({"iw-IL", "he-IL", "iw", "he"})
_LANGUAGE_TAG: Final = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*\Z")
_RATES_HZ: Final = range(8_000, 48_001)


@dataclass(frozen=True, slots=True)
class RequestConfig:
    """A configuration that was accepted."""

    encoding: Encoding
    rate_hz: int
    language: str
    model: str
    wishes: Wishes

    @property
    def hebrew(self) -> bool:
        """Other languages are accepted, and nothing is understood in them."""
        return self.language in HEBREW or self.language == "auto"

    def duration_s(self, audio: bytes) -> float:
        return len(audio) / (self.rate_hz * (2 if self.encoding == "LINEAR16" else 1))


class AudioReader:
    """Turns the bytes of one stream into samples at 8000 Hz, however they are cut."""

    def __init__(self, config: RequestConfig) -> None:
        self._config = config
        self._rest = b""
        self._samples_in = 0
        self._samples_out = 0
        self._last = np.zeros(1, np.float32)

    def read(self, audio: bytes) -> Samples:
        if self._config.encoding == "MULAW":
            samples: Samples = decode_mulaw(audio)
        else:
            audio = self._rest + audio
            whole = len(audio) // 2 * 2
            self._rest = audio[whole:]
            samples = np.frombuffer(audio[:whole], "<i2")
        return samples if self._config.rate_hz == RATE_HZ else self._resampled(samples)

    def _resampled(self, samples: Samples) -> Samples:
        """Straight lines between samples: good enough to recognize by, and nothing here sends other rates."""
        if not len(samples):
            return samples
        known = np.concatenate([self._last, samples.astype(np.float32)])
        first = self._samples_in - 1
        self._samples_in += len(samples)
        step = self._config.rate_hz / RATE_HZ
        count = max(0, int((self._samples_in - 1) / step) + 1 - self._samples_out)
        at = (self._samples_out + np.arange(count)) * step - first
        self._samples_out += count
        self._last = known[-1:]
        resampled: Samples = np.interp(at, np.arange(len(known)), known).astype(np.int16)
        return resampled


def check_language(tag: str) -> None:
    if not _LANGUAGE_TAG.match(tag) and tag != "auto":
        raise invalid("Invalid recognition 'config': bad language code.")


def check_rate(rate_hz: int) -> None:
    if rate_hz not in _RATES_HZ:
        raise invalid("Invalid recognition 'config': bad sample rate hertz.")
