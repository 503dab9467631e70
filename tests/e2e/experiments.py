"""Calls to which something happens, each with a media service of its own so that it happens to no other call."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from local import stored_records
from local.balancer import balanced
from local.call_script import CallScript, HangUp, Listen, Say
from local.deployables import stand_in
from local.phone import CallReport, place_call, target_from_dict
from local.processes import Child, free_ports, running
from local.soak.kills import POINTS, Outcome, place
from local.stored_records import CallRecords, StoredRecords
from local.system import System
from local.system import running as system_running
from tests.e2e.live_calls import another_media_service, is_complete, script, settled, target_with_media_at

GEMINI_SAYS = "ברצון, נקבע פגישה. איך קוראים לכם?"
NEED_HEARD = "🟢 Final: שלום, אני צריכה"


@dataclass(frozen=True, slots=True)
class Drained:
    status: int
    took_s: float
    """From SIGTERM to the end of the process."""
    reports: list[CallReport]


@dataclass(frozen=True, slots=True)
class Killed:
    at: datetime
    report: CallReport


@dataclass(frozen=True, slots=True)
class LostEarly:
    ring: Outcome
    stream: Outcome


@dataclass(frozen=True, slots=True)
class Refused:
    report: CallReport
    log: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listened:
    report: CallReport
    records: CallRecords


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Everything that takes as long as a call takes. Await what you want."""

    calls: Mapping[str, asyncio.Task[CallReport]]
    drained: asyncio.Task[Drained]
    killed: asyncio.Task[Killed]
    lost_early: asyncio.Task[LostEarly]
    refused: asyncio.Task[Refused]
    with_gemini: asyncio.Task[CallReport]
    listened: asyncio.Task[Listened]


async def drain(system: System, logs: Path) -> Drained:
    """SIGTERM to an instance with three live calls, while another instance stands ready."""
    async with another_media_service(system, logs) as (doomed, address):
        instances = [address]
        async with balanced(instances) as balancer:
            target = target_with_media_at(system, balancer)
            scripts = [script("demo", f"+97250000010{number}") for number in range(3)]
            calls = [asyncio.create_task(place_call(each, target)) for each in scripts]
            await _the_need_was_heard(doomed)

            instances[:] = [system.addresses.media_address]
            told_at = time.monotonic()
            doomed.send(signal.SIGTERM)
            status = await doomed.wait()
            took_s = time.monotonic() - told_at
            return Drained(status, took_s, await asyncio.gather(*calls))


async def kill(system: System, logs: Path) -> Killed:
    """`kill -9` of an instance in the middle of a call, while another instance stands ready."""
    async with another_media_service(system, logs) as (doomed, address):
        instances = [address]
        async with balanced(instances) as balancer:
            target = target_with_media_at(system, balancer)
            call = asyncio.create_task(place_call(script("demo", "+972500000200"), target))
            await _the_need_was_heard(doomed)

            instances[:] = [system.addresses.media_address]
            at = datetime.now(UTC)
            doomed.send(signal.SIGKILL)
            return Killed(at, await call)


async def lose_early(system: System, stored: StoredRecords) -> LostEarly:
    """`kill -9` at the two points that cost the least time. All ten: `make soak WHAT=kills`."""
    at_ring, before_the_stream = POINTS[:2]
    need, *_ = before_the_stream.steps
    hangs_up = replace(before_the_stream, steps=(need, HangUp()), goes_on=False)
    # The summary of a call of which nothing was heard is the sweep's, minutes later.
    ring, stream = await asyncio.gather(
        place(90, at_ring, system, stored, within_s=0.0), place(91, hangs_up, system, stored, within_s=20.0)
    )
    return LostEarly(ring, stream)


async def refuse_streams(system: System, logs: Path) -> Refused:
    """The recognizer refuses as many streams as are tried at the start of a call."""
    speech, control = free_ports(2)
    async with running([stand_in("speech", speech, control)], logs):
        own_speech = {"SPEECH_EMULATOR_HOST": f"127.0.0.1:{speech}"}
        async with another_media_service(system, logs, own_speech) as (media, address):
            await _order(control, {"refuse": {"status": "UNAVAILABLE", "count": 3}})
            report = await place_call(script("demo", "+972500000300"), target_with_media_at(system, address))
            return Refused(report, media.lines())


async def answer_with_gemini(system: System, logs: Path) -> CallReport:
    """The model answers with `GEMINI_SAYS`, and the caller hangs up."""
    gemini, control = free_ports(2)
    async with running([stand_in("gemini", gemini, control)], logs):
        own_engine = {"REPLY_ENGINE": "gemini", "GOOGLE_VERTEX_BASE_URL": f"http://127.0.0.1:{gemini}"}
        async with another_media_service(system, logs, own_engine) as (_, address):
            await _order(control, {"always": {"text": GEMINI_SAYS}})
            asked = CallScript((Say("אני רוצה לקבוע פגישה"), Listen(), HangUp()), from_number="+972500000400")
            return await place_call(asked, target_with_media_at(system, address))


async def listen(environ: Mapping[str, str], build: Path) -> Listened:
    """A person answers. Every deployable has to know of it, so this is a system of its own."""
    listening = {**environ, "CALL_MODE": "listen", "FORWARD_TO": "+97231234568"}
    async with system_running(listening, build) as own:
        found = own.addresses
        report = await place_call(script("listen", "+972500000500"), target_from_dict(found.as_dict()))
        async with stored_records.opened(found.project, found.firestore_host) as stored:
            return Listened(report, await settled(stored, report.call_sid, is_complete))


async def _order(control_port: int, faults: dict[str, object]) -> None:
    async with aiohttp.request("POST", f"http://127.0.0.1:{control_port}/faults", json=faults) as answer:
        assert answer.status == 200, await answer.text()


async def _the_need_was_heard(media: Child) -> None:
    """And is a second old: from then on it has to survive anything."""
    async with asyncio.timeout(40.0):
        await media.line(lambda line: NEED_HEARD in line)
    await asyncio.sleep(1.0)
