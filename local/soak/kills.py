"""`kill -9` at ten points of a call: the lead is there, with all that was told until then, and the call goes on.

Each call has processes of its own that are killed, so that several may go on at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from local import stored_records
from local.background import background
from local.call_script import AwaitHangUp, CallScript, HangUp, Listen, Say, Step
from local.console import missing
from local.phone import CallReport, Kind, place_call, prepare
from local.soak import doomed, parts
from local.soak.doomed import Doomed
from local.soak.parts import say
from local.stored_records import CallRecords, StoredRecords
from local.system import System

BUILD: Final = parts.build_of("kills")
_MOMENT_WITHIN_S: Final = 90.0
_SETTLED_WITHIN_S: Final = 200.0
"""A call of which nothing was ever heard is looked at 160 s after the ring; others a minute after their end."""
_SWEEP_EVERY_S: Final = 5.0
_POLL_S: Final = 0.1
_EVIDENCE: Final = ("value", "quote", "call_sid", "leg", "seq")

_NAME: Final = Say("קוראים לי דנה לוי")
_WHOLE: Final[tuple[Step, ...]] = (
    Say("שלום, אני צריכה הצעת מחיר להתקנת מזגן"),
    _NAME,
    Say("כן"),
    Say("מחר בבוקר"),
    AwaitHangUp(20.0),
)
_SAYS_THE_NAME_AGAIN: Final[tuple[Step, ...]] = (*_WHOLE[:2], *_WHOLE[1:])
_HANGS_UP: Final[tuple[Step, ...]] = (*_WHOLE[:2], Listen(), HangUp())

FieldsNow = Callable[[], Awaitable[dict[str, Any]]]
"""`fields` of the caller's lead."""


@dataclass(frozen=True, slots=True)
class Point:
    name: str
    told: tuple[str, ...]
    """Fields that the caller has told by then and the lead has."""
    moment: Callable[[Doomed, FieldsNow], Awaitable[None]]
    """Waits for it and kills."""
    process: Callable[[System, str], AbstractAsyncContextManager[Doomed]] = doomed.media_service
    """What is killed."""
    steps: tuple[Step, ...] = _WHOLE
    legs: int = 2
    """Media streams that the caller has; one: nothing is to be connected again."""
    goes_on: bool = True
    """Whether the caller stays on the line until all has been asked."""


@dataclass(frozen=True, slots=True)
class Outcome:
    point: Point
    report: CallReport
    known: dict[str, Any]
    """`fields` of the lead right after the kill."""
    records: CallRecords
    took_s: float
    """From the end of the call to a lead that is ready."""

    @property
    def fields(self) -> dict[str, Any]:
        return (self.records.lead or {}).get("fields") or {}

    @property
    def lost(self) -> list[str]:
        """Fields that were told before the kill and are not there as they were."""
        return sorted(name for name in {*self.point.told, *self.known} if not self._is_as_it_was(name))

    @property
    def went_on(self) -> bool:
        """Whether the caller got the streams they should have, and heard the assistant on the last of them."""
        last = max((event.leg for event in self.report.timeline if event.kind is Kind.ASSISTANT_STARTED), default=0)
        return last == self.point.legs

    def _is_as_it_was(self, name: str) -> bool:
        before, now = self.known.get(name), self.fields.get(name)
        return before is not None and now is not None and all(now[part] == before[part] for part in _EVIDENCE)

    @property
    def is_good(self) -> bool:
        return not self.lost and self.went_on and not lacking(self.point, self.records)


def lacking(point: Point, records: CallRecords) -> list[str]:
    """In words, what the documents of an ended call still lack."""
    if point.goes_on:
        return missing(records.lead, records.call)
    lead, call = records.lead or {}, records.call or {}
    found = [] if lead.get("phone") else ["the lead has no phone"]
    if lead.get("status") not in ("captured", "needs_callback"):
        found.append(f"the lead's status is {lead.get('status')!r}")
    if call.get("summary_status") != "done":
        found.append(f"summary_status is {call.get('summary_status')!r}")
    return found


def _when(kind: Kind, then_s: float) -> Callable[[Doomed, FieldsNow], Awaitable[None]]:
    async def kill(call: Doomed, _: FieldsNow) -> None:
        await call.watch.seen(kind)
        await asyncio.sleep(then_s)
        _kill(call)

    return kill


def _once_told(field: str, then_s: float = 0.0) -> Callable[[Doomed, FieldsNow], Awaitable[None]]:
    async def kill(call: Doomed, fields_now: FieldsNow) -> None:
        while True:
            if field in await fields_now():
                break
            await asyncio.sleep(_POLL_S)
        await asyncio.sleep(then_s)
        _kill(call)

    return kill


async def _at_ring(call: Doomed, fields_now: FieldsNow) -> None:
    await call.watch.seen(Kind.DIALLED)
    await asyncio.sleep(0.5)
    call.child.kill()


async def _before_the_stream(call: Doomed, _: FieldsNow) -> None:
    """Nobody has noticed yet: the stream is refused."""
    await call.watch.seen(Kind.WEBHOOK, "ringing")
    call.child.kill()
    await call.watch.seen(Kind.WARNING, "connection refused")
    del call.instances[0]


