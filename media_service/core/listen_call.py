"""One call in listen mode: a person answers, both sides are heard, nothing is ever played.

The same records come out as in assistant mode. Takes events and `now`, returns actions, like `call.CallLogic`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from calls.events import LatencySummary
from media_service.core import events
from media_service.core.actions import Action, HangUp, ReportFinal, ReportInterim
from media_service.core.call import CallSettings
from media_service.core.call_record import CallRecord
from media_service.core.ending import Ending, ending_of
from media_service.core.intake import IntakeTexts
from media_service.core.line_silence import LineSilence
from media_service.core.listening import Listener
from media_service.core.transcript import CallIdentity
from media_service.core.utterance import (
    InterimShown,
    UtteranceAmended,
    UtteranceClosed,
    UtteranceSettled,
)

CALLER: Final = "caller"
CALLEE: Final = "callee"
_BEHIND_S: Final = 0.15
_CATCH_UP_S: Final = 3.0
SPEAKER_OF_TRACK: Final = {"inbound": CALLER, "outbound": CALLEE}


class _Side:
    """One speaker: an ear, and what stands in for audio that does not come."""

    def __init__(self, speaker: str, settings: CallSettings, now: float) -> None:
        self.speaker = speaker
        # Nobody waits for an answer here: nothing is told out of order, and no guess is taken for what was said while
        # the recogniser has not heard it out.
        patient = replace(settings.listening.endpointing, behind_s=_BEHIND_S, catch_up_s=_CATCH_UP_S)
        listening = replace(settings.listening, keep_order_s=math.inf, endpointing=patient)
        self.listener = Listener(speaker, listening, now)
        self.silence = LineSilence(now)


class ListenLogic:
    def __init__(self, identity: CallIdentity, settings: CallSettings, texts: IntakeTexts) -> None:
        now = identity.started_at
        self._settings = settings
        self._sides = {speaker: _Side(speaker, settings, now) for speaker in (CALLER, CALLEE)}
        self._record = CallRecord(identity, texts)
        self._ending: Ending | None = None
        self.is_over = False

    def start(self, now: float) -> list[Action]:
        return [action for side in self._sides.values() for action in self._hear(side, side.listener.start(now))]

    def handle(self, event: events.Event, now: float) -> list[Action]:
        """Take one event. After the call is over nothing has any effect; neither has what only an assistant meets."""
        if self.is_over:
            return []
        if isinstance(event, events.CallerAudio):
            return self._on_audio(event, now)
        if isinstance(event, events.CallRecalled):
            self._record.recalled(event.caller_number, event.turns)
        if ending := ending_of(event, now, self._settings.last_words):
            return self._end(ending, now)
        return self._on_recognition(event, now)

    def deadline(self) -> float:
        if self.is_over:
            return math.inf
        due = [side.listener.deadline() for side in self._sides.values()]
        if self._ending:
            return min(self._ending.over_at, *due)
        return min(*due, *(side.silence.deadline() for side in self._sides.values()), self._silent_for_good_at())

    def on_timer(self, now: float) -> list[Action]:
        """Do what became due by `now`. Early or repeated calls do nothing."""
        if self.is_over:
            return []
        actions: list[Action] = []
        for side in self._sides.values():
            actions += self._hear(side, side.listener.on_timer(now))
            if not self._ending and (missing := side.silence.due(now, in_speech=side.listener.is_in_speech)):
                actions += self._hear(side, side.listener.feed(missing, now))
        if self._ending:
            return [*actions, *(self._finish_if_settled() if now < self._ending.over_at else self._finish())]
        if now < self._silent_for_good_at():
            return actions
        return [*actions, *self._end(Ending("error", now, now + self._settings.last_words.wait_s), now)]

    def _on_audio(self, event: events.CallerAudio, now: float) -> list[Action]:
        if self._ending:
            return []
        side = self._sides[SPEAKER_OF_TRACK[event.track]]
        side.silence.frame_arrived(now)
        heard = side.listener.feed(event.audio, now)
        return self._hear(side, heard) if heard else []

    def _on_recognition(self, event: events.Event, now: float) -> list[Action]:
        if isinstance(event, events.StreamOpened):
            side = self._side_of(event.stream)
            return self._hear(side, side.listener.opened(event.stream, now))
        if isinstance(event, events.StreamResult):
            side = self._side_of(event.stream)
            actions = self._hear(side, side.listener.result(event.stream, event.result, now))
        elif isinstance(event, events.StreamEnded):
            side = self._side_of(event.stream)
            actions = self._hear(side, side.listener.stream_ended(event.stream, event.reason, now, final=event.final))
        elif isinstance(event, events.RequestRecognized):
            side = self._side_of(event.request)
            heard = side.listener.recognised(event.request, event.results, event.recognizer, now)
            actions = self._hear(side, heard)
        elif isinstance(event, events.RequestFailed):
            side = self._side_of(event.request)
            actions = self._hear(side, side.listener.request_failed(event.request, event.reason, now))
        else:
            return []
        return [*actions, *self._finish_if_settled()]

    def _hear(self, side: _Side, step: Sequence[Any]) -> list[Action]:
        actions: list[Action] = []
        for item in step:
            if isinstance(item, InterimShown):
                actions.append(ReportInterim(side.speaker, item.text))
            elif isinstance(item, UtteranceClosed):
                self._record.heard(side.speaker, item.utterance)
                actions.append(ReportFinal(side.speaker, item.utterance.text))
            elif isinstance(item, UtteranceAmended):
                self._record.amended(item.utterance)
            elif isinstance(item, UtteranceSettled):
                actions += self._record.settled(item.utterance)
            elif isinstance(item, Action):
                actions.append(item)
        return actions

    def _side_of(self, name: str) -> _Side:
        """Streams and requests are named after their speaker."""
        return self._sides[name.partition("-")[0]]

    def _silent_for_good_at(self) -> float:
        newest = max(side.silence.last_frame_at for side in self._sides.values())
        return newest + self._settings.media_timeout_s

    def _end(self, ending: Ending, now: float) -> list[Action]:
        """Give the recogniser a moment for the last words. The first ending stands."""
        if self._ending:
            self._ending = self._ending.followed_by(ending)
            return self._finish() if now >= ending.over_at else []
        self._ending = ending
        actions = [action for side in self._sides.values() for action in self._hear(side, side.listener.finish(now))]
        return [*actions, *(self._finish() if now >= ending.over_at else self._finish_if_settled())]

    def _finish_if_settled(self) -> list[Action]:
        waiting = any(side.listener.owes_words for side in self._sides.values())
        return self._finish() if self._ending and not waiting else []

    def _finish(self) -> list[Action]:
        if self.is_over or self._ending is None:
            return []
        actions = [action for side in self._sides.values() for action in self._hear(side, side.listener.close())]
        self.is_over = True
        last = self._record.ended(self._ending, LatencySummary())
        return [*actions, *last, HangUp(self._ending.reason, on_record=not self._ending.may_come_back)]
