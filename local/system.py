"""The whole system on one machine: emulators, stand-ins, the three functions, the media service.

As a program (`make local`) it stays up until Ctrl-C and says where everything is. Other programs use `running`. A part
that ends by itself is named with its log; the others go on, so that what still works can be looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from calls.env import BadEnvironment
from local import ending, front_door, team_settings
from local.background import background
from local.build_folder import claimed
from local.deployables import FUNCTIONS, MEDIA_SERVICE, build_bundles, function, lay_out_image, media_service, stand_in
from local.emulators import EmulatorProcesses, Emulators, EmulatorsFailed
from local.processes import Child, StartFailed, free_ports
from local.processes import running as running_children
from local.push_subscription import create_push_subscription, create_topic
from local.sweeps import sweeping
from local.twilio.target import BUILD, WRITTEN
from local.wiring import Addresses, Plan, Ports, addresses, plan, shared_environment

START_FAILURES: Final = (BadEnvironment, StartFailed, EmulatorsFailed)
_LOOK_EVERY_S: Final = 0.5
_CONTROLLED: Final = ("speech", "tts", "gemini")


@dataclass(frozen=True, slots=True)
class System:
    """A running system. It ends with the block it was made for."""

    addresses: Addresses
    children: Mapping[str, Child]
    environment: Mapping[str, str]
    """What the deployed parts were given; a second media service can be started from it."""
    image: Path
    """The media service's folder."""
    build: Path
    """Where this run keeps its files."""

    @property
    def media(self) -> Child:
        return self.children[MEDIA_SERVICE]


@contextlib.asynccontextmanager
async def running(
    environ: Mapping[str, str],
    build: Path = BUILD,
    progress: Callable[[str], None] = lambda _: None,
    settings: team_settings.Documents | None = None,
) -> AsyncIterator[System]:
    """Start everything `environ` asks for, ready to be called; end it with the block.

    Raises one of `START_FAILURES`. `progress` is told in words, a line at a time, also when a part ends by itself.
    Where another run has `build`, a folder beside it is taken (`System.build`). `settings` are what the product team
    has written, unless Firestore is one that is not started here.
    """
    decided = plan(environ)
    ports = Ports(*free_ports(len(fields(Ports))))

    def ready(name: str) -> None:
        progress(f"{name} is ready")

    async with contextlib.AsyncExitStack() as parts:
        ours = parts.enter_context(claimed(build))
        if ours != build:
            progress(f"another run has {build}: the files of this one are in {ours}")
        logs, bundles, image = _folders_below(ours)
        bundling = await parts.enter_async_context(background(build_bundles(bundles)))
        processes = EmulatorProcesses(environ, logs)
        emulators = await parts.enter_async_context(_emulators(processes, decided))
        stand_ins = [
            stand_in(name, getattr(ports, name), getattr(ports, f"{name}_control"))
            for name in _CONTROLLED
            if name in decided.started
        ]
        helpers = await parts.enter_async_context(running_children(stand_ins, logs, ready))
        pair = await emulators
        if pair is not None:
            progress(pair.notice)
        await bundling
        progress("functions are bundled")

        shared = shared_environment(environ, decided, ports, pair.environment() if pair else {}, _secrets_of_this_run())
        found = addresses(shared, decided, ports)
        await create_push_subscription(
            found.pubsub_host, found.project, found.call_events_topic, found.summarize_address
        )
        if new_leads := shared["NEW_LEADS_TOPIC"]:
            await create_topic(found.pubsub_host, found.project, new_leads)
        if settings and "firestore" in decided.started:
            await team_settings.write(settings, found.project, found.firestore_host)
        deployed = [function(name, getattr(ports, name), bundles, shared) for name in FUNCTIONS]
        deployed.append(media_service(ports.media, image, shared))
        children = {**helpers, **await parts.enter_async_context(running_children(deployed, logs, ready))}
        await parts.enter_async_context(background(sweeping(found.summarize_address)))
        await parts.enter_async_context(_telling_of_ends(list(children.values()), processes, progress))
        yield System(found, children, shared, image, ours)


