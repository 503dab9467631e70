"""What the soak runs share: the system, a recognizer and a media service of one's own, and calls so many at a time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local import deployables, system
from local.phone import CallReport, CallTarget, ReadyScript, place_call, target_from_dict
from local.processes import Child, free_ports, running
from local.stored_records import StoredRecords
from local.system import System

LISTEN: Final = {"CALL_MODE": "listen", "FORWARD_TO": "+97231234567"}
CALLER: Final = "caller"
CALLEE: Final = "callee"
# What the machine needs to run anything; the developer's own settings of the system stay out.
_OF_THE_MACHINE: Final = ("PATH", "HOME", "LANG", "TMPDIR", "JAVA_HOME", "CLOUDSDK_ROOT_DIR", "LOCAL_EMULATORS")
_BUILD: Final = Path("build/soak")
_RECORDS_WITHIN_S: Final = 40.0
_POLL_S: Final = 0.5


def build_of(what: str) -> Path:
    return _BUILD / what


@contextlib.asynccontextmanager
async def a_system(build: Path, environment: Mapping[str, str]) -> AsyncIterator[System]:
    """In `build`, so that several runs may go on at once."""
    environ = {name: os.environ[name] for name in _OF_THE_MACHINE if name in os.environ}
    async with system.running({**environ, "LOG_TRANSCRIPTS": "true", **environment}, build, say) as started:
        yield started


@dataclass(frozen=True, slots=True)
class Pair:
    """A recognizer, and a media service that uses it."""

    control: str
    media: Child
    target: CallTarget


@contextlib.asynccontextmanager
async def pair(
    started: System, name: str, recognizer: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> AsyncIterator[Pair]:
    """Beside those of the system. `recognizer` are options of the speech stand-in."""
    speech, control, port = free_ports(3)
    logs = started.media.log.parent
    own_speech = {"SPEECH_EMULATOR_HOST": f"127.0.0.1:{speech}"}
    env = {**started.environment, **own_speech, **(environment or {})}
    speech_command = deployables.stand_in("speech", speech, control, recognizer, f"speech_{name}")
    async with running([speech_command], logs):
        media = deployables.media_service(port, started.image, env, f"media_service_{name}")
        async with running([media], logs) as children:
            where = {**started.addresses.as_dict(), "media_address": f"127.0.0.1:{port}"}
            yield Pair(f"127.0.0.1:{control}", children[media.name], target_from_dict(where))


async def place_calls(
    calls: Iterable[ReadyScript], target: CallTarget, at_once: int, over: Callable[[int, CallReport], None]
) -> list[CallReport]:
    """All of them, so many at a time; `over` is told the number of each that ends (from 0)."""
    places = asyncio.Semaphore(at_once)

    async def one(number: int, ready: ReadyScript) -> CallReport:
        async with places:
            # People do not call in the same millisecond.
            await asyncio.sleep(0.3 * (number % at_once))
            report = await place_call(ready, target)
            over(number, report)
            return report

    return await asyncio.gather(*(one(number, ready) for number, ready in enumerate(calls)))


async def written(stored: StoredRecords, call_sid: str) -> list[dict[str, Any]]:
    """The events of a call once it is complete; those there are when the time is up."""
    give_up_at = time.monotonic() + _RECORDS_WITHIN_S
    while True:
        call = (await stored.of_call(call_sid)).call
        if (call and call.get("transcript_complete")) or time.monotonic() > give_up_at:
            return list((await stored.utterances(call_sid)).values())
        await asyncio.sleep(_POLL_S)


def texts_of(events: Iterable[Mapping[str, Any]], speaker: str) -> list[str]:
    return [each["text"] for each in events if each["type"] == "utterance.final" and each["speaker"] == speaker]


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def target_of(started: System) -> CallTarget:
    return target_from_dict(started.addresses.as_dict())
