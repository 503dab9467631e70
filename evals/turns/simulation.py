"""One turn as a call: the real logic, traced, and everything around it simulated, but for what connects the two."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import numpy as np

from calls.events import CallEvent
from evals.turns import caller_audio
from evals.turns.assistant import REPLIES, SimulatedReplies, SimulatedVoice, clip_of
from evals.turns.caller import Caller
from evals.turns.handset import Clip, Handset
from evals.turns.items import Turn
from evals.turns.line import Line
from evals.turns.recognizer import NAME, Lags, SimulatedRecognizer
from evals.turns.trace import Trace, note_actions, note_event
from media_service import texts
from media_service.call_runner import CallRunner, CallServices, Phone
from media_service.core import actions, events
from media_service.core.call import CallLogic
from media_service.core.call_settings import CallSettings
from media_service.core.conversation import AssistantSettings
from media_service.core.record.transcript import CallIdentity
from media_service.core.speaking.announcement import Announcement, Say
from media_service.operations.outbox import Outbox
from media_service.operations.telemetry import CallTelemetry
from media_service.ports import CallSoFar, TeamSettings
from media_service.replies.greeting import parted
from media_service.replies.scripted_replies import ScriptedReplies
from media_service.texts import Texts

STARTED: Final = datetime(2026, 1, 4, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is the same for all calls of a run."""

    lags: Lags = Lags()
    settings: CallSettings = CallSettings()
    seed: int = 0


def timer_only(settings: CallSettings, timeout_s: float | None = None) -> CallSettings:
    """The policy that knows nothing but a timer: every turn is over after so much silence. None: today's time-out."""
    endpointing = settings.listening.endpointing
    timeout_s = endpointing.timeout_s if timeout_s is None else timeout_s
    alone = replace(endpointing, hangover_s=timeout_s, timeout_s=timeout_s, uncertain_s=timeout_s, open_s=timeout_s)
    return replace(settings, listening=replace(settings.listening, endpointing=alone))


def speak_ahead(turn: Turn) -> None:
    """Have what will be said in this call ready: speaking takes some 10 ms a sentence, in which no frame moves."""
    voice = caller_audio.voice_of(turn.id)
    caller_audio.said(turn.opener, voice)
    caller_audio.spoken(turn.words, voice)
    caller_audio.spoken(turn.again, voice)
    for text in (turn.question, *REPLIES, *_texts().announcements.values()):
        clip_of(text)


class SimulatedCall:
    """Make it where its call begins: its zero is now."""

    def __init__(self, turn: Turn, conditions: Conditions) -> None:
        self.trace = Trace(turn, question=clip_of(turn.question).text)
        self.began = asyncio.get_running_loop().time()
        self.rng = np.random.default_rng([conditions.seed, zlib.crc32(turn.id.encode())])
        self.clips: list[Clip] = []
        self.line = Line(self.rng)
        self.recognizer = SimulatedRecognizer(
            self.line, conditions.lags, turn.hearing, self.rng, lambda: self.trace.streams.append(self.now)
        )
        self._conditions = conditions

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time() - self.began

    def caller(self, handset: Handset) -> Caller:
        own = self.trace.turn.hearing.final_s
        final_s = self._conditions.lags.final_s if own is None else own
        return Caller(self.trace, self.line, handset, final_s, self.rng, self.began)

    def runner(self, call_sid: str, phone: Phone, caller: Caller) -> CallRunner:
        loop = asyncio.get_running_loop()
        turn, trace = self.trace.turn, self.trace
        identity = CallIdentity(call_sid, 1, "iw-IL", STARTED, loop.time(), NAME)
        intake = _texts().intake
        logic = CallLogic(identity, self._conditions.settings, intake, self._announcements(), AssistantSettings())
        question = turn.question if turn.opener else ""
        services = CallServices(
            self.recognizer,
            SimulatedVoice(self.clips, self.rng, lambda text: trace.syntheses.append((self.now, text))),
            SimulatedReplies(
                question,
                turn.ends_call,
                lambda: caller.turn_began,
                self.rng,
                lambda text: trace.replies.append((self.now, text)),
            ),
            ScriptedReplies(intake),
            _Records(),
        )
        telemetry = CallTelemetry(call_sid, 1, log_transcripts=False)
        traced = _TracedLogic(logic, trace, self.began)
        return CallRunner(identity, traced, phone, services, Outbox(_Publisher()), telemetry, loop.time)

    def ended(self, handset: Handset) -> Trace:
        """The whole of it, once the runner has wound up."""
        self.trace.heard = [
            replace(piece, start=piece.start - self.began, end=piece.end - self.began) for piece in handset.heard
        ]
        return self.trace

    def _announcements(self) -> dict[Say, Announcement]:
        """Those of the service; the greeting is the question, where nobody has said anything before it."""
        turn = self.trace.turn
        said = {say.value: _texts().announcements.get(say.value, "") for say in Say}
        greeting = "" if turn.opener else turn.question
        said[Say.DISCLOSURE.value], said[Say.GREETING.value] = parted(greeting, "", _texts().disclosing)
        made = {}
        for say in Say:
            clip = clip_of(said[say.value])
            self.clips.append(clip)
            made[say] = Announcement(said[say.value], clip.audio, is_protected=say is Say.DISCLOSURE)
        return made


class _TracedLogic:
    """Implements `call_runner.Logic`."""

    def __init__(self, logic: CallLogic, trace: Trace, began: float) -> None:
        self._logic = logic
        self._trace = trace
        self._began = began

    @property
    def is_over(self) -> bool:
        return self._logic.is_over

    def start(self, now: float) -> Sequence[actions.Action]:
        return self._noted(self._logic.start(now), now)

    def handle(self, event: events.Event, now: float) -> Sequence[actions.Action]:
        note_event(self._trace, event, now - self._began)
        return self._noted(self._logic.handle(event, now), now)

    def deadline(self) -> float:
        return self._logic.deadline()

    def on_timer(self, now: float) -> Sequence[actions.Action]:
        return self._noted(self._logic.on_timer(now), now)

    def _noted(self, decided: Sequence[actions.Action], now: float) -> Sequence[actions.Action]:
        if decided:
            note_actions(self._trace, decided, now - self._began)
        return decided


class _Publisher:
    """Implements `EventPublisher`; the trace has what was published from the core itself."""

    async def publish(self, event: CallEvent) -> None:
        await asyncio.sleep(0.02)


class _Records:
    """Implements `CallRecords`."""

    async def team_settings(self) -> TeamSettings:
        return TeamSettings()

    async def called_number(self, call_sid: str) -> str:
        return ""

    async def call_so_far(self, call_sid: str, caller_number: str = "") -> CallSoFar:
        await asyncio.sleep(0.02)
        return CallSoFar("+972501234567")

    async def write_leg(self, call_sid: str, leg: int) -> None:
        """Nobody reads it."""

    async def write_end(self, call_sid: str, reason: str, ended_at: datetime) -> None:
        """Nobody reads it."""


@lru_cache(maxsize=1)
def _texts() -> Texts:
    return texts.load()