@contextlib.asynccontextmanager
async def _emulators(processes: EmulatorProcesses, decided: Plan) -> AsyncIterator[asyncio.Task[Emulators | None]]:
    """Firestore and Pub/Sub, starting while other things do; None if neither is wanted here."""

    async def start() -> Emulators | None:
        return await asyncio.to_thread(processes.start) if decided.started & {"firestore", "pubsub"} else None

    async with background(start()) as starting:
        try:
            yield starting
        finally:
            # Also ends a start that is still going on.
            await asyncio.to_thread(processes.stop)


@contextlib.asynccontextmanager
async def _telling_of_ends(
    children: Sequence[Child], emulators: EmulatorProcesses, tell: Callable[[str], None]
) -> AsyncIterator[None]:
    """Say of each part that it has ended, once. A call that fails because of it would only show that it failed."""

    async def child_ends(child: Child) -> None:
        tell(f"{child.name} ended with status {await child.wait()} (log: {child.log})")

    async def emulator_ends() -> None:
        told: set[str] = set()
        while True:
            for each in set(emulators.ended()) - told:
                tell(each)
                told.add(each)
            await asyncio.sleep(_LOOK_EVERY_S)

    async with contextlib.AsyncExitStack() as watches:
        for work in (*(child_ends(child) for child in children), emulator_ends()):
            await watches.enter_async_context(background(work))
        yield


def _folders_below(build: Path) -> tuple[Path, Path, Path]:
    """For logs, for the functions' bundles, for the media service. Absolute, because children start elsewhere."""
    logs, bundles, image = (build.absolute() / name for name in ("logs", "functions", MEDIA_SERVICE))
    logs.mkdir(parents=True, exist_ok=True)
    lay_out_image(image)
    return logs, bundles, image


def _secrets_of_this_run() -> dict[str, str]:
    return {"TWILIO_AUTH_TOKEN": secrets.token_hex(16), "STREAM_TOKEN_SECRET": secrets.token_hex(32)}


def write_for_callers(found: Addresses, path: Path) -> None:
    """For `make call`. Only its owner may read it: the token in it may be that of a real account."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(found.as_dict(), file, indent=2)


def _description(system: System, door: int) -> str:
    found = system.addresses
    rows = [
        ("front door", f"http://127.0.0.1:{door}  (point a tunnel here; it serves https://{found.public_host})"),
        ("Twilio: a call comes in", found.incoming_call_url),
        ("media service", f"http://{found.media_address}/status"),
        ("incoming_call", found.incoming_call_address),
        ("stream_status", found.stream_status_address),
        ("summarize", found.summarize_address),
        ("Firestore", found.firestore_host or "Google's own"),
        ("Pub/Sub", found.pubsub_host),
        ("speech faults", found.speech_control or "Google's own"),
        ("text-to-speech faults", found.tts_control or "Google's own"),
        ("logs", str(system.build / "logs")),
    ]
    return "\n".join(f"  {name:<24} {where}" for name, where in rows)


async def _stay_up(environ: Mapping[str, str], build: Path) -> None:
    """Until it is stopped, or the media service ends by itself."""

    def say(line: str) -> None:
        print(f"  {line}", flush=True)

    print("Starting the system ...", flush=True)
    async with running(environ, build, say) as system, contextlib.AsyncExitStack() as more:
        found = system.addresses
        known = front_door.routes(found.media_address, found.incoming_call_address, found.stream_status_address)
        (door,) = free_ports(1)
        await more.enter_async_context(front_door.serving(known, door))
        written = system.build / WRITTEN
        write_for_callers(found, written)
        more.callback(written.unlink)
        print(f"\n{_description(system, door)}\n\nmake call   places a call.   Ctrl-C ends it all.\n", flush=True)
        more.enter_context(system.media.listening(lambda line: print(line, flush=True)))
        if "speech" in system.children:
            more.enter_context(system.children["speech"].listening(lambda line: say(f"speech: {line}")))
        await system.media.wait()
    print("Without the media service nothing answers: stopped.", flush=True)


def main(_arguments: Sequence[str]) -> int:
    try:
        ending.run(_stay_up(os.environ, BUILD))
    except START_FAILURES as exc:
        print(exc, file=sys.stderr)
    return 1
