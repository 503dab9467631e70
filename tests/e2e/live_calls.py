"""What the tests of the whole system share: scripts, records that settle, and a media service of one's own."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from local import console, deployables
from local.call_script import CallScript, load_script
from local.phone import CallTarget, target_from_dict
from local.processes import Child, free_ports, running
from local.stored_records import CallRecords, StoredRecords
from local.system import System
from local.twilio.faults import Fault

_SCRIPTS = Path(deployables.__file__).parent / "calls"
_SETTLED_WITHIN_S = 20.0


def script(name: str, from_number: str = "", faults: tuple[Fault, ...] = ()) -> CallScript:
    """One of those in `local/calls`. Every call that leaves a lead needs a number of its own."""
    loaded = load_script(_SCRIPTS / f"{name}.toml")
    return replace(loaded, from_number=from_number or loaded.from_number, faults=faults)


def is_complete(records: CallRecords) -> bool:
    return not console.missing(records.lead, records.call)


def has_ended(records: CallRecords) -> bool:
    return records.call is not None and records.call["transcript_complete"] and records.call["status"] == "completed"


async def settled(stored: StoredRecords, call_sid: str, wanted: Callable[[CallRecords], bool]) -> CallRecords:
    """The records once they are as wanted, or as they are when the time is up, for assertions to say what is amiss."""
    records = await stored.of_call(call_sid)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SETTLED_WITHIN_S):
            while not wanted(records):
                await asyncio.sleep(0.1)
                records = await stored.of_call(call_sid)
    return records


@contextlib.asynccontextmanager
async def another_media_service(
    system: System, logs: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Child, str]]:
    """A second instance beside the system's own, and its `host:port`."""
    (port,) = free_ports(1)
    name = f"media_service_{uuid.uuid4().hex[:6]}"
    command = deployables.media_service(port, system.image, {**system.environment, **(environment or {})}, name)
    async with running([command], logs) as children:
        yield children[name], f"127.0.0.1:{port}"


def target_with_media_at(system: System, address: str) -> CallTarget:
    """Calls go to the system, their media streams to this `host:port`."""
    return target_from_dict({**system.addresses.as_dict(), "media_address": address})
