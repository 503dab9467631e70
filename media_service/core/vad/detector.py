"""Follow one speaker's audio frame by frame: which frames are speech, where enough of them begin an utterance, and
whether it is a voice."""

from __future__ import annotations

from collections import deque
from typing import Final

from media_service.core.vad.audio import FRAME_BYTES
from media_service.core.vad.loudness import Loudness
from media_service.core.vad.second_vote import SecondVote, StartVote
from media_service.core.vad.speech_activity import SpeechActivity
from media_service.core.vad.timeline import Timeline

_WORDS_WITHIN_S: Final = 1.0
"""Whatever the sound is like, it is speech while words are recognized in it."""


class Vad:
    """Feed it every frame in order; it advances the timeline."""

    def __init__(self, onset_frames: int, timeline: Timeline, start_vote: StartVote | None = None) -> None:
        """`start_vote`: a neural model, where there is one; it only confirms what is speech by our own detector."""
        self._activity = SpeechActivity()
        self._onset_frames = onset_frames
        self._timeline = timeline
        self._recent: deque[bool] = deque(maxlen=5)
        self._second_vote = SecondVote(start_vote) if start_vote else None
        timeline.voice.can_confirm = self._second_vote is not None
        self.loudness = Loudness()
        self.is_speaker = False
        """Whether the newest frame is speech, and of the speaker for all we know."""

    def feed(self, frame: bytes) -> bool:
        """Whether this frame is speech."""
        voiced = self._activity.is_voiced(frame)
        self._recent.append(voiced)
        if self._second_vote is not None:
            self._second_vote.hear(frame, voiced=voiced)
        if voiced:
            self.loudness.hear(frame)
        self.is_speaker = voiced and not (self._is_doubtful and self._timeline.unrecognized_s >= _WORDS_WITHIN_S)
        self._timeline.advance(len(frame), voiced=voiced, is_speaker=self.is_speaker)
        if voiced and self._second_vote is not None and self._second_vote.is_voice:
            self._timeline.voice.confirmed_to = self._timeline.fed
        return voiced

    @property
    def _is_doubtful(self) -> bool:
        """Whether it is music, a television, or another sound that goes on: no voice, or one far away."""
        is_no_voice = self._second_vote is not None and self._second_vote.is_doubtful
        return is_no_voice or self.loudness.has_gone_far

    @property
    def onset_bytes(self) -> int:
        """Speech in the newest frames, if it is enough for an utterance to begin; otherwise 0."""
        voiced = sum(self._recent)
        return voiced * FRAME_BYTES if voiced >= self._onset_frames else 0
