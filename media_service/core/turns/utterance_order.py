"""Keep the order in which things were said where utterances are recognized by single requests.

Requests may be answered in any order, and a stream that opens meanwhile may be quicker than all of them; utterances
come out in the order in which they were spoken, unless that takes too long.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from media_service.core.recognition.recognition import RequestAnswered
from media_service.core.turns.utterance import Utterance


@dataclass(slots=True)
class _Waiting:
    utterance: Utterance
    request: str = ""
    """"" where no request is under way: a stream gave its words, and it waits for the requests before it."""
    answer: RequestAnswered | None = None
    """Kept until the requests before it have theirs."""


class UtteranceOrder:
    def __init__(self, patience_s: float) -> None:
        """`patience_s`: how long the words of a stream wait for requests."""
        self._patience_s = patience_s
        self._waiting: list[_Waiting] = []
        self.overdue_at = math.inf
        """When the words of a stream are not held back any longer."""

    def __bool__(self) -> bool:
        """Whether a request is under way that others have to wait for."""
        return bool(self._waiting)

    def add(self, request: str, utterance: Utterance) -> None:
        self._waiting.append(_Waiting(utterance, request))

    def hold(self, utterance: Utterance, now: float) -> None:
        """A stream has its words. It comes after those that are waiting now."""
        self._waiting.append(_Waiting(utterance))
        self.overdue_at = min(self.overdue_at, now + self._patience_s)

    def holds(self, utterance: Utterance) -> bool:
        return any(not each.request and each.utterance is utterance for each in self._waiting)

    def ended_at(self) -> list[float]:
        """When the speech ended that waits."""
        return [each.utterance.ended_at for each in self._waiting]

    def release(self) -> list[Utterance]:
        """Take out those that a stream has recognized, whatever they wait for."""
        self.overdue_at = math.inf
        held = [each.utterance for each in self._waiting if not each.request]
        self._waiting = [each for each in self._waiting if each.request]
        return held

    def answer(self, answer: RequestAnswered) -> Iterator[tuple[Utterance, RequestAnswered | None]]:
        """Take out those whose turn it is now, each with its answer; with None where a stream had its words."""
        for each in self._waiting:
            if each.request == answer.request:
                each.answer = answer
        while self._waiting and (self._waiting[0].answer is not None or not self._waiting[0].request):
            first = self._waiting.pop(0)
            yield first.utterance, first.answer
        if not self._waiting:
            self.overdue_at = math.inf
