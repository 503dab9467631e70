"""The detectors that are compared, behind one call: 20 ms of mu-law in, whether somebody speaks out."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from evals.speech_activity.energy_gates import EnergyGate, MinimumGate
from media_service.core.vad.audio import decode_mulaw, linear16
from media_service.core.vad.speech_activity import SpeechActivity

IsVoiced = Callable[[bytes], bool]

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
    all_of_them = [
        Candidate("energy gate", lambda: EnergyGate().is_voiced, f"import {gates}"),
        Candidate("energy over its minimum", lambda: MinimumGate().is_voiced, f"import {gates}"),
        Candidate("bands over their noise (ours)", lambda: SpeechActivity().is_voiced, f"import {ours}"),
        Candidate("WebRTC, mode 0", lambda: _webrtc(0), "import webrtcvad", "webrtcvad-wheels"),
        Candidate("WebRTC, mode 2", lambda: _webrtc(2), "import webrtcvad", "webrtcvad-wheels"),
        Candidate("WebRTC, mode 3", lambda: _webrtc(3), "import webrtcvad", "webrtcvad-wheels"),
        Candidate("TEN (neural), 0.5", lambda: _ten(0.5), "import ten_vad; ten_vad.TenVad(160)", "ten-vad"),
        Candidate("TEN (neural), 0.3", lambda: _ten(0.3), "import ten_vad; ten_vad.TenVad(160)", "ten-vad"),
    ]
    packages = sorted({candidate.package for candidate in all_of_them if candidate.package})
    try:
        for candidate in all_of_them:
            candidate.start()
    except ImportError as missing:
        raise ModuleNotFoundError(f"{missing}. The comparison needs: pip install {' '.join(packages)}") from missing
    except OSError as missing:
        raise ModuleNotFoundError(f"{missing}. ten-vad needs LLVM's C++ library (Debian: libc++1)") from missing
    return all_of_them


def _webrtc(mode: int) -> IsVoiced:
    detector: Any = importlib.import_module("webrtcvad").Vad(mode)
    return lambda frame: bool(detector.is_speech(linear16(frame), 8000))


def _ten(threshold: float) -> IsVoiced:
    """It hears 16000 Hz, 10 ms at a time."""
    detector: Any = importlib.import_module("ten_vad").TenVad(160, threshold)
    before = np.zeros(5)

    def is_voiced(frame: bytes) -> bool:
        nonlocal before
        samples = np.concatenate([before, decode_mulaw(frame)])
        before = samples[-5:]
        doubled = np.empty((len(samples) - 5) * 2)
        doubled[0::2] = samples[2:-3]
        doubled[1::2] = np.convolve(samples, _BETWEEN, "valid")
        wide = np.clip(np.rint(doubled), -32768, 32767).astype(np.int16)
        # Both halves are asked, whatever the first one says: each moves the detector's memory on.
        first, second = (detector.process(half)[1] == 1 for half in (wide[:160], wide[160:]))
        return bool(first or second)

    return is_voiced
