"""Whether the recognition stream that gets the speaker's audio works, and for how long it may.

A connection can stand and pass nothing, and no error tells of it. What shows it is speech without results; but a cough
has none either, nor has music on hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from media_service.core.events import RecognitionResult
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.recognition.words import RecognizedWords
from media_service.core.vad.audio import BYTES_PER_S
from media_service.core.vad.timeline import Timeline


@dataclass(slots=True)
class Stream:
    """One recognition stream, from the moment it is asked for."""

    name: str
    attempt: int
    asked_at: float
    opened_at: float = math.inf
    origin: int = 0
    """Position of its first byte."""
    had_result: bool = False
    is_stalled: bool = False
    """No results came for speech: what it got counts as recognized by nobody."""
    is_second_opinion: bool = False
    """It took over from one that had given results, and had none for the last speech."""
    final_to_s: float = 0.0
    """Where its last final ended, in seconds of its own audio."""

    def has_said(self, result: RecognitionResult) -> bool:
        """Whether a final repeats one before it, in the same words or in others: they end at the same place."""
        return result.is_final and result.end_s is not None and 0.0 < result.end_s <= self.final_to_s


class StreamHealth:
    """`live` is the stream that gets the audio now, if there is one."""

    def __init__(self, settings: StreamSettings, timeline: Timeline, words: RecognizedWords) -> None:
        self._settings = settings
        self._timeline = timeline
        self._words = words
        self._stalls = 0
        self.shows_interims = False
        self.live: Stream | None = None

    @property
    def is_answering(self) -> bool:
        """Whether the live stream has shown that it recognizes anything; or where one that had shown it has no word for
        what was said, a second one has none either."""
        live, at = self.live, self._timeline
        if live is None or live.is_stalled:
            return False
        got_silence = at.sent_to - at.voiced_to >= self._settings.second_opinion_s * BYTES_PER_S
        return live.had_result or (live.is_second_opinion and got_silence)

    @property
    def owes_words(self) -> bool:
        """Whether there was speech lately that no final result covers."""
        return self._timeline.voiced_to - self._timeline.final_end > self._settings.unanswered_s * BYTES_PER_S

    @property
    def answered_with_silence(self) -> bool:
        """Whether a stream that works got the last speech, and long after it still has no words for it."""
        live, at = self.live, self._timeline
        if live is None or live.is_stalled:
            return False
        return at.sent_to - at.voiced_to >= 2 * self._settings.stall_s * BYTES_PER_S

    def is_stalled(self, now: float) -> bool:
        """Whether results of the live stream are overdue: for much speech, or for a little that ended a while ago."""
        live, at, settings = self.live, self._timeline, self._settings
        if live is None or not at.unanswered:
            return False
        patience_s = settings.stall_s * 2**self._stalls
        if now - live.opened_at < patience_s:
            return False
        most_s = patience_s if self.shows_interims else max(patience_s, settings.without_interims_s)
        quiet_s = patience_s if self.shows_interims else max(patience_s, settings.slowest_final_s)
        # What is surely no voice owes no words, unless it goes on as no cough does.
        if not at.owes_voice and at.unanswered_s < most_s:
            return False
        return at.unanswered_s >= most_s or (at.unanswered_s >= settings.shortest_word_s and at.quiet_s >= quiet_s)

    def is_too_old(self, now: float) -> bool:
        """Whether the live stream has to be replaced though it works: before its limit, at a pause if there is one."""
        live, at, settings = self.live, self._timeline, self._settings
        if live is None:
            return False
        age = now - live.opened_at
        if age >= settings.rotate_after_s:
            return True
        quiet = at.quiet_s >= settings.pause_s and not self._words.segment_is_open
        return quiet and not at.unanswered and age >= settings.look_for_pause_after_s

    def note_stall(self) -> bool:
        """The live stream counts as dead. True if so many before it did that another one is no help."""
        self._stalls += self._timeline.unanswered_s >= self._settings.unanswered_s
        self._timeline.answered()
        if self.live is not None:
            self.live.is_stalled = True
        return self._stalls > self._settings.stall_attempts

    def note_result(self, *, is_interim: bool) -> None:
        self.shows_interims |= is_interim
        if self.live is not None:
            self.live.had_result, self.live.is_stalled = True, False
        self._timeline.answered()
        self._stalls = 0
