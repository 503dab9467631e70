"""Follow one speaker's audio frame by frame: which frames are speech, where enough of them begin an utterance, and
whether it is a voice."""

from __future__ import annotations

from collections import deque

from media_service.core.vad.audio import FRAME_BYTES
from media_service.core.vad.second_vote import SecondVote, StartVote
from media_service.core.vad.speech_activity import SpeechActivity
from media_service.core.vad.timeline import Timeline


class Vad:
    """Feed it every frame in order; it advances the timeline."""

    def __init__(self, onset_frames: int, timeline: Timeline, start_vote: StartVote | None = None) -> None:
        """`start_vote`: a neural model, where there is one; it only confirms what is speech by our own detector."""
        self._activity = SpeechActivity()
        self._onset_frames = onset_frames
        self._timeline = timeline
        self._recent: deque[bool] = deque(maxlen=5)
        self._second_vote = SecondVote(start_vote) if start_vote else None

    def feed(self, frame: bytes) -> bool:
        """Whether this frame is speech."""
        voiced = self._activity.is_voiced(frame)
        self._recent.append(voiced)
        self._timeline.advance(len(frame), voiced=voiced)
        if self._second_vote is not None:
            self._second_vote.hear(frame, voiced=voiced)
        return voiced

    @property
    def onset_bytes(self) -> int:
        """Speech in the newest frames, if it is enough for an utterance to begin; otherwise 0."""
        voiced = sum(self._recent)
        return voiced * FRAME_BYTES if voiced >= self._onset_frames else 0

    @property
    def can_confirm(self) -> bool:
        """Whether there is a model to tell a voice from a cough. Without one only the length of a sound can."""
        return self._second_vote is not None

    @property
    def voice_confirmed(self) -> bool:
        """Whether both detectors take the newest stretch of speech for a voice: from some 0.2 s after it began until
        0.45 s after it ended. Always False without a model."""
        return self._second_vote is not None and self._second_vote.is_voice
