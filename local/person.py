"""Decide what a person on the phone does in each 20 ms: speak, wait, talk over the other side, hang up.

Pure. `tick` is asked once a frame with the time (seconds on the call's clock) and what is heard of the other side.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from local import call_script
from local.call_script import CallScript, Say, Step
from local.twilio.line import Speech
from local.utterance_audio import Frame, Utterance

_BETWEEN_DIGITS_S = 0.2


@dataclass(frozen=True, slots=True)
class StartedSpeaking:
    text: str
    barge_in: bool
    """The other side could be heard at that moment."""


@dataclass(frozen=True, slots=True)
class StoppedSpeaking:
    """Reported with the last frame that is loud enough to be speech."""

    text: str


@dataclass(frozen=True, slots=True)
class LostPatience:
    """The other side said nothing for so long that the person went on alone."""


@dataclass(frozen=True, slots=True)
class PressedDigit:
    digit: str


@dataclass(frozen=True, slots=True)
class HungUp:
    pass


Deed = StartedSpeaking | StoppedSpeaking | LostPatience | PressedDigit | HungUp


@dataclass(frozen=True, slots=True)
class Moment:
    frame: Frame | None
    """None is silence."""
    deeds: tuple[Deed, ...] = ()


_NOTHING = Moment(None)


class Person:
    def __init__(self, script: CallScript, steps: tuple[Step, ...], utterances: Mapping[Say, Utterance]) -> None:
        self._script = script
        self._utterances = utterances
        self._todo: deque[Step] = deque(steps)
        self._speaking: Utterance | None = None
        self._next_frame = 0
        self._step_since = 0.0
        self._turn_since = 0.0
        self._patience_from = 0.0
        self._last_said: Say | None = None
        self._repeats_left = script.repeat
        self._digits_sent = 0

    def connect(self, now: float) -> None:
        """The line stands: at the start of the call, and again after it was lost.

        What a person was saying when the line was lost is said again from its beginning.
        """
        said = self._last_said
        if self._speaking is not None and said is not None and self._next_frame <= self._speaking.last_voiced:
            self._todo.appendleft(said)
        self._speaking = None
        self._step_since = self._turn_since = self._patience_from = now

    def tick(self, now: float, heard: Speech) -> Moment:
        if heard.is_on or (heard.quiet_since is not None and heard.quiet_since > self._patience_from):
            self._patience_from = heard.quiet_since or now
        if self._speaking is not None:
            return self._go_on_speaking(now, self._speaking)
        if not self._todo:
            return _NOTHING
        return self._take(self._todo[0], now, heard)

    def _take(self, step: Step, now: float, heard: Speech) -> Moment:
        match step:
            case call_script.Say():
                return self._say(step, now, heard)
            case call_script.Wait(seconds):
                if now - self._step_since >= seconds:
                    self._next_step(now)
            case call_script.Listen():
                if self._was_answered(heard, now, self._script.pause_s):
                    self._next_step(now)
                elif self._lost_patience(now):
                    self._next_step(now)
                    return Moment(None, (LostPatience(),))
            case call_script.Press(digits):
                return self._press(digits, now)
            case call_script.HangUp():
                self._next_step(now)
                return Moment(None, (HungUp(),))
            case call_script.AwaitHangUp(limit_s):
                if limit_s is not None and now - self._step_since >= limit_s:
                    self._next_step(now)
                    return Moment(None, (HungUp(),))
        return _NOTHING

    def _say(self, step: Say, now: float, heard: Speech) -> Moment:
        pause_s = self._script.pause_s if step.pause_s is None else step.pause_s
        if step.at_once or self._was_answered(heard, now, pause_s) or self._barges_in(step, heard, now):
            self._todo.popleft()
            self._repeats_left = self._script.repeat
            return self._start_speaking(step, now, heard)
        if not self._lost_patience(now):
            return _NOTHING
        if self._last_said is not None and self._repeats_left > 0:
            self._repeats_left -= 1
            moment = self._start_speaking(self._last_said, now, heard)
        else:
            self._todo.popleft()
            moment = self._start_speaking(step, now, heard)
        return Moment(moment.frame, (LostPatience(), *moment.deeds))

    def _was_answered(self, heard: Speech, now: float, pause_s: float) -> bool:
        """The other side spoke since this person's turn ended, and has been quiet since then for long enough."""
        quiet_since = heard.quiet_since
        return quiet_since is not None and quiet_since > self._turn_since and now - quiet_since >= pause_s

    def _barges_in(self, step: Say, heard: Speech, now: float) -> bool:
        if step.barge_in_after_s is None or not heard.is_on or heard.started_at is None:
            return False
        return heard.started_at >= self._turn_since and now - heard.started_at >= step.barge_in_after_s

    def _lost_patience(self, now: float) -> bool:
        return now - max(self._patience_from, self._turn_since) >= self._script.patience_s

    def _start_speaking(self, step: Say, now: float, heard: Speech) -> Moment:
        self._last_said = step
        self._speaking = self._utterances[step]
        self._next_frame = 0
        spoken = self._go_on_speaking(now, self._speaking)
        started = StartedSpeaking(step.text, barge_in=heard.is_on)
        return Moment(spoken.frame, (started, *spoken.deeds))

    def _go_on_speaking(self, now: float, utterance: Utterance) -> Moment:
        index = self._next_frame
        self._next_frame += 1
        if index == utterance.last_voiced:
            # The turn passes to the other side here, not after the silence at the end of the audio.
            self._turn_since = now
        if self._next_frame == len(utterance.frames):
            self._speaking = None
            self._step_since = now
        deeds = (StoppedSpeaking(utterance.text),) if index == utterance.last_voiced else ()
        return Moment(utterance.frames[index], deeds)

    def _press(self, digits: str, now: float) -> Moment:
        if now - self._step_since < self._digits_sent * _BETWEEN_DIGITS_S:
            return _NOTHING
        digit = digits[self._digits_sent]
        self._digits_sent += 1
        if self._digits_sent == len(digits):
            self._digits_sent = 0
            self._turn_since = now
            self._next_step(now)
        return Moment(None, (PressedDigit(digit),))

    def _next_step(self, now: float) -> None:
        self._todo.popleft()
        self._step_since = now
