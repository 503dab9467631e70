"""Decide when the assistant speaks, and when it stops.

The assistant answers an utterance once it is closed, holds its tongue while the caller speaks, stops when spoken
over, fills a slow answer with an opener, and does not let a silence last. It is told what the caller does; it
knows nothing of audio or recognition.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from media_service.core.actions import Action, CancelReply, ReportBargeIn, StartReply
from media_service.core.conversation import Conversation
from media_service.core.record.latency import TurnLatency
from media_service.core.speaking.playback import Heard, Playback, PlaybackSettings
from media_service.core.speaking.prompt import Prompt, Say
from media_service.core.speaking.reply import Reply
from media_service.core.turns.utterance import Utterance
from media_service.errors import InvalidTransition


@dataclass(frozen=True, slots=True)
class TurnSettings:
    opener_after_s: float = 0.700
    """No reply audio by then: the opener is played first."""

    barge_in_s: float = 0.500
    """This much sound of speech over the assistant makes it stop before any word is recognised: a breath, or noise
    that starts suddenly, is shorter. A word makes it stop at once."""

    silence_s: float = 8.0
    """How long a caller may say nothing before being asked."""

    silence_prompts: int = 2
    """How often, before the assistant says goodbye."""

    patience_s: float = 2.4
    """How long a caller who has spoken hears nothing while the words are still being found out."""

    keypad_prompts: int = 3
    """How often in a row speech that cannot be recognised is answered by asking for a number on the keypad."""

    max_call_s: float = 1800.0
    """Far below the hour after which Cloud Run cuts the socket."""

    playback: PlaybackSettings = PlaybackSettings()


class State(Enum):
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    LEAVING = "leaving"
    """Saying goodbye; the call ends when it has been heard, unless the caller speaks."""
    ENDED = "ended"


_TOO_LONG = "max_duration"

_NEXT: Mapping[State, frozenset[State]] = {
    State.LISTENING: frozenset({State.THINKING, State.SPEAKING, State.LEAVING, State.ENDED}),
    State.THINKING: frozenset({State.THINKING, State.LISTENING, State.SPEAKING, State.LEAVING, State.ENDED}),
    State.SPEAKING: frozenset({State.LISTENING, State.THINKING, State.LEAVING, State.ENDED}),
    State.LEAVING: frozenset({State.LISTENING, State.THINKING, State.ENDED}),
    State.ENDED: frozenset({State.ENDED}),
}


@dataclass(frozen=True, slots=True)
class AssistantSaid:
    """A turn of the assistant is over: this much of it was heard."""

    heard: Heard


@dataclass(frozen=True, slots=True)
class ShouldHangUp:
    reason: str


Step = Sequence[Action | AssistantSaid | ShouldHangUp]


class TurnTaking:
    def __init__(self, settings: TurnSettings, prompts: Mapping[Say, Prompt], now: float) -> None:
        self._settings = settings
        self._prompts = prompts
        self._state = State.LISTENING
        self._playback = Playback(settings.playback)
        self._reply: Reply | None = None
        self._turn = 0
        self._clips = itertools.count(1)
        self._held: list[tuple[str, bytes]] = []
        """Clips that are ready while the caller is speaking."""
        self._latency: TurnLatency | None = None
        self._opener_at = math.inf
        self._silence_at = math.inf
        self._silences = 0
        self._interrupted = False
        self._quiet_since = now
        """When the assistant was last audible."""
        self._unheard = 0
        """How often in a row the caller spoke and could not be recognised."""
        self._apologising = False
        self._bridged = self._apologised = -math.inf
        """The waits (by their beginning) in which the opener was said, and the apology."""
        self._leave_reason = "assistant_goodbye"
        self._time_is_up_at = now + settings.max_call_s

    @property
    def state(self) -> State:
        return self._state

    @property
    def awaits_reply(self) -> bool:
        """A reply is being made and nothing of it was heard yet."""
        return self._state is State.THINKING

    def say(self, which: Say, now: float, *, then_leave: str = "") -> list[Action | AssistantSaid | ShouldHangUp]:
        """Say a prompt after whatever is being said. With `then_leave`, hang up once it was heard, for that reason."""
        prompt = self._prompts.get(which)
        if then_leave:
            self._leave_reason = then_leave
            self._go(State.LEAVING)
        elif self._state is State.LISTENING:
            self._go(State.SPEAKING)
        if prompt is None or not prompt.audio:
            return self._if_heard(now)
        return [*self._playback.add(prompt.text, prompt.audio, now)]

    def caller_is_speaking(self, speech_s: float, has_words: bool, now: float) -> Step:
        """The caller has an utterance open, with this much speech in it."""
        self._silence_at = math.inf
        if not self.is_speech(speech_s, has_words) or self._leaves_for_good:
            return ()
        if self._state not in (State.SPEAKING, State.LEAVING):
            return ()
        if self._state is State.LEAVING and self._unheard and not has_words:
            return ()  # the caller is not understood, so there is nothing to stay for
        actions = [*self._stop(now), ReportBargeIn()]
        self._interrupted = True
        self._go(State.LISTENING)
        return actions

    def give_way(self, now: float) -> Step:
        """The caller has said something: stop, so that what was heard until now comes before it in the transcript."""
        if self._leaves_for_good:
            return ()
        return [*self.caller_is_speaking(0.0, True, now), *self._stop(now)]

    def caller_was_noise(self, now: float) -> Step:
        """What seemed to be speech had no words."""
        if self._held:
            return self._play(now)
        if self._interrupted and self._state is State.LISTENING:
            self._interrupted = False
            return self.say(Say.LISTENING, now)
        self._expect_caller(now)
        return ()

    @property
    def awaits_keypad(self) -> bool:
        """The caller could not be understood, and was asked for a number on the keypad."""
        return self._unheard > 0

    def caller_unheard(self, now: float) -> Step:
        """The caller said something, and it will not be known what: ask for a number, and in the end say goodbye."""
        self._interrupted = False
        if self._state in (State.THINKING, State.LEAVING) or self._apologising:
            return ()  # something will be heard in any case
        self._unheard += 1
        if self._unheard > self._settings.keypad_prompts:
            return self.say(Say.GOODBYE_UNHEARD, now, then_leave="error")
        self._apologising = True
        return self.say(Say.KEYPAD, now)

    def caller_types(self, now: float) -> Step:
        """A key was pressed, and more may follow."""
        if self._silence_at < math.inf:
            self._silence_at = now + self._settings.silence_s
        if not self.awaits_keypad or self._state is not State.SPEAKING:
            return ()
        step = self._stop(now)
        self._go(State.LISTENING)
        self._expect_caller(now)
        return step

    def number_typed(self, is_complete: bool, now: float) -> Step:
        """What the caller typed instead of saying it. A telephone number is all there is to learn this way."""
        if self._leaves_for_good:
            return ()
        step = self._stop(now)
        if not is_complete:
            return [*step, *self.caller_unheard(now)]
        return [*step, *self.say(Say.GOODBYE_KEYPAD, now, then_leave="assistant_goodbye")]

    def patience_ends(self, since: float) -> float:
        """When a caller who fell silent at `since`, and is not understood yet, must hear something."""
        if self._state is not State.LISTENING or self._apologised >= since:
            return math.inf
        return max(since, self._quiet_since) + self._settings.patience_s

    def bridge(self, since: float, now: float) -> Step:
        """Nothing is known yet of what the caller said: first the opener, then as if it will not be known."""
        if now < self.patience_ends(since):
            return ()
        if self._bridged < since:
            self._bridged = since
            return self.say(Say.OPENER, now)
        self._apologised = since
        return self.caller_unheard(now)

    def caller_finished(self, utterance: Utterance, conversation: Conversation, now: float) -> Step:
        """The caller said something: answer it, in place of any answer still being made."""
        if self._leaves_for_good:
            return ()
        self._interrupted = False
        self._silences = self._unheard = 0
        self._silence_at = math.inf
        step = self._stop(now)
        self._go(State.THINKING)
        self._turn += 1
        self._reply = Reply(self._turn, self._clips)
        self._latency = TurnLatency(utterance)
        self._opener_at = now + self._settings.opener_after_s
        return [*step, StartReply(self._turn, conversation)]

    def reply_text(self, turn: int, text: str, now: float) -> Step:
        if self._reply is None or self._reply.turn != turn:
            return ()
        asked = self._reply.text(text)
        if asked and self._latency:
            self._latency.text_ready(now)
        return asked

    def reply_finished(self, turn: int, ends_call: bool, now: float) -> Step:
        if self._reply is None or self._reply.turn != turn:
            return ()
        asked = self._reply.text_ended(ends_call)
        if asked and self._latency:
            self._latency.text_ready(now)
        return [*asked, *self._if_heard(now)]

    def synthesized(self, clip: int, audio: bytes, caller_speaks: bool, now: float) -> Step:
        """A clip is ready; empty audio if it failed. It is held back while the caller speaks."""
        if self._reply is None or not self._reply.waits_for(clip):
            return ()
        ready, asked = self._reply.synthesized(clip, audio)
        if ready and self._latency:
            self._latency.audio_ready(now)
        self._held += ready
        step: list[Action | AssistantSaid | ShouldHangUp] = [*asked]
        if self._held and (self._state is State.SPEAKING or not caller_speaks):
            step += self._play(now)
        return [*step, *self._if_heard(now)]

    def mark_reached(self, name: str, now: float) -> Step:
        return [*self._playback.mark_reached(name, now), *self._if_heard(now)]

    def is_speech(self, speech_s: float, has_words: bool) -> bool:
        """Whether what is heard is enough to fall silent for."""
        return has_words or speech_s >= self._settings.barge_in_s

    def deadline(self) -> float:
        return min(self._opener_at, self._silence_at, self._time_is_up_at, self._playback.deadline())

    def on_timer(self, caller_speaks: bool, now: float) -> Step:
        step: list[Action | AssistantSaid | ShouldHangUp] = []
        if now >= self._playback.deadline():
            step += [*self._playback.on_timer(now), *self._if_heard(now)]
        if now >= self._opener_at:
            self._opener_at = math.inf
            if self._state is State.THINKING and not caller_speaks:
                step += self._play_opener(now)
        if now >= self._time_is_up_at:
            step += self._end_for_length(now)
        if now >= self._silence_at:
            self._silence_at = math.inf
            step += self._break_silence(now)
        return step

    def end(self, now: float) -> Step:
        """The call is over. Returns what was heard of a turn that was still being said."""
        step = self._stop(now)
        self._go(State.ENDED)
        self._silence_at = self._opener_at = self._time_is_up_at = math.inf
        return step

    @property
    def _leaves_for_good(self) -> bool:
        """A call that has become too long ends, whatever the caller says to it."""
        return self._state is State.LEAVING and self._leave_reason == _TOO_LONG

    def _end_for_length(self, now: float) -> Step:
        if self._state is State.LEAVING:
            # The caller may still speak, and the call go on.
            self._time_is_up_at = now + self._settings.silence_s
            return ()
        self._time_is_up_at = math.inf
        return [*self._stop(now), *self.say(Say.GOODBYE_TIME, now, then_leave=_TOO_LONG)]

    def _break_silence(self, now: float) -> Step:
        if self._state is not State.LISTENING:
            return ()
        self._silences += 1
        if self._silences > self._settings.silence_prompts:
            return self.say(Say.GOODBYE_SILENCE, now, then_leave="silence")
        return self.say(Say.KEYPAD if self.awaits_keypad else Say.STILL_THERE, now)

    def _play_opener(self, now: float) -> Step:
        opener = self._prompts.get(Say.OPENER)
        if opener is None or not opener.audio:
            return ()
        # The state stays THINKING: the reply itself is still to come.
        return [*self._playback.add(opener.text, opener.audio, now), *self._measured(now)]

    def _play(self, now: float) -> list[Action | AssistantSaid | ShouldHangUp]:
        actions: list[Action | AssistantSaid | ShouldHangUp] = []
        for text, audio in self._held:
            actions += self._playback.add(text, audio, now)
        self._held = []
        self._opener_at = math.inf
        if self._state is not State.SPEAKING:
            self._go(State.SPEAKING)
        return [*actions, *self._measured(now)]

    def _measured(self, now: float) -> list[Action]:
        latency, self._latency = self._latency, None
        return [latency.first_frame_sent(now)] if latency else []

    def _stop(self, now: float) -> list[Action | AssistantSaid | ShouldHangUp]:
        """Give up the reply and whatever is still to be heard."""
        actions: list[Action | AssistantSaid | ShouldHangUp] = []
        if self._reply is not None:
            actions.append(CancelReply(self._reply.turn))
        self._reply = self._latency = None
        self._held = []
        self._opener_at = math.inf
        self._quiet_since, self._apologising = now, False
        cleared, heard = self._playback.clear(now)
        actions += cleared
        if heard is not None and heard.text:
            actions.append(AssistantSaid(heard))
        return actions

    def _if_heard(self, now: float) -> list[Action | AssistantSaid | ShouldHangUp]:
        """End the assistant's turn if there is nothing more to make and nothing more to hear of it."""
        if not self._playback.is_idle or self._held:
            return []
        reply = self._reply
        if reply is not None and not reply.is_complete:
            return []
        if reply is None and self._state not in (State.SPEAKING, State.LEAVING):
            return []
        if reply is not None and not reply.was_audible and not reply.ends_call:
            return self._say_trouble(now)
        said = self._playback.finish_turn(now)
        self._reply = None
        self._quiet_since, self._apologising = now, False
        step: list[Action | AssistantSaid | ShouldHangUp] = [AssistantSaid(said)] if said and said.text else []
        if reply is not None and reply.ends_call:
            return [*step, ShouldHangUp("assistant_goodbye")]
        if self._state is State.LEAVING:
            return [*step, ShouldHangUp(self._leave_reason)]
        self._go(State.LISTENING)
        self._expect_caller(now)
        return step

    def _say_trouble(self, now: float) -> list[Action | AssistantSaid | ShouldHangUp]:
        """The reply came to nothing: no text, or no sentence of it could be synthesised."""
        self._reply = self._latency = None
        if self._state is not State.SPEAKING:
            self._go(State.SPEAKING)
        return self.say(Say.TROUBLE, now)

    def _expect_caller(self, now: float) -> None:
        if self._state is State.LISTENING:
            self._silence_at = now + self._settings.silence_s

    def _go(self, state: State) -> None:
        if state not in _NEXT[self._state]:
            raise InvalidTransition(f"{self._state.value} -> {state.value}")
        self._state = state
