"""`make local` and `make call`, as somebody at a terminal uses them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import sys
from pathlib import Path

import pytest

from local.deployables import ROOT
from local.processes import Child, Command, running

pytestmark = pytest.mark.e2e


EARLY = str(ROOT / "local" / "calls" / "hang_up_early.toml")
OWN_WORDS = """
from = "+972500000009"
steps = [{ say = "שמי רונית גולן והתנור שלי לא עובד" }, { wait_s = 2.0 }, { hang_up = true }]
"""
DOOR = re.compile(r"front door +http://(?P<address>\S+)")


def command(name: str, *arguments: str, folder: Path, ready: str, log: str = "", token: str = "") -> Command:
    async def wait(child: Child) -> None:
        await child.line(lambda line: ready in line)

    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "TWILIO_AUTH_TOKEN": token}
    argv = (sys.executable, "-m", "local", name, *arguments)
    return Command(log or name, argv, env, folder, wait, end_within_s=20.0)


async def test_the_system_stays_up_for_calls_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """One call is placed as `make call` does, and one through the front door, as Twilio would through a tunnel."""
    async with running([command("local", folder=tmp_path, ready="make call")], tmp_path) as children:
        written = tmp_path / "build" / "local" / "local.json"
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
        found = json.loads(written.read_text())
        (door,) = [match["address"] for line in children["local"].lines() if (match := DOOR.search(line))]
        through_it = (
            "--incoming-call-url",
            found["incoming_call_url"],
            "--connect-to",
            f"{found['public_host']}={door}",
        )
        (tmp_path / "own.toml").write_text(OWN_WORDS, encoding="utf-8")
        calls = [
            command("call", "--script", EARLY, folder=tmp_path, ready="ended by"),
            command("call", "--script", "own.toml", folder=tmp_path, ready="ended by", log="own"),
            command(
                *("call", "--script", EARLY, "--from", "+972500000002", *through_it),
                folder=tmp_path,
                ready="ended by",
                log="tunnel",
                token=found["twilio_auth_token"],
            ),
        ]
        async with running(calls, tmp_path) as phones:
            assert [await phone.wait() for phone in phones.values()] == [0, 0, 0]
            shown = {name: "\n".join(phone.lines()) for name, phone in phones.items()}
        # Whoever called the local system sees what became of it, and of words that its recognizer does not know.
        assert '\n    need: "' in shown["call"]
        assert '\n    name: ""' in shown["own"]
        assert "WHISPER_MODEL" in shown["own"]
        assert any("WHISPER_MODEL" in line for line in children["local"].lines())
        assert "leads/972500000002" in shown["tunnel"]
        assert sum("🟢 Final:" in line for line in children["local"].lines()) == 2

        children["local"].send(signal.SIGINT)
        status = await children["local"].wait()

    assert status == 130
    assert children["local"].lines()[-1] == "Stopped."
    assert not written.exists()
    places = [found[name].removeprefix("http://") for name in found if name.endswith(("_address", "_host", "_control"))]
    ours = [place for place in (*places, door) if place.startswith("127.0.0.1:")]
    assert len(ours) >= 8
    assert [place for place in ours if listens(place)] == []


def listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0
