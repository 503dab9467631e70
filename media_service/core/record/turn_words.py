"""What the words of an utterance that is still open mean for whose turn it is: can they be all, do they interrupt.

Asked for every new interim, and for every frame of a pause; so what was answered last is kept.
"""

from __future__ import annotations

from typing import Final

from media_service.core.record.call_record import CallRecord
from understanding.echo import may_be_echo, without_echo
from understanding.overlap import Overlap, overlap
from understanding.said import Said
from understanding.small_talk import is_farewell, is_no_answer
from understanding.turn_end import TurnEnd, TurnReading, turn_end
from understanding.words import bare, quoted_words
from understanding.yes_no_questions import is_yes_no_question

_TELLING: Final = 4
"""Letters."""
_FAR: Final = TurnReading(TurnEnd.OPEN, "a voice far from the telephone", answers=False)
"""The caller may be about to answer, as soon as whoever else speaks is silent."""


class TurnWords:
    """Of one call. `being_said` is what the caller has heard of what the assistant is saying now."""

    def __init__(self, record: CallRecord) -> None:
        self._record = record
        self.being_said = ""
        self.is_far = self.is_quieter = False
        """The words are in a voice much quieter than the caller's, or somewhat."""
        self._ends: tuple[tuple[str, int, str], TurnReading] | None = None
        self._overlaps: tuple[tuple[str, str, str, bool], Overlap] | None = None

    def turn_end(self, text: str) -> TurnReading:
        """Whether these words can be all of the caller's turn."""
        if self.is_far:
            return _FAR
        key = (text, self._record.line_count, self.being_said)
        if self._ends is None or self._ends[0] != key:
            said, field = self._record.said_so_far(text, self.being_said)
            self._ends = (key, turn_end(said, field, self._record.language))
        return self._ends[1]

    def overlap(self, text: str, newest_clip: str, played: str) -> Overlap:
        """What they mean over the assistant. `newest_clip` was just heard: a yes to a question is an answer to it.
        `played`: everything of the last seconds, of which an echo may come back."""
        key = (text, newest_clip, played, self.is_quieter)
        if self._overlaps is None or self._overlaps[0] != key:
            self._overlaps = (key, self._overlap(text, newest_clip, played))
        return self._overlaps[1]

    def _overlap(self, text: str, newest_clip: str, played: str) -> Overlap:
        language = self._record.language
        found = overlap(without_echo(text, played, language), language)
        if found is Overlap.BACK_CHANNEL and is_yes_no_question(newest_clip, language):
            return Overlap.OTHER
        if found is Overlap.OTHER and self.is_quieter and may_be_echo(text, played, language):
            return Overlap.NOTHING
        return found

    def own_words(self, text: str, played: str) -> str:
        """Without what came back of the assistant's own voice; "" if nothing else is in it."""
        language = self._record.language
        own = without_echo(text, played, language)
        if not own or (self.is_quieter and may_be_echo(own, played, language)):
            return ""
        # Whoever speaks into an echo has words among it. Short ones may be what is left of an earlier sentence of ours.
        words, known = text.split(), quoted_words(played)
        before = [word for word in words[: len(words) - len(own.split())] if len(bare(word)) >= _TELLING]
        among = [word for word in before if bare(word) not in known and not may_be_echo(word, played, language)]
        return " ".join([*among, own])

    def answers_goodbye(self, text: str) -> bool:
        """Whether this is what one says to a goodbye, and asks for nothing."""
        said, language = Said(text), self._record.language
        return is_farewell(said, language) or is_no_answer(said, language)
