"""Measure what a call costs and how long callers wait, with many calls at once (`make bench`).

Everything runs on one machine, so the load and the stand-ins take part of it: latencies are an upper bound. The CPU
time is the media service's own, as the kernel counts it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import aiohttp

from local import bench_events, ending, system
from local.measurements import MARKDOWN_HEAD, Load, Measurements, cpu_seconds, resident_bytes
from local.phone import CallTarget, target_from_dict
from local.processes import Child, Command, running
from local.system import System
from local.twilio.call_parameters import CallIdentity, new_sid
from local.twilio.webhooks import Webhooks

BUILD: Final = Path("build/bench")
KEPT: Final = Path("docs/bench.md")
_ROOT: Final = Path(__file__).resolve().parent.parent
_UP_WITHIN_S: Final = 120.0
_OVER_WITHIN_S: Final = 180.0
_WARM_UP_WEBHOOKS: Final = 5
_WEBHOOKS: Final = 50
_CALLS_OF_EVENTS: Final = 30


async def measure(calls: int) -> Measurements:
    environ = {**os.environ, "MAX_CONCURRENT_CALLS": str(max(calls, 30))}
    async with system.running(environ, BUILD, _say) as started:
        target = target_from_dict(started.addresses.as_dict())
        _say("measuring incoming_call ...")
        webhooks = await _webhook_latencies(target)
        _say("measuring summarize ...")
        events = await bench_events.latencies(started.addresses.summarize_address, _CALLS_OF_EVENTS)
        _say(f"placing {calls} calls ...")
        return await _measure_calls(started, calls, webhooks, events)


async def _measure_calls(
    started: System, calls: int, webhooks: tuple[float, ...], events: tuple[float, ...]
) -> Measurements:
    addresses = started.build / "local.json"
    system.write_for_callers(started.addresses, addresses)
    argv = (sys.executable, "-m", "local.bench_load", "--system", str(addresses.absolute()), "--calls", str(calls))
    load = Command("load", argv, os.environ, _ROOT, _says_up, ready_within_s=_UP_WITHIN_S)
    async with running([load], started.build / "logs") as children:
        began, cpu_before = time.monotonic(), _cpu_seconds(started.media)
        async with asyncio.timeout(_OVER_WITHIN_S):
            await children["load"].line("DOWN".__eq__)
            window_s, cpu_s = time.monotonic() - began, _cpu_seconds(started.media) - cpu_before
            memory_bytes = resident_bytes(_proc(started.media, "statm"), os.sysconf("SC_PAGESIZE"))
            heard = await children["load"].line(lambda line: line.startswith("{"))
    return Measurements(
        calls=calls,
        window_s=window_s,
        cpu_s=cpu_s,
        memory_bytes=memory_bytes,
        webhooks=webhooks,
        events=events,
        load=Load.from_dict(json.loads(heard)),
        machine=f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
    )


async def _webhook_latencies(target: CallTarget) -> tuple[float, ...]:
    taken = []
    async with aiohttp.ClientSession() as session:
        webhooks = Webhooks(session, target)
        for number in range(_WARM_UP_WEBHOOKS + _WEBHOOKS):
            identity = CallIdentity(new_sid("CA"), target.account_sid, f"+97253{number:07d}", "+97231234567")
            began = time.perf_counter()
            await webhooks.request(target.incoming_call_url, identity.voice("ringing"))
            taken.append(time.perf_counter() - began)
    return tuple(taken[_WARM_UP_WEBHOOKS:])


async def _says_up(child: Child) -> None:
    await child.line("UP".__eq__)


def _cpu_seconds(child: Child) -> float:
    return cpu_seconds(_proc(child, "stat"), os.sysconf("SC_CLK_TCK"))


def _proc(child: Child, name: str) -> str:
    return Path(f"/proc/{child.pid}/{name}").read_text(encoding="utf-8")


def _keep(found: Measurements) -> None:
    KEPT.parent.mkdir(exist_ok=True)
    known = KEPT.read_text(encoding="utf-8") if KEPT.exists() else MARKDOWN_HEAD
    KEPT.write_text(f"{known}{found.markdown_row(f'{datetime.now(UTC):%Y-%m-%d}')}\n", encoding="utf-8")


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m local bench")
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--keep", action="store_true", help=f"add the result to {KEPT}")
    options = parser.parse_args(arguments)
    if not Path("/proc/self/stat").exists():
        print("bench: measures by /proc, which only Linux has", file=sys.stderr)
        return 1
    try:
        found = ending.run(measure(options.calls))
    except system.START_FAILURES as exc:
        print(exc, file=sys.stderr)
        return 1
    print("\n" + "\n".join(found.table()))
    if options.keep:
        _keep(found)
    return 0
