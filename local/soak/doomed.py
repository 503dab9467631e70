"""Processes of one call that can be killed at a chosen moment, while the system's own go on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any, Final

from local import deployables
from local.balancer import balanced
from local.phone import CallTarget, Kind, TimelineEvent, target_from_dict
from local.processes import Child, Command, free_ports, running
from local.push_subscription import create_push_subscription
from local.soak import disorder
from local.standins.relay import Relay
from local.system import System

MODEL_TIMEOUT_S: Final = 5.0
_LOOK_EVERY_S: Final = 0.05


class Watch:
    """What the phone has seen of one call, to be waited for."""

    def __init__(self) -> None:
        self._seen: list[TimelineEvent] = []
        self._looks: list[Callable[[], None]] = []

    def note(self, event: TimelineEvent) -> None:
        self._seen.append(event)
        for look in tuple(self._looks):
            look()

    async def seen(self, kind: Kind, text: str = "") -> None:
        """An event of this kind whose text begins so. Waits for ever: bound it with a timeout."""
        found = asyncio.Event()

        def look() -> None:
            if any(event.kind is kind and event.text.startswith(text) for event in self._seen):
                found.set()

        self._looks.append(look)
        try:
            look()
            await found.wait()
        finally:
            self._looks.remove(look)


@dataclass(frozen=True, slots=True)
class Doomed:
    """Ends with the block it was made for."""

    child: Child
    target: CallTarget
    vendor: Relay
    """Before what the process depends on; it can swallow everything."""
    watch: Watch
    instances: list[str]
    """Where media streams go: to the first."""
    control: str = ""
    """Of the model's stand-in, if it has one."""
    start_again: Callable[[], Awaitable[None]] | None = None

    async def model_is_asked(self) -> None:
        while True:
            if (await disorder.state(self.control))["active"]:
                return
            await asyncio.sleep(_LOOK_EVERY_S)


@contextlib.asynccontextmanager
async def media_service(system: System, name: str, **environment: str) -> AsyncIterator[Doomed]:
    """An instance that takes the call; the system's own is the second of `instances`."""
    (port,) = free_ports(1)
    pubsub = Relay(_port_of(system.addresses.pubsub_host))
    async with pubsub.serving(0) as relayed:
        env = {**system.environment, "PUBSUB_EMULATOR_HOST": f"127.0.0.1:{relayed}", **environment}
        command = deployables.media_service(port, system.image, env, f"media_service_{name}")
        instances = [f"127.0.0.1:{port}", system.addresses.media_address]
        async with running([command], system.media.log.parent) as children, balanced(instances) as address:
            target = _target(system, media_address=address)
            yield Doomed(children[command.name], target, pubsub, Watch(), instances)


@contextlib.asynccontextmanager
async def incoming_call(system: System, name: str) -> AsyncIterator[Doomed]:
    """The function that answers the ring. Its Firestore says nothing from the first request on."""
    (port,) = free_ports(1)
    firestore = Relay(_port_of(system.addresses.firestore_host))
    async with firestore.serving(0) as relayed:
        env = {**system.environment, "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{relayed}"}
        command = _function(system, "incoming_call", port, name, env)
        async with running([command], system.media.log.parent) as children:
            firestore.swallowing = True
            target = _target(system, incoming_call_address=f"http://127.0.0.1:{port}")
            yield Doomed(children[command.name], target, firestore, Watch(), [])


@contextlib.asynccontextmanager
async def summarize(system: System, name: str) -> AsyncIterator[Doomed]:
    """The function that takes the events, with a model that hangs until the function is started again."""
    port, gemini, control = free_ports(3)
    logs, topic = system.media.log.parent, f"call-events-{name}"
    model = {
        "REPLY_ENGINE": "gemini",
        "GOOGLE_VERTEX_BASE_URL": f"http://127.0.0.1:{gemini}",
        "REQUEST_TIMEOUT_SEC": f"{MODEL_TIMEOUT_S:g}",
    }
    command = _function(system, "summarize", port, name, {**system.environment, **model})
    async with AsyncExitStack() as parts:
        await parts.enter_async_context(
            running([deployables.stand_in("gemini", gemini, control, (), f"gemini_{name}")], logs)
        )
        await disorder.order(f"127.0.0.1:{control}", {"always": {"flaw": "hang"}})
        children = await parts.enter_async_context(running([command], logs))
        await create_push_subscription(
            system.addresses.pubsub_host, system.addresses.project, topic, f"http://127.0.0.1:{port}"
        )
        call = await parts.enter_async_context(media_service(system, name, CALL_EVENTS_TOPIC=topic))

        async def start_again() -> None:
            await disorder.reset(f"127.0.0.1:{control}")
            again = replace(command, name=f"{command.name}_again")
            await parts.enter_async_context(running([again], logs))

        yield replace(call, child=children[command.name], control=f"127.0.0.1:{control}", start_again=start_again)


def _function(system: System, function: str, port: int, name: str, env: dict[str, str]) -> Command:
    command = deployables.function(function, port, system.build.absolute() / "functions", env)
    return replace(command, name=f"{function}_{name}")


def _target(system: System, **elsewhere: str) -> CallTarget:
    addresses: dict[str, Any] = {**system.addresses.as_dict(), **elsewhere}
    # As configured for the number: it is told of the end of each call, whatever became of its webhooks.
    return replace(target_from_dict(addresses), call_status_url=system.addresses.stream_status_url)


def _port_of(address: str) -> int:
    return int(address.rpartition(":")[2])
