"""Say for each 20 ms frame whether somebody is speaking.

A frame is voiced when it stands out from the noise of its line in enough bands, or has a pitch, and does not go on
as only machines do. It is not a judgement of one frame alone: each track has a detector of its own, fed in order.
How other detectors compare, and what this one cannot tell apart: docs/decisions/0004-speech-activity.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from media_service.core.vad import audio, frame_features
from media_service.core.vad.audio import FRAME_BYTES, decode_unit, faint_mean_square
from media_service.core.vad.frame_features import BANDS, BandPowers, Samples
from media_service.core.vad.monotony import Monotony, MonotonySettings
from media_service.core.vad.noise_floor import NoiseFloor

_FULL_SCALE: Final = 32768.0
_WEAKEST_BAND: Final = np.ones(BANDS, np.float32)
_STRONGEST_BAND: Final = np.full(BANDS, 30.0, np.float32)
"""15 dB above the noise says all that a band can say; a single tone must not outweigh eleven silent bands more."""

_MEAN: Final = np.full(BANDS, 1.0 / BANDS, np.float32)

_MOST_PUT_ASIDE: Final = 8
"""From eleven on OpenBLAS takes more threads for their powers, and each call would wait for all cores."""

_AFTER_A_KEY_FRAMES: Final = 2
_AFTER_A_VOICE_FRAMES: Final = 10
"""Beside a voice weak hisses are its consonants."""


def level_dbfs(frame: bytes) -> float:
    """Level of mu-law audio relative to full scale; -96 for digital silence."""
    return _dbfs(audio.mean_square(frame) / _FULL_SCALE**2)


def _dbfs(power: float) -> float:
    return max(-96.0, 10.0 * math.log10(power + 1e-12))


@dataclass(frozen=True, slots=True)
class SpeechActivitySettings:
    quietest_hiss_dbfs: float = -52.0
    """Below this, sound without a pitch is not speech unless a voice was heard just before."""

    quietest_voice_dbfs: float = -57.0
    """Below this nothing is: quiet talkers are at -40 on average, weak vowels 15 dB below that."""

    begins: float = 0.6
    """How clearly a frame must stand out (see `_prominence`). Steady noise stays below 0.45 in 99 of 100 frames."""

    goes_on: float = 0.35
    """The same after a voiced frame."""

    pitched: float = 0.15
    """The same with a pitch."""

    pitch: float = 0.5
    """Periodicity from which a frame has one."""

    noise_at_start_dbfs: float = -40.0
    """A line this noisy is not taken for a caller before it has been heard."""

    hum_at_start_dbfs: float = -30.0
    """The same for mains hum, in each band below 500 Hz."""

    lowest_noise_dbfs: float = -62.0
    """A quieter line is treated like this one: comfort noise after digital silence does not stand out."""

    monotony: MonotonySettings = MonotonySettings()


class SpeechActivity:
    """The detector of one audio track. Feed it frames in order."""

    def __init__(self, settings: SpeechActivitySettings = SpeechActivitySettings()) -> None:
        self._settings = settings
        self._noise = NoiseFloor(
            at_start=frame_features.line_noise(settings.noise_at_start_dbfs, settings.hum_at_start_dbfs),
            lowest=frame_features.white_noise(settings.lowest_noise_dbfs),
        )
        self._monotony = Monotony(settings.monotony)
        self._faint = 10.0 ** (settings.quietest_voice_dbfs / 10.0) * _FULL_SCALE**2
        self._put_aside: list[bytes] = []
        """Quiet frames are no speech whatever is in them: they are measured when a louder one comes, all at once."""
        self._two_frames: Samples = np.zeros(2 * FRAME_BYTES, np.float32)
        self._was_voiced = False
        self._pitch_before: float | None = None
        """The periodicity of the frame before, where this one may have it too."""
        self._voice_is_near = 0
        self._key_is_near = 0

    def is_voiced(self, frame: bytes) -> bool:
        """`frame` is 20 ms of mu-law audio."""
        level = faint_mean_square(frame)
        if level is not None and level < self._faint:
            self._put_aside.append(frame)
            if len(self._put_aside) == _MOST_PUT_ASIDE:
                self._catch_up()
            return False
        if self._put_aside:
            self._catch_up()
        samples = self._remember(decode_unit(frame))
        powers = frame_features.band_powers(samples)
        self._was_voiced = self._judge(samples, powers)
        self._noise.follow(powers)
        if self._monotony.is_noise:
            self._noise.adopt()
        return self._was_voiced

    def _catch_up(self) -> None:
        """What was put aside is heard as any other frame is."""
        frames = decode_unit(b"".join(self._put_aside)).reshape(-1, FRAME_BYTES)
        self._put_aside.clear()
        self._voice_is_near -= len(frames)
        self._key_is_near -= len(frames)
        powers = frame_features.band_powers(frames)
        self._monotony.hear(powers)
        self._monotony.quiet(len(frames))
        self._noise.follow(powers)
        self._remember(frames[-1])
        self._was_voiced = False

    def _remember(self, samples: Samples) -> Samples:
        self._two_frames[:FRAME_BYTES] = self._two_frames[FRAME_BYTES:]
        self._two_frames[FRAME_BYTES:] = samples
        return samples

    def _judge(self, samples: Samples, powers: BandPowers) -> bool:
        self._voice_is_near -= 1
        self._key_is_near -= 1
        self._monotony.hear(powers)
        periodicity = self._periodicity_of_speech(samples, powers)
        if periodicity is None:
            self._monotony.quiet()
            return False
        self._monotony.sound(periodicity)
        if self._monotony.is_monotonous:
            return False
        if periodicity >= self._settings.pitch:
            self._voice_is_near = _AFTER_A_VOICE_FRAMES
        return True

    def _periodicity_of_speech(self, samples: Samples, powers: BandPowers) -> float | None:
        """None if this cannot be speech. In the order of cost: most frames of a call are silence."""
        settings = self._settings
        prominence = _prominence(powers, self._noise.powers)
        if prominence < settings.pitched:
            return None
        power = frame_features.mean_square(samples)
        level = _dbfs(power)
        if level < settings.quietest_voice_dbfs:
            return None
        if frame_features.is_key(samples, power):
            self._key_is_near = _AFTER_A_KEY_FRAMES
        if self._key_is_near >= 0:
            return None
        periodicity = self._periodicity(prominence)
        if periodicity >= settings.pitch:
            return periodicity
        near_voice = self._voice_is_near > 0
        if not near_voice and (level < settings.quietest_hiss_dbfs or frame_features.is_click(samples)):
            return None
        enough = settings.goes_on if self._was_voiced else settings.begins
        return periodicity if prominence > enough else None

    def _periodicity(self, prominence: float) -> float:
        """The dearest of all: of a vowel that goes on, clear of the noise, only every second frame is measured."""
        before, self._pitch_before = self._pitch_before, None
        if before is not None and self._was_voiced and prominence > self._settings.goes_on:
            return before
        periodicity = frame_features.periodicity(self._two_frames)
        if periodicity >= self._settings.pitch:
            self._pitch_before = periodicity
        return periodicity


def _prominence(powers: BandPowers, noise: BandPowers) -> float:
    """How unlikely these powers are for noise: the log-likelihood ratio of a Gaussian signal, averaged over the bands.

    Sounds weaker than the noise in a band say nothing, so the ratio counts from 1 up.
    """
    ratio = np.minimum(np.maximum(powers / noise, _WEAKEST_BAND), _STRONGEST_BAND)
    return float((ratio - np.log(ratio)).dot(_MEAN)) - 1.0
