"""What audio is kept for replay: everything that no recognizer has put into words for good.

Whenever a stream takes over, it gets the kept audio again, so that no word falls between two streams.
"""

from __future__ import annotations

from enum import Enum

from media_service.core.recognition.stream_health import StreamHealth
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.recognition.words import RecognizedWords
from media_service.core.vad.audio import BYTES_PER_S
from media_service.core.vad.timeline import Timeline


class Replay(Enum):
    """What the next stream gets of the segment that no final result has ended."""

    ALL = "all"
    UNPUBLISHED = "unpublished"
    """What came after the words that are published already."""
    NOTHING = "nothing"


class ReplayBuffer:
    def __init__(
        self, settings: StreamSettings, timeline: Timeline, words: RecognizedWords, health: StreamHealth
    ) -> None:
        self._settings = settings
        self._timeline = timeline
        self._words = words
        self._health = health
        self._audio = bytearray()

    def append(self, audio: bytes) -> None:
        """The newest audio; the timeline has been advanced by it already."""
        self._audio += audio
        # Once a second: to move the buffer for every frame would cost more than the memory is worth.
        if self._timeline.fed % BYTES_PER_S < len(audio):
            self._forget_settled()

    def read(self, start: int, end: int) -> bytes:
        kept_from = self._timeline.kept_from
        return bytes(self._audio[start - kept_from : end - kept_from])

    def rewind(self) -> int:
        """A stream takes over. Returns where the audio begins that it has to get."""
        self._drop(self._needed_from())
        return self._timeline.kept_from

    def unsettled(self) -> bytes:
        """The audio whose words are not decided, for a recognizer that takes over from streaming."""
        self._drop(self._timeline.settled_to)
        return bytes(self._audio)

    @property
    def replay(self) -> Replay:
        if not self._is_pending():
            return Replay.NOTHING
        return Replay.ALL if self._timeline.published_to <= self._timeline.final_end else Replay.UNPUBLISHED

    def _needed_from(self) -> int:
        at = self._timeline
        if self._is_pending():
            return at.settled_to
        return max(at.settled_to, at.fed - int(self._settings.quiet_tail_s * BYTES_PER_S))

    def _is_pending(self) -> bool:
        """Whether there was speech whose words are not decided yet."""
        at = self._timeline
        # Where no stream listened, even the shortest word counts.
        least_s = 0.0 if self._health.live is None else self._settings.unanswered_s
        unsettled = at.voiced_to - at.settled_to > least_s * BYTES_PER_S
        # Speech without any words long after it ended was no speech.
        if unsettled and not self._health.answered_with_silence:
            return True
        return self._words.segment_is_open and at.voiced_to > at.published_to

    def _forget_settled(self) -> None:
        """Let go of audio that no later stream will need, and of nothing that the live one has not got yet."""
        at = self._timeline
        needed_from = max(self._needed_from(), at.fed - int(self._settings.kept_s * BYTES_PER_S))
        if self._health.live is not None:
            needed_from = min(needed_from, at.sent_to)
        self._drop(needed_from)

    def _drop(self, until: int) -> None:
        if until > self._timeline.kept_from:
            del self._audio[: until - self._timeline.kept_from]
            self._timeline.kept_from = until
