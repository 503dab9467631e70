"""Many calls while the recognizer breaks in every way it can: no word is lost, doubled, or lands in another call."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
from typing import Final

from local import stored_records
from local.phone import CallReport, prepare
from local.soak import parts
from local.soak.conversations import monologue, said_by
from local.soak.disorder import Disorders
from local.soak.parts import CALLEE, CALLER, Pair, say
from local.soak.word_count import Difference, Total, difference
from local.stored_records import StoredRecords
from local.system import System

PAUSES_S: Final = (0.8, 1.2)
BETWEEN_FAULTS_S: Final = (2.0, 4.0)
BUILD: Final = parts.build_of("faults")


async def soak(calls: int, utterances: int, at_once: int, seed: int) -> bool:
    """Whether every word was written down once, in its call."""
    environment = {**parts.LISTEN, "MAX_CONCURRENT_CALLS": str(max(30, at_once))}
    async with parts.a_system(BUILD, environment) as started:
        tapes = (started.build / "tapes").absolute()
        shutil.rmtree(tapes, ignore_errors=True)
        async with parts.pair(started, "faults", ("--keep-audio", str(tapes))) as own:
            say(f"{calls} calls of {utterances} utterances, {at_once} at a time, seed {seed} ...")
            return await _run(started, own, calls, utterances, at_once, seed)


async def _run(started: System, own: Pair, calls: int, utterances: int, at_once: int, seed: int) -> bool:
    scripts = [monologue(random.Random(f"{seed}/{n}"), utterances, PAUSES_S, n) for n in range(calls)]
    ready = [await asyncio.to_thread(prepare, script) for script in scripts]
    total = Total()

    def over(number: int, report: CallReport) -> None:
        say(f"call {number} over after {report.duration_s:.0f} s ({report.call_sid})")

    with (started.build / "orders.log").open("w", encoding="utf-8") as log:
        disorders = Disorders(own.control, random.Random(seed), BETWEEN_FAULTS_S)
        breaking = asyncio.create_task(disorders.run(lambda line: print(line, file=log, flush=True)))
        try:
            reports = await parts.place_calls(ready, own.target, at_once, over)
        finally:
            breaking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await breaking
    async with stored_records.opened(started.addresses.project, started.addresses.firestore_host) as stored:
        for script, report in zip(scripts, reports, strict=True):
            said = {CALLER: said_by(script.steps), CALLEE: said_by(script.callee)}
            for found in await _differences(stored, report.call_sid, said):
                total.add(found)
    spoken = sum(len(said_by(script.steps)) + len(said_by(script.callee)) for script in scripts)
    print(f"\n{calls} calls, {at_once} at a time: {spoken} utterances of {total.words} words")
    print(f"  faults   {sum(disorders.ordered.values())}: {_counted(disorders)}")
    print(f"  phones   at most {max(report.worst_lateness_s for report in reports):.2f} s behind real time")
    print(f"  lost     {total.lost}\n  doubled  {total.doubled}\n  foreign  {total.foreign}")
    return total.is_clean


async def _differences(stored: StoredRecords, call_sid: str, said: dict[str, list[str]]) -> list[Difference]:
    events = await parts.written(stored, call_sid)
    found = []
    for speaker, texts in said.items():
        each = difference(texts, parts.texts_of(events, speaker))
        if not each.is_none:
            say(f"{call_sid} {speaker}: {each}")
        found.append(each)
    return found


def _counted(disorders: Disorders) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(disorders.ordered.items()))
