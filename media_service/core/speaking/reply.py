"""One reply on its way: text becomes sentences, sentences become clips, clips come out in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from media_service.core.actions import Synthesize
from media_service.core.speaking.sentences import SentenceSplitter

_SYNTHESES_AT_ONCE = 2
"""The one that is waited for and the one after it; more would only queue at the vendor."""


class Reply:
    """`turn` is the number its events carry. Clips may finish in any order; they are given out in order."""

    def __init__(self, turn: int, clip_numbers: Iterator[int]) -> None:
        self.turn = turn
        self.ends_call = False
        self.was_audible = False
        """At least one sentence of it became audio."""
        self._clip_numbers = clip_numbers
        self._splitter = SentenceSplitter()
        self._text_ended = False
        self._sentences: deque[str] = deque()
        self._asked: deque[tuple[int, str]] = deque()
        self._done: dict[int, bytes] = {}

    @property
    def is_complete(self) -> bool:
        """All its text has been given out as clips, or failed to become one."""
        return self._text_ended and not self._sentences and not self._asked

    def text(self, piece: str) -> list[Synthesize]:
        self._sentences += self._splitter.feed(piece)
        return self._ask()

    def text_ended(self, ends_call: bool) -> list[Synthesize]:
        self._sentences += self._splitter.finish()
        self._text_ended = True
        self.ends_call = ends_call
        return self._ask()

    def waits_for(self, clip: int) -> bool:
        return any(number == clip for number, _ in self._asked)

    def synthesized(self, clip: int, audio: bytes) -> tuple[list[tuple[str, bytes]], list[Synthesize]]:
        """The (text, audio) that may be played now, and what to synthesise next. No audio: the sentence is skipped."""
        self._done[clip] = audio
        ready: list[tuple[str, bytes]] = []
        while self._asked and self._asked[0][0] in self._done:
            number, text = self._asked.popleft()
            if finished := self._done.pop(number):
                ready.append((text, finished))
                self.was_audible = True
        return ready, self._ask()

    def _ask(self) -> list[Synthesize]:
        actions: list[Synthesize] = []
        while self._sentences and len(self._asked) - len(self._done) < _SYNTHESES_AT_ONCE:
            number, text = next(self._clip_numbers), self._sentences.popleft()
            self._asked.append((number, text))
            actions.append(Synthesize(number, text))
        return actions
