"""Decide when the assistant speaks, and when it stops.

The assistant answers an utterance once it is closed, falls silent when spoken over and goes on if it was nothing, fills
a slow answer, and does not let a silence last. It is told what the caller does; it knows nothing of audio or
recognition. The states and what leads from one to another stand in `turn_states.py`, what a voice over the assistant
means in `interruption.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from media_service.core.actions import Action, ReportBargeIn, StartReply
from media_service.core.conversation import Conversation
from media_service.core.speaking.announcement import Announcement, Say
from media_service.core.speaking.delivery import Delivery
from media_service.core.speaking.playback import Heard, PlaybackSettings
from media_service.core.turns.interruption import CallerSound, Interruption, InterruptionSettings, Verdict
from media_service.core.turns.leaving import Leaving, LeavingSettings
from media_service.core.turns.silent_caller import SilenceSettings, SilentCaller
from media_service.core.turns.turn_latency import TurnLatency
from media_service.core.turns.turn_states import State, Trigger, after
from media_service.core.turns.unrecognized_caller import UnrecognizedCaller, UnrecognizedSettings
from media_service.core.turns.utterance import Utterance
from understanding.overlap import Overlap


@dataclass(frozen=True, slots=True)
class TurnSettings:
    filler_after_s: float = 0.700
    """No reply audio by then: the filler is played first."""

    interruption: InterruptionSettings = InterruptionSettings()
    leaving: LeavingSettings = LeavingSettings()
    silence: SilenceSettings = SilenceSettings()
    unrecognized: UnrecognizedSettings = UnrecognizedSettings()
    playback: PlaybackSettings = PlaybackSettings()


@dataclass(frozen=True, slots=True)
class AssistantSaid:
    """A turn of the assistant is over: this much of it was heard."""

    heard: Heard


@dataclass(frozen=True, slots=True)
class ShouldHangUp:
    reason: str
    """One of `calls.events.END_REASONS`."""


TurnFact = AssistantSaid | ShouldHangUp
Step = Sequence[Action | TurnFact]

_TOO_LONG = "max_duration"
_REASONS: Mapping[Say, str] = {
    Say.GOODBYE_SILENCE: "silence",
    Say.GOODBYE_UNRECOGNIZED: "error",
    Say.GOODBYE_KEYPAD: "assistant_goodbye",
    Say.GOODBYE_TIME: _TOO_LONG,
}
"""The announcements after which the call ends, and why it does."""


class TurnTaking:
    def __init__(self, settings: TurnSettings, announcements: Mapping[Say, Announcement], now: float) -> None:
        self._settings = settings
        self._announcements = announcements
        self._state = State.LISTENING
        self._delivery = Delivery(settings.playback)
        self._silent = SilentCaller(settings.silence)
        self._unrecognized = UnrecognizedCaller(settings.unrecognized, now)
        self._latency: TurnLatency | None = None
        self._filler_at = math.inf
        self._interruption = Interruption(settings.interruption)
        self._leaving = Leaving(settings.leaving, now)

    @property
    def state(self) -> State:
        return self._state

    @property
    def awaits_reply(self) -> bool:
        """A reply is being made and nothing of it was heard yet."""
        return self._state is State.THINKING

    @property
    def is_taking_leave(self) -> bool:
        """A goodbye is being said, or was, and the caller may still answer it."""
        return self._state is State.LEAVING

    @property
    def has_something_to_say(self) -> bool:
        """Something is being said, held back, or made: words over it may mean nothing but "go on"."""
        return self._state in (State.THINKING, State.SPEAKING, State.LEAVING)

    @property
    def minds_sounds(self) -> bool:
        """Whether a sound of the caller, at any moment, makes a difference."""
        return self.has_something_to_say or self._silent.is_waiting

    @property
    def disclosure_heard(self) -> bool:
        """What must be told every caller was heard to its end."""
        return self._delivery.playback.protected_heard

    def heard_so_far(self, now: float) -> str:
        """What the caller has heard of what the assistant is saying."""
        return self._delivery.playback.heard(now)

    def sounding_at(self, at: float) -> str:
        """What the assistant was saying then: a sound that began then may be an echo of it. "" if nothing."""
        return self._delivery.playback.sounding_at(at)

    def newest_clip(self, now: float) -> str:
        """The text of the newest sentence that was heard for the most part."""
        return self._delivery.playback.last_clips_heard(now)

    @property
    def awaits_keypad(self) -> bool:
        """The caller could not be understood, and was asked for a number on the keypad."""
        return self._unrecognized.awaits_keypad

    def say(self, which: Say, now: float) -> Step:
        """Say something from memory after whatever is being said; after a goodbye the call ends once it was heard."""
        dropped: Step = ()
        if which in _REASONS:
            self._leaving.reason = _REASONS[which]
            dropped = self._delivery.drop_reply()
            self._go(Trigger.TIME_UP if which is Say.GOODBYE_TIME else Trigger.GOODBYE)
        else:
            self._go(Trigger.ANNOUNCED)
        announcement = self._announcements.get(which)
        if announcement is None or not announcement.audio:
            return [*dropped, *self._if_over(now)]
        return [*dropped, *self._delivery.announce(announcement, now)]

    # The caller

    def caller_is_speaking(self, sound: CallerSound, now: float) -> Step:
        """The caller makes a sound, or did until now. Returns what to do about it, at this moment."""
        self._silent.hears(now, is_word=sound.words is not Overlap.NOTHING)
        if not self.has_something_to_say:
            return ()
        if self._state is State.LEAVING and self.awaits_keypad and sound.words is Overlap.NOTHING:
            return ()  # the caller is not understood, so there is nothing to stay for
        is_audible = self._state is not State.THINKING
        if is_audible and not self._interruption.is_holding and not sound.is_new and self._began_after(sound, now):
            return ()
        match self._interruption.judge(sound, now, is_audible=is_audible):
            case Verdict.NOTHING:
                return ()
            case Verdict.HOLD:
                return self._delivery.playback.hold(now)
            case Verdict.RESUME:
                return self._resume(now)
            case Verdict.STOP:
                return self._interrupted(now)

    def _began_after(self, sound: CallerSound, now: float) -> bool:
        """Whether the assistant began only after the caller had fallen silent."""
        return now - sound.silence_s <= self._delivery.playback.started_at

    def give_way(self, now: float) -> Step:
        """The caller has said something: stop, so that what was heard until now comes before it in the transcript."""
        if self._state is State.CUT_OFF:
            return ()
        return [*self._interrupted(now), *self._stop(now)]

    def caller_acknowledged(self, now: float) -> Step:
        """What the caller said means "go on", or nothing at all: the assistant does."""
        self._silent.hears(now, is_word=True)
        was_holding = self._interruption.over()
        if self._state is State.LISTENING:
            self._expect_caller(now)
            return ()
        return self._resume(now) if was_holding or self._delivery.is_holding else ()

    @property
    def is_held(self) -> bool:
        """Whether the assistant is silent because the caller made a sound that is not understood yet."""
        return self._interruption.is_holding

    def caller_hangs(self, now: float) -> Step:
        """The caller has broken off in mid-sentence: one soft word, rather than silence or an answer to half of it."""
        return self.say(Say.GO_ON, now) if self._state is State.LISTENING else ()

    def caller_was_noise(self, speech_s: float, now: float) -> Step:
        """What seemed to be speech had no words."""
        was_holding = self._interruption.over()
        if self._state is not State.LISTENING:
            return self._resume(now) if was_holding or self._delivery.is_holding else ()
        if which := self._unrecognized.voice_without_words(speech_s):
            return self.say(which, now)
        if not self._silent.is_waiting:
            self._expect_caller(now)
        return ()

    def caller_unrecognized(self, now: float) -> Step:
        """The caller said something, and it will not be known what: ask for a number, and in the end say goodbye."""
        step = self._resume(now) if self._interruption.over() else ()
        return [*step, *self._ask_for_number(now)]

    def _ask_for_number(self, now: float) -> Step:
        if self._state not in (State.LISTENING, State.SPEAKING) or self._unrecognized.is_asking:
            return ()  # something will be heard in any case
        return self.say(self._unrecognized.ask(), now)

    def caller_types(self, now: float) -> Step:
        """A key was pressed, and more may follow."""
        self._silent.types(now)
        if not self.awaits_keypad or self._state is not State.SPEAKING:
            return ()
        step = self._stop(now)
        self._go(Trigger.INTERRUPTED)
        self._expect_caller(now)
        return step

    def number_typed(self, is_complete: bool, now: float) -> Step:
        """What the caller typed instead of saying it. A telephone number is all there is to learn this way."""
        if self._state is State.CUT_OFF:
            return ()
        step = self._stop(now)
        then = self.say(Say.GOODBYE_KEYPAD, now) if is_complete else self._ask_for_number(now)
        return [*step, *then]

    def caller_finished(self, utterance: Utterance, conversation: Conversation, now: float) -> Step:
        """The caller said something: answer it, in place of any answer still being made."""
        if self._state is State.CUT_OFF:
            return ()
        self._interruption.over()
        self._leaving.stays()
        self._silent.has_spoken()
        self._unrecognized.is_understood()
        step = self._stop(now)
        self._go(Trigger.UTTERANCE)
        self._latency = TurnLatency(utterance)
        self._filler_at = now + self._settings.filler_after_s
        return [*step, StartReply(self._delivery.begin_reply(), conversation)]

    def resume(self, text: str, ends_call: bool, now: float) -> tuple[int, Step]:
        """A lost call goes on with this, after whatever is being said. Returns the reply's number, and what to do."""
        turn = self._delivery.begin_reply()
        if self._state is State.LISTENING:
            self._go(Trigger.UTTERANCE)
        self._silent.is_active()
        return turn, [*self.reply_text(turn, text, now), *self.reply_finished(turn, ends_call, now)]

    # A caller who waits, and is not understood yet

    def patience_ends(self, since: float) -> float:
        """When a caller who fell silent at `since`, and is not understood yet, must hear something."""
        return self._unrecognized.patience_ends(since) if self._state is State.LISTENING else math.inf

    def bridge(self, since: float, now: float) -> Step:
        """Nothing is known yet of what the caller said: first the filler, then as if it will not be known."""
        if now < self.patience_ends(since):
            return ()
        return self.say(Say.FILLER, now) if self._unrecognized.fill(since) else self.caller_unrecognized(now)

    # The reply

    def reply_text(self, turn: int, text: str, now: float) -> Step:
        asked = self._delivery.text(turn, text)
        if asked and self._latency:
            self._latency.text_ready(now)
        return asked

    def reply_finished(self, turn: int, ends_call: bool, now: float) -> Step:
        asked = self._delivery.text_ended(turn, ends_call=ends_call)
        if asked and self._latency:
            self._latency.text_ready(now)
        self._note_goodbye()
        return [*asked, *self._if_over(now)]

    def synthesized(self, clip: int, audio: bytes, now: float) -> Step:
        """A clip is ready; empty audio if it failed. It is held back while the caller speaks."""
        if not self._delivery.waits_for(clip):
            return ()
        asked = self._delivery.synthesized(clip, audio)
        if not self._delivery.is_holding:
            return [*asked, *self._if_over(now)]
        if self._latency:
            self._latency.audio_ready(now)
        if self._state is State.THINKING and self._interruption.is_holding:
            return asked
        return [*asked, *self._play(now), *self._if_over(now)]

    def mark_reached(self, name: str, now: float) -> Step:
        return [*self._delivery.mark_reached(name, now), *self._if_over(now)]

    # Time

    def deadline(self) -> float:
        own = min(self._filler_at, self._interruption.deadline())
        return min(own, self._silent.deadline(), self._leaving.deadline(), self._delivery.deadline())

    def on_timer(self, now: float) -> Step:
        step: list[Action | TurnFact] = []
        if now >= self._delivery.deadline():
            step += [*self._delivery.on_timer(now), *self._if_over(now)]
        if now >= self._interruption.deadline():
            self._interruption.dismiss()
            step += self._resume(now)
        if now >= self._filler_at:
            self._filler_at = math.inf
            if self._state is State.THINKING and not self._interruption.is_holding:
                step += self._fill(now)
        if now >= self._leaving.deadline():
            step += self._leave(now)
        if now >= self._silent.deadline():
            self._silent.is_active()
            if self._state is State.LISTENING:
                step += self.say(self._silent.ask(on_keypad=self.awaits_keypad), now)
        return step

    def end(self, now: float) -> Step:
        """The call is over. Returns what was heard of a turn that was still being said."""
        step = self._stop(now, even_protected=True)
        self._go(Trigger.CALL_ENDED)
        self._silent.is_active()
        self._leaving.over()
        return step

    def _leave(self, now: float) -> Step:
        """What is due on the way out of the call."""
        leaving = self._leaving
        if now >= leaving.hang_up_at:
            if self._interruption.is_holding:
                leaving.caller_stirs(now)
                return ()
            return [ShouldHangUp(leaving.reason)]
        if now < leaving.time_is_up_at:
            leaving.warned()
            return self.say(Say.TIME_WARNING, now) if self._state in (State.LISTENING, State.SPEAKING) else ()
        if self._state is State.LEAVING:
            # The caller may still speak, and the call go on.
            leaving.postpone(now, self._settings.silence.silence_s)
            return ()
        if self._interruption.is_holding and leaving.may_finish(now):
            return ()
        leaving.over()
        self._interruption.over()
        # After the sentence that is being said.
        return [*self._delivery.playback.resume(now), *self.say(Say.GOODBYE_TIME, now)]

    def _fill(self, now: float) -> Step:
        filler = self._announcements.get(Say.FILLER)
        if filler is None or not filler.audio:
            return ()
        return [*self.say(Say.FILLER, now), *self._measured(now)]

    def _play(self, now: float) -> list[Action | TurnFact]:
        self._filler_at = math.inf
        self._go(Trigger.REPLY_AUDIBLE)
        self._note_goodbye()
        return [*self._delivery.release(now), *self._measured(now)]

    def _note_goodbye(self) -> None:
        """A reply that ends the call is being said."""
        reply = self._delivery.reply
        if self._state is State.SPEAKING and reply is not None and reply.ends_call:
            self._leaving.reason = "assistant_goodbye"
            self._go(Trigger.GOODBYE)

    def _measured(self, now: float) -> list[Action]:
        latency, self._latency = self._latency, None
        return [latency.first_frame_sent(now)] if latency else []

    def _resume(self, now: float) -> list[Action | TurnFact]:
        """Nothing keeps the assistant from speaking any more."""
        step: list[Action | TurnFact] = [*self._delivery.playback.resume(now)]
        if self._delivery.is_holding:
            step += self._play(now)
        return [*step, *self._if_over(now)]

    def _interrupted(self, now: float) -> Step:
        """The caller has something to say: what is still to be heard is dropped. One who is answered before the answer
        was heard only keeps it waiting."""
        if self._state not in (State.SPEAKING, State.LEAVING):
            return self._delivery.playback.hold(now)
        if self._delivery.playback.is_protected:
            return ()  # it is heard to its end; what the caller says meanwhile is answered after it
        self._leaving.stays()
        self._go(Trigger.INTERRUPTED)
        return [*self._stop(now), ReportBargeIn()]

    def _stop(self, now: float, *, even_protected: bool = False) -> list[Action | TurnFact]:
        """Give up the reply and whatever is still to be heard."""
        self._latency = None
        self._filler_at = math.inf
        self._unrecognized.assistant_is_quiet(now)
        actions, heard = self._delivery.stop(now, even_protected=even_protected)
        return [*actions, *_said(heard)]

    def _if_over(self, now: float) -> Step:
        """End the assistant's turn if there is nothing more to make and nothing more to hear of it."""
        if not self._delivery.is_over or self._leaving.is_bidden:
            return ()
        reply = self._delivery.reply
        if reply is None and self._state in (State.LISTENING, State.THINKING, State.ENDED):
            return ()
        if reply is not None and not reply.was_audible and not reply.ends_call:
            return self._apologize(now)
        said = _said(self._delivery.finish_turn(now))
        self._unrecognized.assistant_is_quiet(now)
        if self._state is State.CUT_OFF:
            return [*said, ShouldHangUp(self._leaving.reason)]
        if self._state is State.LEAVING or (reply is not None and reply.ends_call):
            if self._state is not State.LEAVING:
                self._go(Trigger.GOODBYE)
            self._leaving.goodbye_heard(now)
            return said
        self._go(Trigger.PLAYED)
        self._expect_caller(now)
        return said

    def _apologize(self, now: float) -> Step:
        """The reply came to nothing: no text, or no sentence of it could be synthesized."""
        self._delivery.drop_reply()  # all of it has been made: there is nothing to cancel
        self._latency = None
        self._go(Trigger.REPLY_FAILED)
        return self.say(Say.TROUBLE, now)

    def _expect_caller(self, now: float) -> None:
        if self._state is State.LISTENING:
            self._silent.expect(now)

    def _go(self, trigger: Trigger) -> None:
        self._state = after(self._state, trigger)


def _said(heard: Heard | None) -> list[TurnFact]:
    return [AssistantSaid(heard)] if heard is not None and heard.text else []
