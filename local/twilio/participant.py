"""A person of the call script on the line: what they do goes to the timeline, what they say to the recording."""

from __future__ import annotations

from dataclasses import dataclass

from local import person
from local.g711 import FRAME_S
from local.person import Person
from local.twilio.line import Piece, Speech
from local.twilio.timeline import Kind, Timeline
from local.utterance_audio import Frame


@dataclass(slots=True)
class SpokenTurn:
    text: str
    started_at: float
    barge_in: bool
    ended_at: float | None = None
    """When the last frame that is loud enough to be speech was sent; None if it never was."""


@dataclass(frozen=True, slots=True)
class Tick:
    frame: Frame
    digits: tuple[str, ...] = ()
    hung_up: bool = False


class Participant:
    def __init__(self, who: Person, quiet: tuple[Frame, ...], timeline: Timeline, *, is_caller: bool) -> None:
        self._person = who
        self.turns: list[SpokenTurn] = []
        self.pieces: list[Piece] = []
        self.is_audible = False
        """Whether the last tick's frame was part of an utterance."""
        self._quiet = quiet
        self._ticks = 0
        self._timeline = timeline
        self._started, self._stopped = (
            (Kind.CALLER_STARTED, Kind.CALLER_STOPPED) if is_caller else (Kind.CALLEE_STARTED, Kind.CALLEE_STOPPED)
        )

    def connect(self, now: float) -> None:
        """The line stands, at first or again."""
        self._person.connect(now)
        self.is_audible = False

    def tick(self, now: float, heard: Speech) -> Tick:
        """The next 20 ms. Called once a frame, with the time at which the frame is sent."""
        moment = self._person.tick(now, heard)
        digits: list[str] = []
        hung_up = False
        for deed in moment.deeds:
            match deed:
                case person.PressedDigit(digit):
                    digits.append(digit)
                    self._timeline.note(now, Kind.DIGIT, digit)
                case person.HungUp():
                    hung_up = True
                case _:
                    self._note(deed, now)
        self._ticks += 1
        if moment.frame is None:
            self.is_audible = False
            return Tick(self._quiet[self._ticks % len(self._quiet)], tuple(digits), hung_up)
        # One utterance is one unbroken stretch in the recording, however unevenly its frames were sent.
        at = self.pieces[-1].at + FRAME_S if self.is_audible else now
        self.pieces.append(Piece(at, moment.frame.audio))
        self.is_audible = True
        return Tick(moment.frame, tuple(digits), hung_up)

    def _note(self, deed: person.Deed, now: float) -> None:
        match deed:
            case person.StartedSpeaking(text, barge_in):
                self.turns.append(SpokenTurn(text, now, barge_in))
                self._timeline.note(now, self._started, text)
                if barge_in:
                    self._timeline.note(now, Kind.BARGE_IN, text)
            case person.StoppedSpeaking(text):
                self.turns[-1].ended_at = now
                self._timeline.note(now, self._stopped, text)
            case person.LostPatience():
                self._timeline.note(now, Kind.UNANSWERED)
