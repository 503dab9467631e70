"""Which model recognizes the calls: found out by trying when the service starts, and again when one is refused.

Whether a model knows a language is said nowhere that a program could ask; a request is simply refused, and only once
its first audio was sent.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

log = logging.getLogger(__name__)

_ALWAYS_TRIED: Final = ("phone_call", "default")
_DOUBTS_THAT_REFUSE: Final = 2
"""One may be an accident of the vendor's."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model of the speech API and which of its variants."""

    model: str
    enhanced: bool

    @property
    def is_v2(self) -> bool:
        """The `chirp` family exists in v2 of the API only, and has no enhanced variant."""
        return self.model.startswith("chirp")

    def __str__(self) -> str:
        return f"{self.model} (enhanced={self.enhanced})"


class ProbeOutcome(enum.Enum):
    ACCEPTED = enum.auto()
    REFUSED = enum.auto()
    UNREACHABLE = enum.auto()
    """Not even a connection; the other models will fare no better."""
    UNPROVEN = enum.auto()
    """A connection, and no answer to the question."""


Probe = Callable[[ModelChoice], Awaitable[ProbeOutcome]]


def model_choices(configured: str, *, v2: bool = True) -> tuple[ModelChoice, ...]:
    """The configured model, then those that are always tried, each enhanced first; without v2, no model of v2."""
    choices: list[ModelChoice] = []
    for name in dict.fromkeys((configured, *_ALWAYS_TRIED)):
        plain = ModelChoice(name, enhanced=False)
        if not plain.is_v2:
            choices += [ModelChoice(name, enhanced=True), plain]
        elif v2:
            choices.append(plain)
    return tuple(choices)


async def choose_model(
    choices: Sequence[ModelChoice], probe: Probe, language: str, budget_s: float
) -> tuple[ModelChoice | None, ProbeOutcome]:
    """The first choice that is accepted; or None, with the outcome that says most about the endpoint.

    `UNREACHABLE` ends the search; so does the end of the budget, which counts as `UNPROVEN`.
    """
    worst = ProbeOutcome.REFUSED
    try:
        async with asyncio.timeout(budget_s):
            for index, choice in enumerate(choices):
                outcome = await probe(choice)
                if outcome is ProbeOutcome.ACCEPTED:
                    log.info("✅ [STT] Selected model: %s", choice)
                    return choice, outcome
                if outcome is ProbeOutcome.UNREACHABLE:
                    return None, outcome
                if outcome is ProbeOutcome.UNPROVEN:
                    worst = outcome
                if all(other.model != choice.model for other in choices[index + 1 :]):
                    log.warning("⚠️ [STT] Model '%s' not available for %s, trying next…", choice.model, language)
    except TimeoutError:
        worst = ProbeOutcome.UNPROVEN
    return None, worst


class ModelInUse:
    """The model for the next request, shared by all calls.

    The only thing that changes in it is that it moves on: a model that was refused during a call (withdrawn, say,
    while the service runs) is not offered to the next call.
    """

    def __init__(self, choices: Sequence[ModelChoice], current: ModelChoice, language: str) -> None:
        self._left = [current, *(each for each in choices[choices.index(current) + 1 :])]
        self._language = language
        self._doubts = 0

    @property
    def in_doubt(self) -> bool:
        """A stream of the current model ended as if it had been refused, and none has worked since."""
        return self._doubts > 0

    @property
    def current(self) -> ModelChoice:
        return self._left[0]

    def accepted(self, choice: ModelChoice) -> None:
        """A stream of it was answered, or lived longer than a refused one does."""
        if choice == self.current:
            self._doubts = 0

    def doubted(self, choice: ModelChoice) -> bool:
        """A stream of it ended as a refusal may look; whether it is to be taken for one. Then say so to `refused`."""
        if choice != self.current:
            return True  # another call was first
        self._doubts += 1
        return self._doubts >= _DOUBTS_THAT_REFUSE

    def refused(self, choice: ModelChoice) -> bool:
        """Move on from `choice`; whether there is something else to try now. The last one left is kept.

        The caller is on the line, so the next one is another model and not another variant of the refused one, as
        long as there is another model.
        """
        if choice != self.current:
            return True  # another call was first
        self._doubts = 0
        if len(self._left) == 1:
            return False
        others = self._left[1:]
        self._left = [each for each in others if each.model != choice.model] or others
        log.warning("⚠️ [STT] Model '%s' not available for %s, trying next…", choice.model, self._language)
        log.warning("✅ [STT] Selected model: %s", self.current)
        return True
