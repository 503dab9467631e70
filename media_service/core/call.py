"""One call in assistant mode: what happens in, what to do out.

`CallLogic` only composes: `Listener` hears the caller, `TurnTaking` speaks, `Transcript` numbers what was said, the
intake keeps the fields. It takes an event and `now` (seconds, monotonic) and returns actions. `deadline()` says when
to call `on_timer(now)` next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calls.events import FieldValue
from calls.lead_fields import PHONE
from media_service.core import events
from media_service.core.actions import (
    Action,
    HangUp,
    ReportFinal,
    ReportInterim,
    ReportTurn,
)
from media_service.core.call_record import CallRecord
from media_service.core.conversation import AssistantSettings
from media_service.core.ending import Ending, LastWords, ending_of
from media_service.core.intake import IntakeTexts
from media_service.core.keypad import Keypad
from media_service.core.latency import summary
from media_service.core.line_silence import LineSilence
from media_service.core.listening import Listener, ListeningSettings
from media_service.core.prompt import Prompt, Say
from media_service.core.transcript import CallIdentity
from media_service.core.turn_taking import AssistantSaid, ShouldHangUp, TurnSettings, TurnTaking
from media_service.core.utterance import (
    InterimHeard,
    InterimShown,
    SpeechBegan,
    SpeechDismissed,
    SpeechUnheard,
    Utterance,
    UtteranceAmended,
    UtteranceClosed,
    UtteranceSettled,
)

_FELL_SILENT_S = 1.0
"""Longer than the pauses between words."""


@dataclass(frozen=True, slots=True)
class CallSettings:
    listening: ListeningSettings = ListeningSettings()
    turns: TurnSettings = TurnSettings()
    media_timeout_s: float = 30.0
    """No inbound frame for this long ends the call."""

    last_words: LastWords = LastWords()


class CallLogic:
    """`prompts` hold audio from memory; `assistant` what the product team set."""

    def __init__(
        self,
        identity: CallIdentity,
        settings: CallSettings,
        texts: IntakeTexts,
        prompts: Mapping[Say, Prompt],
        assistant: AssistantSettings,
    ) -> None:
        now = identity.started_at
        self._identity = identity
        self._settings = settings
        self._assistant = assistant
        self._listener = Listener("caller", settings.listening, now)
        self._turns = TurnTaking(settings.turns, prompts, now)
        self._record = CallRecord(identity, texts)
        self._line_silence = LineSilence(now)
        self._keypad = Keypad()
        self._totals_s: list[float] = []
        self._ending: Ending | None = None
        self.is_over = False

    @property
    def fields(self) -> Mapping[str, FieldValue]:
        return self._record.fields

    def start(self, now: float) -> list[Action]:
        """Greet, or on a later leg say that the line was lost, and begin to listen."""
        greeting = Say.GREETING if self._identity.leg == 1 else Say.LINE_WAS_LOST
        return [*self._carry_out(self._turns.say(greeting, now), now), *self._hear(self._listener.start(now), now)]

    def handle(self, event: events.Event, now: float) -> list[Action]:
        """Take one event. After the call is over nothing has any effect."""
        if self.is_over:
            return []
        if type(event) is events.CallerAudio:  # fifty times a second, everything else a few times
            return self._on_audio(event, now)
        if ending := ending_of(event, now, self._settings.last_words):
            return self._end(ending, now)
        handler = _HANDLERS.get(type(event))
        return handler(self, event, now) if handler else []

    def deadline(self) -> float:
        if self.is_over:
            return math.inf
        if self._ending:
            return min(self._ending.over_at, self._listener.deadline())
        return min(
            self._listener.deadline(),
            self._turns.deadline(),
            self._patience_ends(),
            self._keypad.deadline(),
            self._line_silence.deadline(),
            self._line_silence.last_frame_at + self._settings.media_timeout_s,
        )

    def on_timer(self, now: float) -> list[Action]:
        """Do what became due by `now`. Early or repeated calls do nothing."""
        if self.is_over:
            return []
        actions = self._hear(self._listener.on_timer(now), now)
        if self._ending:
            return [*actions, *(self._finish_if_settled(now) if now < self._ending.over_at else self._finish())]
        if now - self._line_silence.last_frame_at >= self._settings.media_timeout_s:
            return [*actions, *self._end(self._ending_for("error", now), now)]
        if digits := self._keypad.due(now):
            actions += self._on_digits(digits, now)
        if missing := self._line_silence.due(now, in_speech=self._listener.is_in_speech):
            actions += self._hear(self._listener.feed(missing, now), now)
        if now >= self._patience_ends() and (since := self._listener.waiting_since) is not None:
            actions += self._carry_out(self._turns.bridge(since, now), now)
        # Last, because it may end the call, and nothing comes after that.
        return [*actions, *self._carry_out(self._turns.on_timer(self._caller_speaks(now), now), now)]

    def _on_audio(self, event: events.CallerAudio, now: float) -> list[Action]:
        if self._ending:
            return []
        self._line_silence.frame_arrived(now)
        heard = self._listener.feed(event.audio, now)
        actions = self._hear(heard, now) if heard else []
        if self._listener.is_hearing:
            actions += self._listen_while_speaking(now)
        return actions

    def _on_mark(self, event: events.MarkReached, now: float) -> list[Action]:
        self._line_silence.alive(now)
        return self._carry_out(self._turns.mark_reached(event.name, now), now)

    def _on_digit(self, event: events.DigitPressed, now: float) -> list[Action]:
        self._line_silence.alive(now)
        actions = self._carry_out(self._turns.caller_types(now), now)
        digits = self._keypad.press(event.digit, now)
        return [*actions, *self._on_digits(digits, now)] if digits else actions

    def _on_digits(self, digits: str, now: float) -> list[Action]:
        """Digits from the keypad are something the caller said."""
        utterance = Utterance(
            now, now, text=digits, confidence=1.0, recognizer=self._record.recognizer, typed=True, closed_at=now
        )
        return self._hear([UtteranceClosed(utterance), UtteranceSettled(utterance)], now)

    def _on_opened(self, event: events.StreamOpened, now: float) -> list[Action]:
        return self._hear(self._listener.opened(event.stream, now), now)

    def _on_result(self, event: events.StreamResult, now: float) -> list[Action]:
        actions = self._hear(self._listener.result(event.stream, event.result, now), now)
        return [*actions, *self._finish_if_settled(now)]

    def _on_stream_ended(self, event: events.StreamEnded, now: float) -> list[Action]:
        actions = self._hear(self._listener.stream_ended(event.stream, event.reason, now, final=event.final), now)
        if self._ending and not self._listener.awaits_request:
            return [*actions, *self._finish()]  # it was asked to end, and has said all it had
        return actions

    def _on_recognized(self, event: events.RequestRecognized, now: float) -> list[Action]:
        heard = self._listener.recognised(event.request, event.results, event.recognizer, now)
        return [*self._hear(heard, now), *self._finish_if_settled(now)]

    def _on_request_failed(self, event: events.RequestFailed, now: float) -> list[Action]:
        heard = self._listener.request_failed(event.request, event.reason, now)
        return [*self._hear(heard, now), *self._finish_if_settled(now)]

    def _on_reply_text(self, event: events.ReplyTextArrived, now: float) -> list[Action]:
        return self._carry_out(self._turns.reply_text(event.turn, event.text, now), now)

    def _on_reply_finished(self, event: events.ReplyFinished, now: float) -> list[Action]:
        return self._carry_out(self._turns.reply_finished(event.turn, event.ends_call, now), now)

    def _on_synthesized(self, event: events.SpeechSynthesized, now: float) -> list[Action]:
        step = self._turns.synthesized(event.clip, event.audio, self._caller_speaks(now), now)
        return self._carry_out(step, now)

    def _on_synthesis_failed(self, event: events.SynthesisFailed, now: float) -> list[Action]:
        return self._carry_out(self._turns.synthesized(event.clip, b"", self._caller_speaks(now), now), now)

    def _on_recalled(self, event: events.CallRecalled, now: float) -> list[Action]:
        """The records answered; they may do so at any time after the start."""
        del now
        self._record.recalled(event.caller_number, event.turns)
        return []

    def _hear(self, step: Sequence[Any], now: float) -> list[Action]:
        """Act on what was heard; what is an action already passes through."""
        actions: list[Action] = []
        for item in step:
            if isinstance(item, InterimShown):
                actions.append(ReportInterim("caller", item.text))
            elif isinstance(item, SpeechBegan | InterimHeard):
                actions += self._listen_while_speaking(now)
            elif isinstance(item, SpeechDismissed):
                actions += self._carry_out(self._turns.caller_was_noise(now), now) if not self._ending else ()
            elif isinstance(item, SpeechUnheard):
                actions += self._on_unheard(now)
            elif isinstance(item, UtteranceClosed):
                actions += self._answer(item.utterance, now)
            elif isinstance(item, UtteranceAmended):
                actions += self._amend(item.utterance, now)
            elif isinstance(item, UtteranceSettled):
                actions += self._record.settled(item.utterance)
            else:
                actions.append(item)
        return actions

    def _on_unheard(self, now: float) -> list[Action]:
        # Keys make a sound, which is no speech that anybody would want to hear again.
        if self._ending or self._keypad.is_typing:
            return []
        return self._carry_out(self._turns.caller_unheard(now), now)

    def _patience_ends(self) -> float:
        """When a caller who waits to be understood has to hear something."""
        since = self._listener.waiting_since
        return math.inf if since is None or self._keypad.is_typing else self._turns.patience_ends(since)

    def _listen_while_speaking(self, now: float) -> list[Action]:
        if self._ending:
            return []
        heard = self._turns.caller_is_speaking(self._speech_s(now), bool(self._listener.text), now)
        return self._carry_out(heard, now) if heard else []

    def _answer(self, utterance: Utterance, now: float) -> list[Action]:
        # What the caller talked over is over, and comes before it in the transcript.
        before = [] if self._ending else self._carry_out(self._turns.give_way(now), now)
        line = self._record.heard("caller", utterance)
        actions: list[Action] = [*before, ReportFinal("caller", utterance.text)]
        if self._ending:
            return actions
        if utterance.typed and self._turns.awaits_keypad:
            phone = self.fields.get(PHONE)
            is_complete = phone is not None and phone.seq == line.seq
            return [*actions, *self._carry_out(self._turns.number_typed(is_complete, now), now)]
        reply = self._turns.caller_finished(utterance, self._record.conversation(self._assistant), now)
        return [*actions, *self._carry_out(reply, now)]

    def _amend(self, utterance: Utterance, now: float) -> list[Action]:
        """Words came late. If nobody has heard the answer yet, it is made anew from all of them."""
        self._record.amended(utterance)
        if self._ending or not self._turns.awaits_reply:
            return []
        return self._carry_out(
            self._turns.caller_finished(utterance, self._record.conversation(self._assistant), now), now
        )

    def _carry_out(self, step: Sequence[Any], now: float) -> list[Action]:
        """Act on what the assistant's side came to; what is an action already passes through."""
        actions: list[Action] = []
        for item in step:
            if isinstance(item, AssistantSaid):
                actions += self._record.assistant_said(item.heard)
            elif isinstance(item, ShouldHangUp):
                return [*actions, *self._end(self._ending_for(item.reason, now), now)]
            else:
                if isinstance(item, ReportTurn):
                    self._totals_s.append(item.total_s)
                actions.append(item)
        return actions

    def _caller_speaks(self, now: float) -> bool:
        listener = self._listener
        return listener.is_hearing and self._turns.is_speech(self._speech_s(now), bool(listener.text))

    def _speech_s(self, now: float) -> float:
        """Seconds of speech in the open utterance. One that is only open because nobody recognises it is no speech
        any more: the caller has fallen silent, and waits."""
        since = self._listener.waiting_since
        return 0.0 if since is not None and now - since > _FELL_SILENT_S else self._listener.voiced_s

    def _ending_for(self, reason: str, now: float) -> Ending:
        return Ending(reason, now, now + self._settings.last_words.wait_s)

    def _end(self, ending: Ending, now: float) -> list[Action]:
        """Stop speaking, and give the recogniser a moment for the last words. The first ending stands."""
        if self._ending:
            self._ending = self._ending.followed_by(ending)
            return self._finish() if now >= ending.over_at else []
        self._ending = ending
        actions = self._carry_out(self._turns.end(now), now)
        if digits := self._keypad.flush():
            actions += self._on_digits(digits, now)
        actions += self._hear(self._listener.finish(now), now)
        if now >= ending.over_at:
            return [*actions, *self._finish()]
        return [*actions, *self._finish_if_settled(now)]

    def _finish_if_settled(self, now: float) -> list[Action]:
        del now
        if not self._ending or self.is_over or self._listener.owes_words:
            return []
        return self._finish()

    def _finish(self) -> list[Action]:
        if self.is_over or self._ending is None:
            return []
        actions = self._hear(self._listener.close(), self._ending.at)
        self.is_over = True
        last = self._record.ended(self._ending, summary(self._totals_s))
        return [*actions, *last, HangUp(self._ending.reason, on_record=not self._ending.may_come_back)]


_HANDLERS: Mapping[type, Callable[[CallLogic, Any, float], list[Action]]] = {
    events.CallerAudio: CallLogic._on_audio,
    events.MarkReached: CallLogic._on_mark,
    events.DigitPressed: CallLogic._on_digit,
    events.StreamOpened: CallLogic._on_opened,
    events.StreamResult: CallLogic._on_result,
    events.StreamEnded: CallLogic._on_stream_ended,
    events.RequestRecognized: CallLogic._on_recognized,
    events.RequestFailed: CallLogic._on_request_failed,
    events.ReplyTextArrived: CallLogic._on_reply_text,
    events.ReplyFinished: CallLogic._on_reply_finished,
    events.SpeechSynthesized: CallLogic._on_synthesized,
    events.SynthesisFailed: CallLogic._on_synthesis_failed,
    events.CallRecalled: CallLogic._on_recalled,
}
