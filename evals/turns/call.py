"""Play one turn as a whole call on a clock that jumps: the real runner, and frames with delay and jitter."""

from __future__ import annotations

import asyncio
from typing import Final

from evals import virtual_clock
from evals.turns.caller import Caller
from evals.turns.handset import Handset
from evals.turns.items import Turn
from evals.turns.simulation import Conditions, SimulatedCall
from evals.turns.trace import Trace
from media_service.call_runner import CallRunner
from media_service.core import events
from media_service.core.vad.audio import FRAME_S

CALL_SID: Final = "CA00000000000000000000000000000009"

_DELAY_S: Final = (0.04, 0.08)
_JITTER_S: Final = 0.015
_JITTERS: Final = 512


def play(turn: Turn, conditions: Conditions) -> Trace:
    return virtual_clock.run(_play(turn, conditions))


async def _play(turn: Turn, conditions: Conditions) -> Trace:
    call = SimulatedCall(turn, conditions)
    handset = Handset(call.clips, call.rng, lambda name: runner.take(events.MarkReached(name)))
    caller = call.caller(handset)
    runner = call.runner(CALL_SID, handset, caller)
    frames = asyncio.create_task(_send_frames(call, caller, runner))
    async with runner:
        try:
            await caller.call(call.recognizer.invent)
        finally:
            frames.cancel()
            await asyncio.wait([frames])
        call.trace.ended_at = call.now
        runner.take(events.CallerHungUp())
    return call.ended(handset)


async def _send_frames(call: SimulatedCall, caller: Caller, runner: CallRunner) -> None:
    loop = asyncio.get_running_loop()
    delay_s = float(call.rng.uniform(*_DELAY_S))
    jitter = call.rng.uniform(0.0, _JITTER_S, _JITTERS)
    number, arrives = 0, 0.0
    while True:
        await asyncio.sleep(max(0.0, call.began + (number + 1) * FRAME_S - loop.time()))
        arrives = max(arrives + 1e-5, loop.time() + delay_s + float(jitter[number % _JITTERS]))
        loop.call_at(arrives, runner.take, events.CallerAudio(caller.frame(number)))
        number += 1
