"""The final result of the words that an utterance took last: may it still come, and what if it does not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from media_service.core.vad.audio import BYTES_PER_S
from media_service.core.vad.timeline import Timeline

_END_OF_SPEECH_BYTES: Final = int(0.2 * BYTES_PER_S)
"""By how much a recognizer's end of speech may come before ours."""

_END_OF_SEGMENT_BYTES: Final = int(1.0 * BYTES_PER_S)
"""A final result may end in the silence after its words."""

_END_OF_WORD_BYTES: Final = int(0.15 * BYTES_PER_S)
"""An interim may have a word before the speaker has quite finished it. Shorter than any word."""


@dataclass(frozen=True, slots=True)
class FinalSettings:
    give_up_s: float = 3.0
    """How long after words were taken their audio is kept for the case that the stream breaks before the final result:
    words that only a slow final would have had then come from the next stream."""

    silence_after_s: float = 0.3
    """So much silence has to be in an interim before its last word is taken for the last: a recognizer may have got a
    word and not have decided on it."""

    segment_silence_s: float = 2.5
    """Recognizers end a segment after about a second of silence, and their final result comes within two. After so
    much silence what is said next is of another segment, also where the final never came: otherwise a second "yes"
    would be taken for the first one."""

    last_s: float = 0.7
    """How long after the end of the call a stream may take to give the words it owes. A single request is made for
    them then, and has the rest of the time that the end of a call may take."""


class AwaitedFinal:
    """Positions are those of the timeline."""

    def __init__(self, settings: FinalSettings, timeline: Timeline) -> None:
        self._settings = settings
        self._timeline = timeline
        self._speech_end = 0
        """Where the speech of those words ended."""
        self._words_end = 0
        """How far the words reach that were taken. Short of the end where a word came late."""
        self._outdated_to = 0
        """Results that end before this are of a segment that has been given up."""
        self.overdue_at = math.inf
        """When it is not waited for any longer; infinity where none is awaited."""

    @property
    def is_awaited(self) -> bool:
        return self.overdue_at < math.inf

    def words_taken(self) -> None:
        """An utterance took all words there are."""
        self._speech_end = self._timeline.utterance_to
        self._words_end = self._timeline.interims.words_end + _END_OF_WORD_BYTES

    def late_words_taken(self) -> None:
        """They were added to the same utterance."""
        self._words_end = self._timeline.interims.words_end + _END_OF_WORD_BYTES

    def wait(self, now: float) -> None:
        self.overdue_at = now + self._settings.give_up_s

    def wait_no_more(self) -> None:
        self.overdue_at = math.inf

    def is_reached_by(self, final_end: int | None) -> bool:
        """Whether a final result that ends there decides all of those words. None: it does not say where it ends."""
        return final_end is not None and final_end >= self._speech_end - _END_OF_SPEECH_BYTES

    def is_outdated(self, onset: int) -> bool:
        """Somebody speaks again from `onset` on. True if what was taken before is of an earlier segment, and all of it
        was taken: words that are still missing may come from the next stream."""
        is_long_ago = onset - self._speech_end >= int(self._settings.segment_silence_s * BYTES_PER_S)
        if not is_long_ago or self._words_end < self._speech_end:
            return False
        self.wait_no_more()
        self._timeline.published_to = max(self._timeline.published_to, self._speech_end)
        self._outdated_to = self._speech_end + _END_OF_SEGMENT_BYTES
        return True

    def segment_given_up(self, resumed_at: int) -> None:
        """The recognizer shows words of what was said from there on, and never ended the segment before."""
        self._outdated_to = resumed_at

    def is_of_outdated(self, end: int | None) -> bool:
        return end is not None and end <= self._outdated_to

    def give_up(self, *, words_are_left: bool) -> bool:
        """It did not come. True if the words that were taken are all there are, so that no stream needs their audio
        again: the recognizer has got the silence after them and added none."""
        self.wait_no_more()
        at = self._timeline
        has_all = self._words_end >= self._speech_end or not words_are_left
        is_complete = has_all and at.interim_end >= self._speech_end + int(self._settings.silence_after_s * BYTES_PER_S)
        if is_complete:
            at.published_to = max(at.published_to, self._speech_end)
        return is_complete
