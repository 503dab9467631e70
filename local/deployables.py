"""How each process of the local system is started: what is deployed, as it is in the cloud, and the stand-ins.

A deployed part sees the files it is deployed with and nothing else of this repository: the functions run from their
built bundles, the media service from a folder that holds what its container image holds.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local.processes import Command, StartFailed, answers, says

ROOT: Final = Path(__file__).resolve().parent.parent
FUNCTIONS: Final = {"incoming_call": "http", "stream_status": "http", "summarize": "cloudevent"}
"""Name and signature type."""
MEDIA_SERVICE: Final = "media_service"
_IN_THE_IMAGE: Final = ("calls", "understanding", "media_service")
_BUNDLING_WITHIN_S: Final = 60.0


def stand_in(name: str, port: int, control_port: int, options: tuple[str, ...] = (), log: str = "") -> Command:
    """`log` tells two of the same kind apart; `options` are further arguments of its program."""
    argv = (sys.executable, "-m", f"local.standins.{name}", "--port", str(port), "--control-port", str(control_port))
    return Command(log or name, (*argv, *options), {**os.environ, "PYTHONUNBUFFERED": "1"}, ROOT, says("READY"))


def function(name: str, port: int, bundles: Path, env: Mapping[str, str]) -> Command:
    """From the bundle below `bundles`, by the program and the options its container in the cloud uses."""
    framework = str(Path(sys.executable).parent / "functions-framework")
    source = bundles / name
    argv = (framework, "--source", str(source / "main.py"), "--target", name, "--signature-type", FUNCTIONS[name])
    listening = ("--host", "127.0.0.1", "--port", str(port))
    # Any answer shows that the worker has loaded the function; what a GET is answered is the function's affair.
    return Command(name, (*argv, *listening), env, source, answers(f"http://127.0.0.1:{port}/"))


def media_service(port: int, image: Path, env: Mapping[str, str], name: str = MEDIA_SERVICE) -> Command:
    """By the command of its container, from the folder made by `lay_out_image`."""
    argv = (sys.executable, "-m", "media_service")
    ready = answers(f"http://127.0.0.1:{port}/ready", 200)
    return Command(name, argv, {**env, "PORT": str(port)}, image, ready)


def lay_out_image(image: Path) -> None:
    """What the container image holds of this repository, as links."""
    image.mkdir(parents=True, exist_ok=True)
    for name in _IN_THE_IMAGE:
        link = image / name
        if not link.exists():
            link.symlink_to(ROOT / name, target_is_directory=True)


async def build_bundles(bundles: Path) -> None:
    """Build what is deployed. Raises `StartFailed`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infra.bundle_functions", "--out", str(bundles)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_BUNDLING_WITHIN_S):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise StartFailed(f"the functions could not be bundled:\n{output.decode(errors='replace')}")
