"""One call in assistant mode: what happens in, what to do out.

`CallLogic` only composes: `Leg` listens to the caller, `TurnTaking` speaks, `CallRecord` keeps what was said and what
it tells. It takes an event and `now` (seconds, monotonic) and returns actions. `deadline()` says when to call
`on_timer(now)` next.

Its parts return actions and facts. One loop drains them in order; what follows from a fact comes before what was behind
it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from calls.events import FieldValue
from calls.lead_fields import PHONE
from media_service.core import events
from media_service.core.actions import Action, HangUp, ReportFinal, ReportInterim, ReportTurn
from media_service.core.call_settings import CallSettings
from media_service.core.conversation import AssistantSettings
from media_service.core.leg import Leg, LegEnding, LegFact, LegOver
from media_service.core.record.call_record import CallRecord
from media_service.core.record.intake import IntakeTexts, resumed
from media_service.core.record.latency_summary import summary
from media_service.core.record.transcript import CallIdentity
from media_service.core.record.turn_words import TurnWords
from media_service.core.speaking.announcement import Announcement, Say
from media_service.core.turns.interruption import CallerSound
from media_service.core.turns.keypad import Keypad
from media_service.core.turns.turn_taking import AssistantSaid, ShouldHangUp, TurnFact, TurnTaking
from media_service.core.turns.utterance import (
    InterimArrived,
    InterimShown,
    SpeechBegan,
    SpeechDismissed,
    SpeechFact,
    SpeechHangs,
    SpeechUnrecognized,
    Utterance,
    UtteranceAmended,
    UtteranceClosed,
    UtteranceOverheard,
    UtteranceRevised,
    UtteranceSettled,
)
from understanding.overlap import Overlap

CALLER: Final = "caller"


@dataclass(frozen=True, slots=True)
class _TurnOver:
    """What the assistant was saying has been stopped: this utterance is to be answered."""

    utterance: Utterance


_Fact = SpeechFact | TurnFact | LegFact | _TurnOver
_Step = Sequence[Action | _Fact]


class CallLogic:
    """`announcements` hold audio from memory; `assistant` what the product team set."""

    def __init__(
        self,
        identity: CallIdentity,
        settings: CallSettings,
        texts: IntakeTexts,
        announcements: Mapping[Say, Announcement],
        assistant: AssistantSettings,
    ) -> None:
        now = identity.started_at
        self._is_first_leg = identity.leg == 1
        self._assistant = assistant
        self._texts = texts
        self._record = CallRecord(identity, texts, assistant)
        self._words = TurnWords(self._record)
        self._leg = Leg({"inbound": CALLER}, settings, settings.listening, now, self._words.turn_end)
        self._caller = self._leg.listener(CALLER)
        self._turns = TurnTaking(settings.turns, announcements, now)
        self._keypad = Keypad()
        self._totals_s: list[float] = []

    @property
    def is_over(self) -> bool:
        return self._leg.is_over

    @property
    def fields(self) -> Mapping[str, FieldValue]:
        return self._record.fields

    def start(self, now: float) -> list[Action]:
        """Greet, or on a later leg say that the line was lost, and begin to listen."""
        first = (Say.DISCLOSURE, Say.GREETING) if self._is_first_leg else (Say.LINE_WAS_LOST,)
        greeting = [item for which in first for item in self._turns.say(which, now)]
        return self._drain([*greeting, *self._leg.start(now)], now)

    def handle(self, event: events.Event, now: float) -> list[Action]:
        """Take one event. After the call is over nothing has any effect."""
        if self.is_over:
            return []
        if type(event) is events.CallerAudio:  # fifty times a second, everything else a few times
            return self._on_audio(event, now)
        return self._drain(self._take(event, now), now)

    def deadline(self) -> float:
        if self.is_over or self._leg.is_ending:
            return self._leg.deadline()
        return min(self._leg.deadline(), self._turns.deadline(), self._patience_ends(), self._keypad.deadline())

    def on_timer(self, now: float) -> list[Action]:
        """Do what became due by `now`. Early or repeated calls do nothing."""
        if self.is_over:
            return []
        actions = self._drain(self._leg.on_timer(now), now)
        if self._leg.is_ending:
            return actions
        if digits := self._keypad.due(now):
            actions += self._drain(self._typed(digits, now), now)
        if self._turns.is_held and (step := self._judge(now)):
            actions += self._drain(step, now)
        if now >= self._patience_ends() and (since := self._caller.waiting_since) is not None:
            actions += self._drain(self._turns.bridge(since, now), now)
        # Last, because it may end the call, and nothing comes after that.
        return [*actions, *self._drain(self._turns.on_timer(now), now)]

    def _on_audio(self, event: events.CallerAudio, now: float) -> list[Action]:
        step = self._leg.take(event, now)
        actions = self._drain(step, now) if step else []
        if self._turns.minds_sounds and (self._caller.is_speaking or self._turns.is_held):
            actions += self._drain(self._judge(now), now)
        return actions

    def _take(self, event: events.Event, now: float) -> _Step:
        if isinstance(event, events.LegEvent):
            return self._leg.take(event, now)
        match event:
            case events.MarkReached():
                self._leg.is_alive(now)
                return self._turns.mark_reached(event.name, now)
            case events.DigitPressed():
                self._leg.is_alive(now)
                digits = self._keypad.press(event.digit, now)
                return [*self._turns.caller_types(now), *(self._typed(digits, now) if digits else ())]
            case events.ReplyTextArrived():
                self._record.assistant_asks(event.turn, event.text, event.asks)
                return self._turns.reply_text(event.turn, event.text, now)
            case events.ReplyFinished():
                return self._turns.reply_finished(event.turn, event.ends_call, now)
            case events.SpeechSynthesized():
                return self._turns.synthesized(event.clip, event.audio, now)
            case events.SynthesisFailed():
                return self._turns.synthesized(event.clip, b"", now)
            case events.CallRecalled():
                self._record.recalled(event.caller_number, event.turns, event.earlier)
                return self._resume(now) if event.turns else ()
            case _:
                assert_never(event)

    def _drain(self, step: Iterable[Action | _Fact], now: float) -> list[Action]:
        """Act on facts until only actions are left."""
        waiting = deque(step)
        actions: list[Action] = []
        while waiting:
            item = waiting.popleft()
            if isinstance(item, Action):
                if isinstance(item, ReportTurn):
                    self._totals_s.append(item.total_s)
                actions.append(item)
            elif isinstance(item, LegOver):
                ending = item.ending
                heard = self._turns.disclosure_heard
                actions += self._record.ended(ending, summary(self._totals_s), disclosure_heard=heard)
                return [*actions, HangUp(ending.reason, on_record=not ending.may_come_back)]
            else:
                waiting.extendleft(reversed(self._follow(item, now)))
        return actions

    def _follow(self, fact: _Fact, now: float) -> _Step:
        """What follows from a fact."""
        match fact:
            case _TurnOver():
                return self._answer(fact.utterance, now)
            case AssistantSaid():
                self._words.being_said = ""
                return self._record.assistant_said(fact.heard)
            case ShouldHangUp():
                return self._leg.end_because(fact.reason, now)
            case LegEnding():
                digits = self._keypad.flush()
                return [*self._turns.end(now), *(self._typed(digits, now) if digits else ())]
            case LegOver():
                return ()  # the drain ends with it
            case _:
                return self._caller_did(fact, now)

    def _caller_did(self, fact: SpeechFact, now: float) -> _Step:
        match fact:
            case SpeechBegan():
                return self._judge(now)
            case InterimArrived():
                # Where the utterance was closed in the same step its words are not here any more: that decides.
                return self._judge(now, is_new=True)
            case SpeechHangs():
                return () if self._leg.is_ending else self._turns.caller_hangs(now)
            case InterimShown():
                return (ReportInterim(fact.speaker, fact.text),)
            case SpeechDismissed():
                voice_s = 0.0 if self._caller.is_far else fact.voice_s
                return () if self._leg.is_ending else self._turns.caller_was_noise(voice_s, now)
            case SpeechUnrecognized():
                # Keys make a sound, which is no speech that anybody would want to hear again.
                quiet = self._leg.is_ending or self._keypad.is_typing
                return () if quiet else self._turns.caller_unrecognized(now)
            case UtteranceClosed():
                return self._closed(fact.utterance, now)
            case UtteranceOverheard():
                return self._overhear(fact.utterance, now)
            case UtteranceAmended():
                return self._amend(fact.utterance, now)
            case UtteranceSettled():
                return self._record.settled(fact.utterance)
            case UtteranceRevised():
                return self._record.revised(fact.utterance)
            case _:
                assert_never(fact)

    def _resume(self, now: float) -> _Step:
        """The caller, whose line was lost, hears where the call was, unless they have gone on by themselves."""
        is_late = self._caller.is_speaking or self._record.caller_has_spoken or self._turns.awaits_reply
        if self._is_first_leg or self._leg.is_ending or is_late:
            return ()
        reply = resumed(self._record.conversation(self._assistant), self._texts)
        turn, step = self._turns.resume(reply.text, reply.ends_call, now)
        self._record.assistant_asks(turn, reply.text, reply.asks)
        return step

    def _typed(self, digits: str, now: float) -> _Step:
        """Digits from the keypad are something the caller said."""
        utterance = Utterance(
            CALLER, now, now, text=digits, confidence=1.0, recognizer=self._record.recognizer, typed=True, closed_at=now
        )
        return (UtteranceClosed(utterance), UtteranceSettled(utterance))

    def _answer(self, utterance: Utterance, now: float) -> _Step:
        self._caller.is_own()
        line = self._record.heard(CALLER, utterance)
        report = ReportFinal(CALLER, utterance.text, utterance.why_closed)
        if self._leg.is_ending:
            return (report,)
        if utterance.typed and self._turns.awaits_keypad:
            return [report, *self._turns.number_typed(PHONE in line.fields, now)]
        return [report, *self._turns.caller_finished(utterance, self._record.conversation(self._assistant), now)]

    def _amend(self, utterance: Utterance, now: float) -> _Step:
        """Words came late. If nobody has heard the answer yet, it is made anew from all of them."""
        self._record.amended(utterance)
        if self._leg.is_ending or not self._turns.awaits_reply:
            return ()
        return self._turns.caller_finished(utterance, self._record.conversation(self._assistant), now)

    def _closed(self, utterance: Utterance, now: float) -> _Step:
        played = "" if utterance.typed else self._turns.sounding_at(utterance.started_at)
        if played:
            utterance.text = self._words.own_words(utterance.text, played)
        if not utterance.text:
            return () if self._leg.is_ending else self._turns.caller_acknowledged(now)  # nobody said it
        if self._leg.is_ending:
            return (_TurnOver(utterance),)
        if not utterance.typed and self._means_go_on(utterance, played, now):
            return self._overhear(utterance, now)
        # What the caller talked over is over, and comes before it in the transcript.
        return [*self._turns.give_way(now), _TurnOver(utterance)]

    def _overhear(self, utterance: Utterance, now: float) -> _Step:
        """Kept, and not answered."""
        self._record.heard(CALLER, utterance)
        report = ReportFinal(CALLER, utterance.text, utterance.why_closed, is_answered=False)
        return [report] if self._leg.is_ending else [report, *self._turns.caller_acknowledged(now)]

    def _means_go_on(self, utterance: Utterance, played: str, now: float) -> bool:
        """Whether it was said over the assistant, or to its goodbye, and asks for nothing."""
        if not self._turns.has_something_to_say:
            return False
        if self._caller.is_far:
            utterance.voiced = False  # somebody else, from whom nothing is learned
            return True
        return self._meaning(utterance.text, played, now) in (Overlap.BACK_CHANNEL, Overlap.NOTHING)

    def _meaning(self, text: str, played: str, now: float) -> Overlap:
        """Of the caller's words over the assistant. What one says to a goodbye lets it finish."""
        means = self._words.overlap(text, self._turns.newest_clip(now), played)
        is_goodbye = means is Overlap.OTHER and self._turns.is_taking_leave and self._words.answers_goodbye(text)
        return Overlap.BACK_CHANNEL if is_goodbye else means

    def _judge(self, now: float, *, is_new: bool = False) -> _Step:
        """What the caller's sound, at this moment, makes of the assistant's speaking. `is_new`: so are its words."""
        if self._leg.is_ending:
            return ()
        caller, text = self._caller, self._caller.text
        self._words.is_far, self._words.is_quieter = caller.is_far, caller.is_quieter
        means = Overlap.NOTHING
        if text and self._turns.has_something_to_say:
            self._words.being_said = self._turns.heard_so_far(now)
            means = self._meaning(text, self._turns.sounding_at(caller.began_at), now)
        elif text:
            self._words.being_said, means = "", Overlap.OTHER
        sound = CallerSound(
            caller.spoken_s,
            caller.silence_s,
            means,
            len(text.split()),
            caller.is_recognized,
            is_new=is_new,
            is_voice=caller.is_voice,
            is_quieter=caller.has_become_quieter,
            is_far=caller.has_gone_far,
        )
        return self._turns.caller_is_speaking(sound, now)

    def _patience_ends(self) -> float:
        """When a caller who waits to be understood has to hear something."""
        since = self._caller.waiting_since
        return math.inf if since is None or self._keypad.is_typing else self._turns.patience_ends(since)
