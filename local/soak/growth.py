"""Hundreds of short calls: nothing of a call stays behind when it is over."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.call_script import CallScript, HangUp, Say, Wait
from local.measurements import resident_bytes
from local.phone import CallTarget, ReadyScript, prepare
from local.processes import Child
from local.soak import disorder, parts
from local.soak.parts import say

BUILD: Final = parts.build_of("growth")
SETTLED_AFTER_S: Final = 6.0
"""From the last call's end: its last words, its publishing, its closing connections."""
MIBIBYTE: Final = 1 << 20
GROWTH_MIB: Final = 8.0
"""Allowed between the first measurement and the last: caches fill up, and memory is not given back to a byte."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a process holds."""

    calls: int
    resident_mib: float
    threads: int
    descriptors: int
    streams_open: int
    """At the recognizer."""


def use(child: Child, calls: int, streams_open: int) -> Use:
    proc = Path(f"/proc/{child.pid}")
    resident = resident_bytes((proc / "statm").read_text(encoding="utf-8"), os.sysconf("SC_PAGESIZE"))
    return Use(
        calls,
        resident / MIBIBYTE,
        len(list((proc / "task").iterdir())),
        len(list((proc / "fd").iterdir())),
        streams_open,
    )


def short_call(number: int) -> CallScript:
    """A caller who says a word into the greeting and hangs up after four seconds."""
    steps = (Wait(1.0), Say("מי מדבר", at_once=True), Wait(2.0), HangUp())
    return CallScript(steps, from_number=f"+97255{number:07d}", comfort_noise=True, limit_s=30.0)


async def soak(calls: int, at_once: int) -> bool:
    """Whether the last calls found the service as the first hundred had left it."""
    first = max(at_once, calls // 5)
    async with parts.a_system(BUILD, {"MAX_CONCURRENT_CALLS": str(max(30, at_once))}) as started:
        target, control = parts.target_of(started), started.addresses.speech_control
        ready = [await asyncio.to_thread(prepare, short_call(number)) for number in range(calls)]
        found = [await _use(started.media, 0, control)]
        for batch in (ready[:first], ready[first:]):
            say(f"placing {len(batch)} calls, {at_once} at a time ...")
            lost = await _place(batch, target, at_once)
            if lost:
                say(f"{lost} calls got no media stream")
                return False
            found.append(await _use(started.media, found[-1].calls + len(batch), control))
    print("\n" + "\n".join(table(found)))
    return holds(found)


async def _place(batch: Sequence[ReadyScript], target: CallTarget, at_once: int) -> int:
    """How many calls had no media stream."""
    reports = await parts.place_calls(batch, target, at_once, lambda *_: None)
    return sum(not report.legs for report in reports)


async def _use(media: Child, calls: int, control: str) -> Use:
    await asyncio.sleep(SETTLED_AFTER_S)
    return use(media, calls, (await disorder.state(control))["streams_active"])


def holds(found: Sequence[Use]) -> bool:
    """Whether what was held after all calls is what was held after the first of them."""
    _, early, late = found
    return (
        late.resident_mib - early.resident_mib <= GROWTH_MIB
        and late.threads <= early.threads
        and late.descriptors <= early.descriptors
        and late.streams_open == 0
    )


def table(found: Sequence[Use]) -> list[str]:
    head = f"{'calls':>6} {'memory':>12} {'threads':>8} {'descriptors':>12} {'open streams':>13}"
    rows = [
        f"{each.calls:>6} {each.resident_mib:>8.1f} MiB {each.threads:>8} "
        f"{each.descriptors:>12} {each.streams_open:>13}"
        for each in found
    ]
    return [head, *rows]
