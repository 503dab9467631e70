"""What of a speaker's audio is speech: whether an utterance begins, how much was spoken, how long it has been silent.

Counted in audio received, not on a clock. Positions are bytes since the call began.
"""

from __future__ import annotations

from collections import deque

from media_service.core.vad.audio import BYTES_PER_S, FRAME_S
from media_service.core.vad.speech_activity import SpeechActivity


class Voice:
    def __init__(self, onset_frames: int) -> None:
        self._activity = SpeechActivity()
        self._onset_frames = onset_frames
        self._recent: deque[bool] = deque(maxlen=5)
        self.position = 0
        self.last_voiced = 0
        """Where the speech ends so far."""
        self.spoken_s = 0.0
        """Speech since the last `begin`."""

    def hear(self, frame: bytes) -> bool:
        """Whether this frame is speech."""
        voiced = self._activity.is_voiced(frame)
        self._recent.append(voiced)
        self.position += len(frame)
        if voiced:
            self.last_voiced = self.position
            self.spoken_s += FRAME_S
        return voiced

    @property
    def silence_s(self) -> float:
        return (self.position - self.last_voiced) / BYTES_PER_S

    @property
    def is_onset(self) -> bool:
        """Whether the newest frames hold enough speech for the beginning of an utterance."""
        return sum(self._recent) >= self._onset_frames

    def begin(self) -> float:
        """An utterance begins; returns the seconds of it that were heard already."""
        self.spoken_s = sum(self._recent) * FRAME_S
        return self.spoken_s

    def begin_without_speech(self) -> None:
        """An utterance begins, of words in which no speech was noticed."""
        self.spoken_s = 0.0
        self.last_voiced = self.position
