"""The whole system on one machine: emulators, stand-ins, the three functions, the media service.

As a program (`make local`) it stays up until Ctrl-C and says where everything is. Other programs use `running`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeVar

from calls.env import BadEnvironment
from local import front_door
from local.deployables import FUNCTIONS, MEDIA_SERVICE, build_bundles, function, lay_out_image, media_service, stand_in
from local.emulators import EmulatorProcesses, Emulators, EmulatorsFailed
from local.processes import Child, StartFailed, ending_on_signals, free_ports
from local.processes import running as running_children
from local.push_subscription import create_push_subscription
from local.wiring import Addresses, Plan, Ports, addresses, plan, shared_environment

BUILD: Final = Path("build")
START_FAILURES: Final = (BadEnvironment, StartFailed, EmulatorsFailed)
_SUBSCRIPTION: Final = "summarize"
_CONTROLLED: Final = ("speech", "tts", "gemini")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class System:
    """A running system. It ends with the block it was made for."""

    addresses: Addresses
    children: Mapping[str, Child]
    environment: Mapping[str, str]
    """What the deployed parts were given; a second media service can be started from it."""
    image: Path
    """The media service's folder."""

    @property
    def media(self) -> Child:
        return self.children[MEDIA_SERVICE]


@contextlib.asynccontextmanager
async def running(
    environ: Mapping[str, str], build: Path = BUILD, progress: Callable[[str], None] = lambda _: None
) -> AsyncIterator[System]:
    """Start everything `environ` asks for, ready to be called; end it with the block.

    Raises one of `START_FAILURES`. `progress` is told in words, a line at a time. Two systems may run at once if
    each has its own `build` folder.
    """
    decided = plan(environ)
    ports = Ports(*free_ports(len(fields(Ports))))
    logs, bundles, image = _folders_below(build)

    def ready(name: str) -> None:
        progress(f"{name} is ready")

    async with contextlib.AsyncExitStack() as parts:
        bundling = await parts.enter_async_context(_background(build_bundles(bundles)))
        emulators = await parts.enter_async_context(_emulators(environ, decided))
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
        deployed = [function(name, getattr(ports, name), bundles, shared) for name in FUNCTIONS]
        deployed.append(media_service(ports.media, image, shared))
        children = await parts.enter_async_context(running_children(deployed, logs, ready))
        yield System(found, {**helpers, **children}, shared, image)


@contextlib.asynccontextmanager
async def _emulators(environ: Mapping[str, str], decided: Plan) -> AsyncIterator[asyncio.Task[Emulators | None]]:
    """Firestore and Pub/Sub, starting while other things do; None if neither is wanted here."""
    processes = EmulatorProcesses(environ)

    async def start() -> Emulators | None:
        return await asyncio.to_thread(processes.start) if decided.started & {"firestore", "pubsub"} else None

    async with _background(start()) as starting:
        try:
            yield starting
        finally:
            # Also ends a start that is still going on.
            await asyncio.to_thread(processes.stop)


@contextlib.asynccontextmanager
async def _background(work: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """A task that does not outlive the block. Awaiting it gives its result or its error."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


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
        ("logs", str(system.media.log.parent)),
    ]
    return "\n".join(f"  {name:<24} {where}" for name, where in rows)


async def _stay_up(environ: Mapping[str, str], build: Path) -> None:
    def progress(line: str) -> None:
        print(f"  {line}", flush=True)

    print("Starting the system ...", flush=True)
    with ending_on_signals():
        async with running(environ, build, progress) as system:
            found = system.addresses
            known = front_door.routes(found.media_address, found.incoming_call_address, found.stream_status_address)
            (door,) = free_ports(1)
            written = build / "local.json"
            write_for_callers(found, written)
            try:
                async with front_door.serving(known, door):
                    print(
                        f"\n{_description(system, door)}\n\nmake call   places a call.   Ctrl-C ends it all.\n",
                        flush=True,
                    )
                    with system.media.listening(lambda line: print(line, flush=True)):
                        status = await system.media.wait()
                print(f"The media service ended with status {status}.", flush=True)
            finally:
                written.unlink()


def main() -> int:
    try:
        asyncio.run(_stay_up(os.environ, BUILD))
    except START_FAILURES as exc:
        print(exc, file=sys.stderr)
        return 1
    except asyncio.CancelledError:
        print("Stopped.", flush=True)
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
