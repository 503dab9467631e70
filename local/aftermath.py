"""What a call left behind: the lead in Firestore, and whether the stand-in recognizer knew what was said."""

from __future__ import annotations

import time
from asyncio import sleep
from collections.abc import AsyncIterator, Mapping
from typing import Final

import aiohttp
from google.api_core.exceptions import GoogleAPICallError

from calls.records import lead_id
from local import console, stored_records
from local.stored_records import CallRecords, StoredRecords

_WRITTEN_WITHIN_S: Final = 30.0
_POLL_S: Final = 0.25
_ANSWERS_WITHIN_S: Final = 2.0


async def unknown_utterances(system: Mapping[str, str]) -> int:
    """How many have come back as nothing since the system started; 0 where Google recognizes."""
    if not system.get("speech_control"):
        return 0
    timeout = aiohttp.ClientTimeout(total=_ANSWERS_WITHIN_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://{system['speech_control']}/state") as response,
        ):
            return int((await response.json())["utterances_unknown"])
    except (aiohttp.ClientError, TimeoutError):
        return 0


async def lead_of(call_sid: str, from_number: str, system: Mapping[str, str]) -> AsyncIterator[str]:
    """Line by line: the lead and the call of a local system as soon as they are summarised, else where to look."""
    if not system:
        lead = lead_id(from_number, call_sid)
        yield f"\nThe lead is in the Firestore of that system: leads/{lead}, and the call: calls/{call_sid}"
        return
    try:
        async with stored_records.opened(system["project"], system["firestore_host"]) as stored:
            records = await _when_summarised(stored, call_sid)
    except GoogleAPICallError as exc:
        yield f"\nFirestore at {system['firestore_host'] or 'Google'} could not be read: {exc.message}"
        return
    yield "\nIn Firestore"
    if records.call is None:
        yield f"  there is no calls/{call_sid} after {_WRITTEN_WITHIN_S:g} s"
        return
    for path, content in ((f"leads/{records.call['lead_id']}", records.lead), (f"calls/{call_sid}", records.call)):
        yield ""
        for line in console.document(path, content or {}):
            yield f"  {line}"
    if lacking := console.missing(records.lead, records.call):
        yield f"\n  Not complete: {'; '.join(lacking)}"


async def _when_summarised(stored: StoredRecords, call_sid: str) -> CallRecords:
    give_up_at = time.monotonic() + _WRITTEN_WITHIN_S
    while True:
        records = await stored.of_call(call_sid)
        is_there = records.call is not None and records.call.get("summary_status") in {"done", "fallback"}
        if is_there or time.monotonic() > give_up_at:
            return records
        await sleep(_POLL_S)
