"""Play one turn as a whole call: the real logic and runner, everything around them simulated, on a clock that jumps.

The caller says what comes before, hears the assistant's question, answers it with the turn, hears the reply, and
hangs up.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import numpy as np

from calls.events import CallEvent
from evals import virtual_clock
from evals.speech_activity import sounds
from evals.turns import caller_audio
from evals.turns.assistant import SimulatedReplies, SimulatedVoice, clip_of
from evals.turns.handset import Clip, Handset
from evals.turns.items import Turn, Word
from evals.turns.line import Line, SaidWord
from evals.turns.recognizer import NAME, Lags, SimulatedRecognizer
from evals.turns.trace import Trace, note_actions, note_event
from media_service import texts
from media_service.call_runner import CallRunner, CallServices
from media_service.core import actions, events
from media_service.core.call import CallLogic
from media_service.core.call_settings import CallSettings
from media_service.core.conversation import AssistantSettings
from media_service.core.record.transcript import CallIdentity
from media_service.core.speaking.announcement import Announcement, Say
from media_service.core.vad.audio import FRAME_S, decode_mulaw
from media_service.operations.outbox import Outbox
from media_service.operations.telemetry import CallTelemetry
from media_service.ports import CallSoFar, TeamSettings
from media_service.replies.greeting import parted
from media_service.replies.scripted_replies import ScriptedReplies
from media_service.texts import Texts

CALL_SID: Final = "CA00000000000000000000000000000009"
STARTED: Final = datetime(2026, 1, 4, 8, tzinfo=UTC)

_REACTION_S: Final = (0.3, 0.9)
_OPENER_AT_S: Final = 0.3
_QUESTION_WITHIN_S: Final = 8.0
_QUIET_S: Final = 0.25
"""Silence after which the caller takes the assistant to have finished."""
_HANGS_UP_AFTER_S: Final = 2.5
"""After the last sound of the assistant."""
_WAITS_S: Final = 7.0
"""For a reply."""
_SIDE_TALK_CONFIDENCE: Final = 0.4
_ECHO_CONFIDENCE: Final = 0.6


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
    alone = replace(endpointing, hangover_s=timeout_s, timeout_s=timeout_s, strong_chars=1_000_000)
    return replace(settings, listening=replace(settings.listening, endpointing=alone))


def play(turn: Turn, conditions: Conditions) -> Trace:
    return virtual_clock.run(_Call(turn, conditions).play())


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

    async def call_so_far(self, call_sid: str) -> CallSoFar:
        await asyncio.sleep(0.02)
        return CallSoFar("+972501234567")

    async def write_leg(self, call_sid: str, leg: int) -> None:
        """Nobody reads it."""

    async def write_end(self, call_sid: str, reason: str, ended_at: datetime) -> None:
        """Nobody reads it."""


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


class _Call:
    def __init__(self, turn: Turn, conditions: Conditions) -> None:
        self._turn = turn
        self._conditions = conditions
        self._trace = Trace(turn, question=clip_of(turn.question).text)
        self._rng = np.random.default_rng([conditions.seed, zlib.crc32(turn.id.encode())])
        self._line = Line(self._rng)
        self._clips: list[Clip] = []
        self._turn_began = False
        self._began = 0.0

    async def play(self) -> Trace:
        self._began = asyncio.get_running_loop().time()
        turn, trace, rng = self._turn, self._trace, self._rng
        self._handset = Handset(self._clips, rng, lambda name: runner.take(events.MarkReached(name)))
        self._recognizer = SimulatedRecognizer(
            self._line, self._conditions.lags, turn.hearing, rng, lambda: trace.streams.append(self._now)
        )
        runner = self._runner()
        frames = asyncio.create_task(self._send_frames(runner))
        async with runner:
            try:
                await self._be_the_caller()
            finally:
                frames.cancel()
                await asyncio.wait([frames])
            trace.ended_at = self._now
            runner.take(events.CallerHungUp())
        trace.heard = [
            replace(piece, start=piece.start - self._began, end=piece.end - self._began)
            for piece in self._handset.heard
        ]
        return trace

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    def _runner(self) -> CallRunner:
        loop = asyncio.get_running_loop()
        turn = self._turn
        identity = CallIdentity(CALL_SID, 1, "iw-IL", STARTED, loop.time(), NAME)
        logic = CallLogic(
            identity, self._conditions.settings, _texts().intake, self._announcements(), AssistantSettings()
        )
        services = CallServices(
            self._recognizer,
            SimulatedVoice(self._clips, self._rng, lambda text: self._trace.syntheses.append((self._now, text))),
            SimulatedReplies(
                turn.question if turn.opener else "",
                turn.ends_call,
                lambda: self._turn_began,
                self._rng,
                lambda text: self._trace.replies.append((self._now, text)),
            ),
            ScriptedReplies(_texts().intake),
            _Records(),
        )
        telemetry = CallTelemetry(CALL_SID, 1, log_transcripts=False)
        return CallRunner(
            identity,
            _TracedLogic(logic, self._trace, loop.time()),
            self._handset,
            services,
            Outbox(_Publisher()),
            telemetry,
            loop.time,
        )

    def _announcements(self) -> dict[Say, Announcement]:
        """Those of the service; the greeting is the question, where nobody has said anything before it."""
        said = {say.value: _texts().announcements.get(say.value, "") for say in Say}
        greeting = "" if self._turn.opener else self._turn.question
        said[Say.DISCLOSURE.value], said[Say.GREETING.value] = parted(greeting, "", _texts().disclosing)
        made = {}
        for say in Say:
            clip = clip_of(said[say.value])
            self._clips.append(clip)
            made[say] = Announcement(said[say.value], clip.audio, is_protected=say is Say.DISCLOSURE)
        return made

    # The caller

    async def _be_the_caller(self) -> None:
        if self._turn.opener:
            await asyncio.sleep(_OPENER_AT_S)
            await self._open()
        if self._turn.question and not await self._until(self._hears_question, _QUESTION_WITHIN_S):
            self._trace.trouble = "the assistant never asked"
            return
        self._trace.question_at = self._now
        await self._wait_for_turn()
        self._take_turn()
        await asyncio.sleep(self._turn.end_s)
        await self._hear_reply()
        if self._turn.again and self._handset.closed_at is None:
            self._trace.again_at = at = self._now + FRAME_S
            self._speak(self._turn.again, at)
            await asyncio.sleep(self._turn.again[-1].end_s)
            await self._hear_reply()

    async def _open(self) -> None:
        samples, ends = caller_audio.said(self._turn.opener, caller_audio.voice_of(self._turn.id))
        at = self._now + FRAME_S
        self._line.place(at, samples)
        for text, start, end in zip(self._turn.opener.split(), (0.0, *ends[:-1]), ends, strict=False):
            self._line.say(SaidWord(text, at + start, at + end, 0.95, opens=True))
        await asyncio.sleep(len(samples) / 8000)

    def _hears_question(self) -> bool:
        piece = self._handset.at(asyncio.get_running_loop().time())
        return piece is not None and self._trace.is_question(piece)

    async def _wait_for_turn(self) -> None:
        """Until the caller begins: over the assistant, or after it."""
        turn = self._turn
        if turn.during_s is not None:
            length_s = len(clip_of(turn.question).audio) / 8000
            wait_s = turn.during_s if turn.during_s >= 0 else max(0.0, length_s + turn.during_s)
            await asyncio.sleep(max(0.0, wait_s - turn.start_s))
        elif turn.question:
            await self._until(self._is_quiet, 60.0)
            reaction_s = float(self._rng.uniform(*_REACTION_S)) if turn.reaction_s is None else turn.reaction_s
            await asyncio.sleep(max(0.0, reaction_s - _QUIET_S))
        else:
            await asyncio.sleep(1.0)

    def _take_turn(self) -> None:
        turn, line = self._turn, self._line
        self._turn_began = True
        self._trace.turn_at = at = self._now + FRAME_S
        self._speak(turn.words, at)
        for sound in turn.sounds:
            line.place(at + sound.at_s, caller_audio.of_sound(sound, self._rng))
            self._say(caller_audio.words_of(sound), at, lambda: _SIDE_TALK_CONFIDENCE)
        loop = asyncio.get_running_loop()
        for phantom in turn.hearing.phantoms:
            loop.call_later(phantom.at_s, self._recognizer.invent, phantom)

    def _speak(self, words: Sequence[Word], at: float) -> None:
        for placed in caller_audio.spoken(words, caller_audio.voice_of(self._turn.id)):
            self._line.place(at + placed.at_s, placed.samples)
        self._say(words, at, lambda: float(self._rng.uniform(0.86, 0.97)))

    def _say(self, words: Sequence[Word], at: float, confidence: Callable[[], float]) -> None:
        for word in words:
            self._line.say(SaidWord(word.text, at + word.start_s, at + word.end_s, confidence()))

    async def _hear_reply(self) -> None:
        """Until the assistant has been silent for a while after it spoke, or will not speak."""
        over_at = self._now
        patience_s = _HANGS_UP_AFTER_S + max(0.0, self._final_s - 1.0)

        def is_done() -> bool:
            now = asyncio.get_running_loop().time()
            if self._handset.closed_at is not None:
                return True
            if self._turn.again and self._trace.again_at is None and self._has_answered(over_at) and self._is_quiet():
                return True
            if not self._handset.is_silent(now):
                return False
            last = max((piece.end for piece in self._handset.heard), default=0.0) - self._began
            spoke = last > over_at
            return self._now - max(last, over_at) >= (patience_s if spoke else _WAITS_S)

        await self._until(is_done, 60.0)

    @property
    def _final_s(self) -> float:
        own = self._turn.hearing.final_s
        return self._conditions.lags.final_s if own is None else own

    def _has_answered(self, since: float) -> bool:
        heard = [piece for piece in self._handset.heard if piece.start - self._began > since]
        return any(self._trace.reply_of(piece) is not None for piece in heard)

    def _is_quiet(self) -> bool:
        now = asyncio.get_running_loop().time()
        ended = max((piece.end for piece in self._handset.heard), default=0.0)
        return self._handset.is_silent(now) and now - ended >= _QUIET_S

    async def _until(self, done: Callable[[], bool], limit_s: float) -> bool:
        """Whether it came about in time. Times are virtual: looking often costs little."""
        deadline = self._now + limit_s
        while not done():
            if self._now >= deadline:
                return False
            await asyncio.sleep(FRAME_S)
        return True

    # The line

    async def _send_frames(self, runner: CallRunner) -> None:
        loop = asyncio.get_running_loop()
        delay_s = float(self._rng.uniform(0.04, 0.08))
        jitter = self._rng.uniform(0.0, 0.015, 512)
        number, arrives = 0, 0.0
        while True:
            await asyncio.sleep(max(0.0, self._began + (number + 1) * FRAME_S - loop.time()))
            if self._turn.echo is not None:
                self._mix_echo(number * FRAME_S)
            frame = self._line.frame(number)
            arrives = max(arrives + 1e-5, loop.time() + delay_s + float(jitter[number % 512]))
            loop.call_at(arrives, runner.take, events.CallerAudio(frame))
            number += 1

    def _mix_echo(self, at: float) -> None:
        """What the assistant said a moment ago comes back."""
        echo = self._turn.echo
        piece = None if echo is None else self._handset.at(self._began + at - echo.delay_s)
        if echo is None or piece is None or piece.clip is None:
            return
        within = self._began + at - echo.delay_s - piece.start + piece.offset_s
        audio = piece.clip.audio[sounds.length(within) : sounds.length(within) + 160]
        self._line.place(at, decode_mulaw(audio) / 32768.0 * sounds.gain(echo.dbfs + 20.0))
        starts = (0.0, *piece.clip.ends_s[:-1])
        for text, start, end in zip(piece.clip.text.split(), starts, piece.clip.ends_s, strict=False):
            if within <= start < within + FRAME_S:
                self._line.say(SaidWord(text, at, at + end - start, _ECHO_CONFIDENCE))


@lru_cache(maxsize=1)
def _texts() -> Texts:
    return texts.load()
