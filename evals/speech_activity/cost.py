"""What a detector costs: time for each frame, and what loading it takes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evals.speech_activity.detectors import Candidate
from evals.speech_activity.labelled import NOTHING, SPEECH, Track
from media_service.core.vad.audio import FRAME_BYTES

_ROUNDS = 9

# NumPy is loaded before counting: the service has it in any case.
_LOADING = """
import resource, time, numpy, media_service.core.vad.audio
def resident(): return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
before, started_at = resident(), time.perf_counter()
{imports}
print(time.perf_counter() - started_at, resident() - before)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    speech_us: float
    """For a frame of speech."""
    quiet_us: float
    """For one of the line's own noise."""
    frame_us: float
    """On average over the whole track."""
    import_ms: float
    memory_mb: float
    installed_mb: float


def of(candidate: Candidate, track: Track) -> Cost:
    import_s, memory_bytes = _loading(candidate.imports)
    frame_us = _frames_us(candidate, track.audio)
    return Cost(
        speech_us=float(frame_us[track.labels == SPEECH].mean()),
        quiet_us=float(frame_us[track.labels == NOTHING].mean()),
        frame_us=float(frame_us.mean()),
        import_ms=import_s * 1e3,
        memory_mb=memory_bytes / 1e6,
        installed_mb=_installed_mb(candidate.package),
    )


def _frames_us(candidate: Candidate, audio: bytes) -> npt.NDArray[np.float64]:
    """For each frame the median of the rounds: what else the machine does falls on another frame every time."""
    frames = [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES)]
    rounds = []
    for _ in range(_ROUNDS):
        is_voiced = candidate.start()
        times_ns = [time.perf_counter_ns()]
        for frame in frames:
            is_voiced(frame)
            times_ns.append(time.perf_counter_ns())
        rounds.append(np.diff(times_ns) / 1e3)
    return np.asarray(np.median(rounds, axis=0))


def _loading(imports: str) -> tuple[float, float]:
    """Seconds at the least and bytes as a rule, each time in a process of its own."""
    command = [sys.executable, "-c", _LOADING.format(imports=imports)]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() for _ in range(_ROUNDS)]
    return min(float(run[0]) for run in runs), statistics.median(float(run[1]) for run in runs)


def _installed_mb(package: str | None) -> float:
    if package is None:
        return 0.0
    files = metadata.files(package) or []
    return sum(size.stat().st_size for file in files if (size := Path(str(file.locate()))).is_file()) / 1e6
