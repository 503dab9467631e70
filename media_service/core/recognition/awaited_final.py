"""The final result of the utterance that was closed last: may it still come, and what if it does not.

Positions are bytes of the speaker's audio since the call began.
"""

from __future__ import annotations

import math

from media_service.core.turns.endpointing import EndpointingSettings
from media_service.core.vad.audio import BYTES_PER_S

_END_OF_SPEECH_BYTES = int(0.2 * BYTES_PER_S)
"""By how much a recogniser's end of speech may come before ours."""


class AwaitedFinal:
    def __init__(self, settings: EndpointingSettings) -> None:
        self._settings = settings
        self.overdue_at = math.inf
        """When it is not waited for any longer; infinity where none is awaited."""
        self.ended = 0
        """Where the utterance ended in the audio."""
        self._taken_to = 0
        """How far the words reach that utterances have. Short of the end where a word came late."""

    def closed(self, ended: int, taken_to: int) -> None:
        self.ended, self._taken_to = ended, taken_to

    def taken(self, until: int) -> None:
        """Late words were added to it."""
        self._taken_to = until

    def wait(self, now: float) -> None:
        self.overdue_at = now + self._settings.give_up_final_s

    def wait_no_more(self) -> None:
        self.overdue_at = math.inf

    def is_reached_by(self, decided_to: int | None) -> bool:
        """Whether a final result that ends there decides all of the utterance. None: it does not say where it ends."""
        return decided_to is not None and decided_to >= self.ended - _END_OF_SPEECH_BYTES

    def was_heard_out(self, told_to: int, *, words_are_left: bool) -> bool:
        """Whether the words that the utterance has are all there are of it: the recogniser, which has told of the audio
        up to there, has heard the silence after it and added none."""
        has_all = self._taken_to >= self.ended or not words_are_left
        return has_all and told_to >= self.ended + int(self._settings.heard_out_s * BYTES_PER_S)
