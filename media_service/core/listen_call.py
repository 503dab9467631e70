"""One call in listen mode: a person answers, both sides are recognized, nothing is ever played.

The same records come out as in assistant mode. Takes events and `now`, returns actions, like `call.CallLogic`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, assert_never

from calls.events import LatencySummary
from media_service.core import events
from media_service.core.actions import Action, HangUp, ReportFinal, ReportInterim
from media_service.core.call_settings import CallSettings
from media_service.core.conversation import AssistantSettings
from media_service.core.leg import Leg, LegEnding, LegFact, LegOver, Step
from media_service.core.record.call_record import CallRecord
from media_service.core.record.intake import IntakeTexts
from media_service.core.record.transcript import CallIdentity
from media_service.core.turns.listening import ListeningSettings
from media_service.core.turns.utterance import (
    InterimArrived,
    InterimShown,
    SpeechBegan,
    SpeechDismissed,
    SpeechFact,
    SpeechHangs,
    SpeechUnrecognized,
    UtteranceAmended,
    UtteranceClosed,
    UtteranceOverheard,
    UtteranceRevised,
    UtteranceSettled,
)

CALLER: Final = "caller"
CALLEE: Final = "callee"
SPEAKER_OF_TRACK: Final = {"inbound": CALLER, "outbound": CALLEE}
_BEHIND_S: Final = 0.15
_CATCH_UP_S: Final = 3.0
_LAST_RESORT_S: Final = 3.45


class ListenLogic:
    def __init__(
        self, identity: CallIdentity, settings: CallSettings, texts: IntakeTexts, business: AssistantSettings
    ) -> None:
        """`business`: what the product team set. It says what is to be found out; who asks is a person."""
        self._leg = Leg(SPEAKER_OF_TRACK, settings, _patient(settings.listening), identity.started_at)
        self._record = CallRecord(identity, texts, business)

    @property
    def is_over(self) -> bool:
        return self._leg.is_over

    def start(self, now: float) -> list[Action]:
        return self._drain(self._leg.start(now))

    def handle(self, event: events.Event, now: float) -> list[Action]:
        """Take one event. After the call is over nothing has any effect; neither has what only an assistant meets."""
        return [] if self.is_over else self._drain(self._take(event, now))

    def deadline(self) -> float:
        return self._leg.deadline()

    def on_timer(self, now: float) -> list[Action]:
        """Do what became due by `now`. Early or repeated calls do nothing."""
        return [] if self.is_over else self._drain(self._leg.on_timer(now))

    def _take(self, event: events.Event, now: float) -> Step:
        if isinstance(event, events.LegEvent):
            return self._leg.take(event, now)
        match event:
            case events.CallRecalled():
                self._record.recalled(event.caller_number, event.turns)
                return ()
            case (
                events.MarkReached()
                | events.DigitPressed()
                | events.ReplyTextArrived()
                | events.ReplyFinished()
                | events.SpeechSynthesized()
                | events.SynthesisFailed()
            ):
                return ()
            case _:
                assert_never(event)

    def _drain(self, step: Iterable[Action | SpeechFact | LegFact]) -> list[Action]:
        actions: list[Action] = []
        for item in step:
            if isinstance(item, Action):
                actions.append(item)
            elif isinstance(item, LegOver):
                ending = item.ending
                actions += self._record.ended(ending, LatencySummary())
                actions.append(HangUp(ending.reason, on_record=not ending.may_come_back))
            else:
                actions += self._follow(item)
        return actions

    def _follow(self, fact: SpeechFact | LegEnding) -> list[Action]:
        match fact:
            case InterimShown():
                return [ReportInterim(fact.speaker, fact.text)]
            case UtteranceClosed() | UtteranceOverheard():
                said = fact.utterance
                self._record.heard(said.speaker, said)
                return [ReportFinal(said.speaker, said.text)]
            case UtteranceAmended():
                self._record.amended(fact.utterance)
                return []
            case UtteranceSettled():
                return self._record.settled(fact.utterance)
            case UtteranceRevised():
                return self._record.revised(fact.utterance)
            case SpeechBegan() | InterimArrived() | SpeechDismissed() | SpeechUnrecognized() | SpeechHangs():
                return []
            case LegEnding():
                return []
            case _:
                assert_never(fact)


def _patient(listening: ListeningSettings) -> ListeningSettings:
    """Nobody waits for an answer here: nothing is told out of order, and no guess is taken for what was said while the
    recognizer has not got to its end."""
    endpointing = replace(
        listening.endpointing,
        behind_s=_BEHIND_S,
        catch_up_s=_CATCH_UP_S,
        after_lag_s=_LAST_RESORT_S,
        last_resort_s=_LAST_RESORT_S,
    )
    return replace(listening, keep_order_s=math.inf, endpointing=endpointing, start_vote=None)