async def _before_the_final_is_out(call: Doomed, _: FieldsNow) -> None:
    await call.watch.seen(Kind.CALLER_STARTED, _NAME.text)
    call.vendor.swallowing = True
    await call.child.line(lambda line: f"🟢 Final: {_NAME.text}" in line)
    _kill(call)


async def _before_the_end_is_out(call: Doomed, _: FieldsNow) -> None:
    await call.watch.seen(Kind.LEG_ENDED)
    call.vendor.swallowing = True
    await asyncio.sleep(0.3)
    _kill(call)


async def _while_the_model_is_asked(call: Doomed, _: FieldsNow) -> None:
    await call.model_is_asked()
    call.child.kill()
    assert call.start_again is not None  # noqa: S101 -- of the process at this point
    await call.start_again()


def _kill(call: Doomed) -> None:
    """And send whoever connects from now on to the other instance."""
    call.child.kill()
    del call.instances[0]


_ALL: Final = ("callback_time", "name", "need", "phone")
POINTS: Final = (
    Point("ring, before the write", (), _at_ring, doomed.incoming_call, legs=0, goes_on=False),
    Point("between ring and stream", (), _before_the_stream),
    Point("during the greeting", (), _when(Kind.ASSISTANT_STARTED, 1.5)),
    Point("in mid-utterance", (), _when(Kind.CALLER_STARTED, 1.2)),
    Point("utterance closed, not published", ("need",), _before_the_final_is_out, steps=_SAYS_THE_NAME_AGAIN),
    Point("during the reply", ("need",), _once_told("need", 0.6)),
    Point("a name was told", ("name", "need"), _once_told("name")),
    Point("during the goodbye", _ALL, _once_told("callback_time", 1.0)),
    Point(
        "hung up, end not published", ("name", "need"), _before_the_end_is_out, steps=_HANGS_UP, legs=1, goes_on=False
    ),
    Point("the model is summarizing", _ALL, _while_the_model_is_asked, doomed.summarize, legs=1),
)


async def soak(at_once: int) -> bool:
    """Whether no point cost a lead, a field that was told, or a call that could go on."""
    async with (
        parts.a_system(BUILD, {}) as started,
        stored_records.opened(started.addresses.project, started.addresses.firestore_host) as stored,
        background(_sweeping(started.addresses.summarize_address)),
    ):
        places = asyncio.Semaphore(at_once)

        async def one(number: int, point: Point) -> Outcome:
            async with places:
                outcome = await place(number, point, started, stored)
                say(f"{point.name}: {'kept' if outcome.is_good else 'BROKEN'}")
                return outcome

        outcomes = await asyncio.gather(*(one(number, point) for number, point in enumerate(POINTS)))
    print("\n" + "\n".join(table(outcomes)))
    return all(outcome.is_good for outcome in outcomes)


async def place(
    number: int, point: Point, system: System, stored: StoredRecords, within_s: float = _SETTLED_WITHIN_S
) -> Outcome:
    """One call and its kill. `number` names the caller and the processes; `within_s`: how long the lead may take."""
    caller = f"9725560000{number:02d}"

    async def fields_now() -> dict[str, Any]:
        return ((await stored.lead(caller)) or {}).get("fields") or {}

    script = CallScript(point.steps, from_number=f"+{caller}", comfort_noise=True)
    ready = await asyncio.to_thread(prepare, script)
    async with point.process(system, f"kill{number}") as call:
        placed = asyncio.create_task(place_call(ready, call.target, call.watch.note))
        try:
            async with asyncio.timeout(_MOMENT_WITHIN_S):
                await point.moment(call, fields_now)
            known = await fields_now()
            report = await placed
        finally:
            placed.cancel()
        records, took_s = await _settled(point, report.call_sid, stored, within_s)
    return Outcome(point, report, known, records, took_s)


async def _settled(point: Point, call_sid: str, stored: StoredRecords, within_s: float) -> tuple[CallRecords, float]:
    began = time.monotonic()
    while True:
        records = await stored.of_call(call_sid)
        took_s = time.monotonic() - began
        if not lacking(point, records) or took_s > within_s:
            return records, took_s
        await asyncio.sleep(_POLL_S)


async def _sweeping(summarize_address: str) -> None:
    """More often than in the cloud, so that the figures tell how long calls wait and not when a sweep came by."""
    async with aiohttp.ClientSession() as session:
        while True:
            await asyncio.sleep(_SWEEP_EVERY_S)
            async with session.post(f"{summarize_address}/sweep") as response:
                await response.read()


def table(outcomes: Sequence[Outcome]) -> list[str]:
    head = "| killed at | told by then, all there | streams | lead | ready after the call |"
    rows = [
        f"| {outcome.point.name} | {_told(outcome)} | {len(outcome.report.legs)}"
        f" | {_lead(outcome)} | {outcome.took_s:.1f} s |"
        for outcome in outcomes
    ]
    return [head, "|---|---|---|---|---|", *rows]


def _told(outcome: Outcome) -> str:
    told = ", ".join(sorted(outcome.known)) or "nothing"
    return told + (f"; LOST {', '.join(outcome.lost)}" if outcome.lost else "")


def _lead(outcome: Outcome) -> str:
    status = str((outcome.records.lead or {}).get("status"))
    found = lacking(outcome.point, outcome.records) + ([] if outcome.went_on else ["the call did not go on"])
    return "; ".join([status, *found])
