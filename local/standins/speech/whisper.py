"""A Whisper model as second opinion on audio that holds no known phrase, for those who want to speak themselves."""

from __future__ import annotations

import importlib.util
import os

import numpy as np

from local.standins.speech.features import RATE_HZ, Samples
from local.standins.speech.recognition import Whisper

_MODEL_RATE_HZ = 16_000


def whisper_from_environment() -> Whisper | None:
    """The model that `WHISPER_MODEL` names, if it is set and faster-whisper is installed. Never downloads one."""
    name = os.environ.get("WHISPER_MODEL", "")
    if not name:
        return None
    if importlib.util.find_spec("faster_whisper") is None:
        print("WHISPER_MODEL is set, but faster-whisper is not installed: pip install faster-whisper", flush=True)
        return None
    from faster_whisper import WhisperModel  # noqa: PLC0415 - an optional package that takes seconds to load

    model = WhisperModel(name, compute_type="int8", local_files_only=True)

    def transcribe(samples: Samples) -> str:
        at = np.arange(len(samples) * _MODEL_RATE_HZ // RATE_HZ) * (RATE_HZ / _MODEL_RATE_HZ)
        audio = np.interp(at, np.arange(len(samples)), samples / 32768).astype(np.float32)
        segments, _ = model.transcribe(audio, language="he", beam_size=1)
        return " ".join(segment.text.strip() for segment in segments)

    return transcribe
