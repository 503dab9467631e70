"""Decide whether a sound goes on in a way that no voice does: noise, hum, a long breath, music on hold.

Speech moves. Over 80 ms its bands change by 4 dB and more on average, loudness apart; those of noise by 2 to 3 (which
is chance), of a breath by 2, of a chord by 1 to 2. A sound that does not move has a certain time before it is called
monotonous, tones much longer than noise: people hold vowels, and nobody holds a hiss.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from media_service.core.vad.audio import FRAME_S
from media_service.core.vad.frame_features import BANDS, BandPowers, white_noise

_APART_FRAMES: Final = 4
_AVERAGED_FRAMES: Final = 8
_SILENCE: Final = white_noise(-60.0)
"""Added before comparing: changes of what can hardly be heard are no movement."""

_SHAPED: Final = np.hstack([np.eye(BANDS), np.eye(BANDS) - 1.0 / BANDS]).astype(np.float32)
"""The changes of the bands, and beside them the same without the mean of all: loudness apart."""

_MEANS_DB: Final = np.kron(np.eye(2), np.full((BANDS, 1), 10.0 / BANDS)).astype(np.float32)
"""The mean over the bands of each of the two, of common logarithms."""

_TONAL: Final = 0.45
"""Periodicity; pink noise stays below 0.41, vowels and chords lie above 0.6."""

_MOVED_DB: Final = 4.5
_STILL_DB: Final = 3.0
_NOISE_MOVED_DB: Final = 5.0
_NOISE_STILL_DB: Final = 3.2
"""For what has no pitch loudness counts as well: a whisper swells and fades, a hiss does not."""

_DEAD_STILL_DB: Final = 1.5
"""Mains hum; music changes at least in loudness."""


@dataclass(frozen=True, slots=True)
class MonotonySettings:
    noise_s: float = 0.2
    """How long noise may go on unchanged."""

    tone_s: float = 4.0
    """How long a tone may."""

    forgiven_s: float = 1.5
    """Silence after which a sound has all its time again. Half of it ends a verdict."""


class Monotony:
    """Call `hear` for every frame, and then one of `sound` and `quiet`. Quiet ones may be told several at a time."""

    def __init__(self, settings: MonotonySettings) -> None:
        self._settings = settings
        self._last_spectra: deque[npt.NDArray[np.float32]] = deque(maxlen=_APART_FRAMES)
        # A sound that begins has moved.
        self._changes_db: deque[float] = deque([9.0] * _AVERAGED_FRAMES, maxlen=_AVERAGED_FRAMES)
        self._shape_changes_db: deque[float] = deque([9.0] * _AVERAGED_FRAMES, maxlen=_AVERAGED_FRAMES)
        self._patience = 1.0
        self.is_monotonous = False
        self.is_noise = False
        """Whether the verdict was reached on a sound that noise can be learned from: a hiss or a hum."""

    def hear(self, powers: BandPowers) -> None:
        """`powers` of a frame, or of several in order: a row for each."""
        spectra = np.log10(powers + _SILENCE)
        for spectrum in spectra if spectra.ndim > 1 else (spectra,):
            if len(self._last_spectra) == _APART_FRAMES:
                self._compare(spectrum, self._last_spectra[0])
            self._last_spectra.append(spectrum)

    def _compare(self, spectrum: npt.NDArray[np.float32], before: npt.NDArray[np.float32]) -> None:
        changes = np.abs((spectrum - before).dot(_SHAPED))
        changed_db, shape_changed_db = changes.dot(_MEANS_DB).tolist()
        self._changes_db.append(changed_db)
        self._shape_changes_db.append(shape_changed_db)
        if sum(self._shape_changes_db) >= _AVERAGED_FRAMES * _MOVED_DB:
            self._acquit()

    def sound(self, periodicity: float) -> None:
        """This frame would count as speech."""
        settings = self._settings
        if periodicity > _TONAL:
            if self._shape_moved_db < _STILL_DB:
                self._lose_patience(settings.tone_s, learn=self._moved_db < _DEAD_STILL_DB)
        elif self._moved_db < _NOISE_STILL_DB:
            self._lose_patience(settings.noise_s, learn=True)
        elif self._moved_db >= _NOISE_MOVED_DB:
            self._acquit()

    def quiet(self, frames: int = 1) -> None:
        """This frame would not; or all of these."""
        self._patience = min(1.0, self._patience + frames * FRAME_S / self._settings.forgiven_s)
        self.is_noise = False
        if self._patience >= 0.5:
            self.is_monotonous = False

    @property
    def _moved_db(self) -> float:
        return sum(self._changes_db) / _AVERAGED_FRAMES

    @property
    def _shape_moved_db(self) -> float:
        return sum(self._shape_changes_db) / _AVERAGED_FRAMES

    def _lose_patience(self, within_s: float, learn: bool) -> None:
        self._patience = max(0.0, self._patience - FRAME_S / within_s)
        if self._patience < 1e-6:
            self.is_monotonous = True
            self.is_noise = learn

    def _acquit(self) -> None:
        self._patience = 1.0
        self.is_monotonous = self.is_noise = False
