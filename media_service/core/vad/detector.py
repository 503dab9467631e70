"""Follow one speaker's audio frame by frame: which frames are speech, and where enough of them begin an utterance."""

from __future__ import annotations

from collections import deque

from media_service.core.vad.audio import FRAME_BYTES
from media_service.core.vad.speech_activity import SpeechActivity
from media_service.core.vad.timeline import Timeline


class Vad:
    """Feed it every frame in order; it advances the timeline."""

    def __init__(self, onset_frames: int, timeline: Timeline) -> None:
        self._activity = SpeechActivity()
        self._onset_frames = onset_frames
        self._timeline = timeline
        self._recent: deque[bool] = deque(maxlen=5)

    def feed(self, frame: bytes) -> bool:
        """Whether this frame is speech."""
        voiced = self._activity.is_voiced(frame)
        self._recent.append(voiced)
        self._timeline.advance(len(frame), voiced=voiced)
        return voiced

    @property
    def onset_bytes(self) -> int:
        """Speech in the newest frames, if it is enough for an utterance to begin; otherwise 0."""
        voiced = sum(self._recent)
        return voiced * FRAME_BYTES if voiced >= self._onset_frames else 0
