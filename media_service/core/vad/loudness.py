"""How loud a speaker is: somebody far from the telephone, or an echo, is much quieter than whoever holds it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from media_service.core.vad.audio import FRAME_S, mean_square

_NEWEST: Final = 0.1
"""Weight of a frame in the newest level: some 0.2 s of voice make it."""


@dataclass(frozen=True, slots=True)
class LoudnessSettings:
    far_db: float = 10.0
    """So much below the speaker's usual level is somebody else in the room."""

    quieter_db: float = 6.0
    """So much below it may be: the assistant's own voice from a loudspeaker, if the words are the assistant's too. The
    level of one speaker's sentences varies by some 3 dB."""

    least_s: float = 0.1
    """Voice that is needed to tell."""


class Loudness:
    """Of one audio track. Levels are mean squares, as `audio.mean_square` gives them."""

    def __init__(self, settings: LoudnessSettings = LoudnessSettings()) -> None:
        self._settings = settings
        self._usual: deque[float] = deque(maxlen=3)
        self._far_below = self._quieter_below = 0.0
        """Levels; 0 while nothing is known of the speaker."""
        self._sum = 0.0
        self._frames = 0
        self._newest = 0.0

    def hear(self, frame: bytes) -> None:
        """A frame in which somebody speaks."""
        level = mean_square(frame)
        self._sum += level
        self._frames += 1
        self._newest += _NEWEST * (level - self._newest)

    def begin(self) -> None:
        """Another utterance begins."""
        self._sum, self._frames = 0.0, 0

    def learn(self) -> None:
        """The utterance was the speaker's own."""
        if self._frames * FRAME_S < self._settings.least_s:
            return
        self._usual.append(self._sum / self._frames)
        usual = sum(self._usual) / len(self._usual)
        self._far_below = usual * 10 ** (-self._settings.far_db / 10)
        self._quieter_below = usual * 10 ** (-self._settings.quieter_db / 10)

    @property
    def is_far(self) -> bool:
        """Whether the newest utterance is too quiet to be the speaker's. False while too little is known."""
        return self._is_below(self._far_below)

    @property
    def is_quieter(self) -> bool:
        """Whether it is so quiet that it need not be."""
        return self._is_below(self._quieter_below)

    @property
    def has_gone_far(self) -> bool:
        """Whether the newest sound is, whatever came before it in the utterance."""
        return self._newest < self._far_below

    @property
    def has_become_quieter(self) -> bool:
        return self._newest < self._quieter_below

    def _is_below(self, level: float) -> bool:
        return self._frames * FRAME_S >= self._settings.least_s and self._sum < level * self._frames
