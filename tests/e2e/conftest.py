"""The whole system as real processes, once for all tests here, and calls that go on at the same time.

Calls take as long as calls take, so those that do not disturb each other are placed together when the first test asks
for one; each test then waits for its own. Everything runs in one event loop that lives as long as the test run.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from local import stored_records, system, team_settings
from local.phone import (
    CallTarget,
    Kind,
    Listener,
    TimelineEvent,
    place_call,
    prepare,
    target_from_dict,
)
from local.stored_records import StoredRecords
from local.system import System
from local.twilio.faults import Fault, FaultKind
from tests.e2e.experiments import UnderWay, answer_with_gemini, drain, kill, listen, lose_early, refuse_streams
from tests.e2e.live_calls import script

# What the machine needs to run anything; the developer's own settings of the system stay out.
_OF_THE_MACHINE = ("PATH", "HOME", "LANG", "TMPDIR", "JAVA_HOME", "CLOUDSDK_ROOT_DIR", "LOCAL_EMULATORS")

ASKS_MORE = "+97231230001"
"""A number of the business that asks a question of its own."""

# Those that do not end the stream, each at its own moment: during the greeting and during turns.
_BAD_MESSAGES = (
    FaultKind.MEDIA_BEFORE_START,
    FaultKind.MALFORMED_JSON,
    FaultKind.JSON_NULL,
    FaultKind.DEEP_JSON,
    FaultKind.BINARY_FRAME,
    FaultKind.WRONG_STREAM_SID,
    FaultKind.BAD_BASE64,
    FaultKind.UNKNOWN_EVENT,
    FaultKind.SECOND_CONNECTED,
    FaultKind.SECOND_START,
)


def _machine() -> dict[str, str]:
    return {name: os.environ[name] for name in _OF_THE_MACHINE if name in os.environ}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def the_system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    environ = {**_machine(), "LOG_TRANSCRIPTS": "true"}
    settings = {ASKS_MORE.removeprefix("+"): team_settings.of_the_demonstration()}
    async with system.running(environ, tmp_path_factory.mktemp("system"), settings=settings) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stored(the_system: System) -> AsyncIterator[StoredRecords]:
    async with stored_records.opened(the_system.addresses.project, the_system.addresses.firestore_host) as records:
        yield records


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def target(the_system: System) -> CallTarget:
    return target_from_dict(the_system.addresses.as_dict())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def under_way(
    the_system: System, target: CallTarget, stored: StoredRecords, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[UnderWay]:
    bad_messages = tuple(Fault(kind, at_s=1.0 + 0.9 * index) for index, kind in enumerate(_BAD_MESSAGES))
    scripts = {
        "demo": replace(script("own_field", "+972500000001"), to_number=ASKS_MORE),
        "withheld": script("withheld"),
        "hang_up_early": script("hang_up_early", "+972500000002"),
        "no_stop": script("hang_up_early", "+972500000003", (Fault(FaultKind.NO_STOP),)),
        "silent": script("silent", "+972500000004"),
        "bad_messages": script("demo", "+972500000005", bad_messages),
        "huge_message": script("demo", "+972500000006", (Fault(FaultKind.HUGE_FRAME, at_s=9.0),)),
    }
    # Twilio may deliver a webhook more than once, here even at the same time.
    targets = {"demo": replace(target, webhook_copies=2)}
    ready = {name: await asyncio.to_thread(prepare, each) for name, each in scripts.items()}
    greeted = {name: asyncio.Event() for name in scripts}
    calls = {
        name: asyncio.create_task(place_call(each, targets.get(name, target), _when_greeted(greeted[name])))
        for name, each in ready.items()
    }
    tasks: list[asyncio.Task[Any]] = list(calls.values())
    try:
        # Greetings are timed, so nothing else starts before they have been heard.
        async with asyncio.timeout(20.0):
            await asyncio.gather(*(each.wait() for each in greeted.values()))
        logs = tmp_path_factory.mktemp("experiments")
        drained = asyncio.create_task(drain(the_system, logs))
        killed = asyncio.create_task(kill(the_system, logs))
        lost_early = asyncio.create_task(lose_early(the_system, stored))
        refused = asyncio.create_task(refuse_streams(the_system, logs))
        with_gemini = asyncio.create_task(answer_with_gemini(the_system, logs))
        listened = asyncio.create_task(listen(_machine(), tmp_path_factory.mktemp("listen")))
        tasks += [drained, killed, lost_early, refused, with_gemini, listened]
        yield UnderWay(calls, drained, killed, lost_early, refused, with_gemini, listened)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _when_greeted(greeted: asyncio.Event) -> Listener:
    def listener(event: TimelineEvent) -> None:
        if event.kind is Kind.ASSISTANT_STARTED:
            greeted.set()

    return listener
