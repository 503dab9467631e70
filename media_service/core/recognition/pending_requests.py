"""Keep the order in which things were said where utterances are recognised by single requests.

Requests may be answered in any order, and a stream that opens meanwhile may be quicker than all of them; utterances
come out in the order in which they were spoken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from media_service.core.events import RecognitionResult
from media_service.core.recognition.words import RecognisedWords
from media_service.core.turns.utterance import Utterance


@dataclass(slots=True)
class PendingRequest:
    """A single request under way, and the utterance it will give its words to."""

    utterance: Utterance
    words: RecognisedWords
    """What streaming had heard of it before it failed."""
    outcome: tuple[RecognitionResult, ...] | None = None
    """Kept until the requests before it have theirs."""
    failed: bool = False
    by_stream: bool = False
    """No request at all: a stream has recognised it, and it waits for the requests before it."""


class PendingRequests:
    def __init__(self, speaker: str) -> None:
        self._speaker = speaker
        self._count = 0
        self._waiting: dict[str, PendingRequest] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, utterance: Utterance, words: RecognisedWords) -> str:
        """The name of the new request."""
        self._count += 1
        name = f"{self._speaker}-request-{self._count}"
        self._waiting[name] = PendingRequest(utterance, words)
        return name

    def hold(self, utterance: Utterance) -> None:
        """A stream has its words. It is answered after those that are waiting now."""
        self._count += 1
        held = PendingRequest(utterance, RecognisedWords(), outcome=(), by_stream=True)
        self._waiting[f"{self._speaker}-stream-{self._count}"] = held

    def holds(self, utterance: Utterance) -> bool:
        return any(each.by_stream and each.utterance is utterance for each in self._waiting.values())

    def released(self) -> list[Utterance]:
        """Take out those that a stream has recognised, whatever they wait for."""
        names = [name for name, each in self._waiting.items() if each.by_stream]
        return [self._waiting.pop(name).utterance for name in names]

    def get(self, name: str) -> PendingRequest | None:
        """None for one that was answered before, or never made."""
        return self._waiting.get(name)

    def utterances(self) -> list[Utterance]:
        return [request.utterance for request in self._waiting.values()]

    def answered(self) -> Iterator[PendingRequest]:
        """Take out those that have their outcome and have nobody before them who has not."""
        for name, request in list(self._waiting.items()):
            if request.outcome is None:
                return
            del self._waiting[name]
            yield request
