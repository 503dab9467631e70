"""The caller of one call: says what comes before, hears the assistant's question, takes the turn, hears the reply.

Knows a line to speak on and a handset to listen to, and nothing of how either is connected.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from evals.speech_activity import sounds
from evals.turns import caller_audio
from evals.turns.assistant import clip_of
from evals.turns.handset import Handset
from evals.turns.items import IGNORE, Phantom, Word
from evals.turns.line import Line, SaidWord
from evals.turns.trace import Trace
from media_service.core.vad.audio import BYTES_PER_S, FRAME_BYTES, FRAME_S, decode_mulaw

_REACTION_S: Final = (0.3, 0.9)
_OPENER_AT_S: Final = 0.3
_QUESTION_WITHIN_S: Final = 8.0
_QUIET_S: Final = 0.25
"""Silence after which the caller takes the assistant to have finished."""
_HANGS_UP_AFTER_S: Final = 2.5
"""After the last sound of the assistant."""
_WAITS_S: Final = 7.0
"""For a reply."""
_LONGEST_REPLY_S: Final = 30.0
"""An assistant that answers its own echo would never come to an end."""
_WAITS_FOR_NOTHING_S: Final = 4.5
"""Where none is to come; below the silence after which the assistant asks whether anybody is there."""
_SIDE_TALK_CONFIDENCE: Final = 0.4
_ECHO_CONFIDENCE: Final = 0.6


class Caller:
    def __init__(
        self, trace: Trace, line: Line, handset: Handset, final_s: float, rng: np.random.Generator, began: float
    ) -> None:
        """`final_s`: how late finals may be, and the caller has to stay for what comes of them. `began`: the call's
        zero on the loop's clock."""
        self._turn = trace.turn
        self._trace = trace
        self._line = line
        self._handset = handset
        self._final_s = final_s
        self._rng = rng
        self._began = began
        self.turn_began = False

    async def call(self, invent: Callable[[Phantom], None]) -> None:
        """Returns when there is nothing more to hear. `invent` has the recognizer say what nobody said."""
        if self._turn.opener:
            await asyncio.sleep(_OPENER_AT_S)
            await self._open()
        if self._turn.question and not await self._until(self._hears_question, _QUESTION_WITHIN_S):
            self._trace.trouble = "the assistant never asked"
            return
        self._trace.question_at = self._now
        await self._wait_for_turn()
        self._take_turn(invent)
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
        await asyncio.sleep(len(samples) / BYTES_PER_S)

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    def _hears_question(self) -> bool:
        piece = self._handset.at(asyncio.get_running_loop().time())
        return piece is not None and self._trace.is_question(piece)

    async def _wait_for_turn(self) -> None:
        """Until the caller begins: over the assistant, or after it."""
        turn = self._turn
        if turn.during_s is not None:
            length_s = len(clip_of(turn.question).audio) / BYTES_PER_S
            wait_s = turn.during_s if turn.during_s >= 0 else max(0.0, length_s + turn.during_s)
            await asyncio.sleep(max(0.0, wait_s - turn.start_s))
        elif turn.question:
            await self._until(self._is_quiet, 60.0)
            reaction_s = float(self._rng.uniform(*_REACTION_S)) if turn.reaction_s is None else turn.reaction_s
            await asyncio.sleep(max(0.0, reaction_s - _QUIET_S))
        else:
            await asyncio.sleep(1.0)

    def _take_turn(self, invent: Callable[[Phantom], None]) -> None:
        turn, line = self._turn, self._line
        self.turn_began = True
        self._trace.turn_at = at = self._now + FRAME_S
        self._speak(turn.words, at)
        for sound in turn.sounds:
            line.place(at + sound.at_s, caller_audio.of_sound(sound, self._rng))
            self._say(caller_audio.words_of(sound), at, lambda: _SIDE_TALK_CONFIDENCE)
        loop = asyncio.get_running_loop()
        for phantom in turn.hearing.phantoms:
            loop.call_later(phantom.at_s, invent, phantom)

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
        waits_s = _WAITS_FOR_NOTHING_S if self._turn.expect == IGNORE else _WAITS_S

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
            return self._now - max(last, over_at) >= (patience_s if spoke else waits_s)

        await self._until(is_done, _LONGEST_REPLY_S)

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

    def frame(self, number: int) -> bytes:
        """What is on the line in the 20 ms that have just passed."""
        if self._turn.echo is not None:
            self._mix_echo(number * FRAME_S)
        return self._line.frame(number)

    def _mix_echo(self, at: float) -> None:
        """What the assistant said a moment ago comes back."""
        echo = self._turn.echo
        piece = None if echo is None else self._handset.at(self._began + at - echo.delay_s)
        if echo is None or piece is None or piece.clip is None:
            return
        within = self._began + at - echo.delay_s - piece.start + piece.offset_s
        audio = piece.clip.audio[sounds.length(within) : sounds.length(within) + FRAME_BYTES]
        self._line.place(at, decode_mulaw(audio) / 32768.0 * sounds.gain(echo.dbfs + 20.0))
        starts = (0.0, *piece.clip.ends_s[:-1])
        for text, start, end in zip(piece.clip.text.split(), starts, piece.clip.ends_s, strict=False):
            if within <= start < within + FRAME_S:
                self._line.say(SaidWord(text, at, at + end - start, _ECHO_CONFIDENCE))
