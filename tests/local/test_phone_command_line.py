"""The `phone` command: what it calls, what it shows, and how it says that something is missing."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from local.build_folder import claimed
from local.phone import HeardTurn, Kind, TimelineEvent, describe, describe_turn, main
from local.processes import free_ports
from local.twilio.target import BUILD, WRITTEN, CallTarget
from local.wiring import Addresses
from tests.local.twilio.tiny_service import CONNECT, TOKEN, VOICE_URL, MediaSession, TinyService


def described(port: int) -> Addresses:
    """A local system of which only `incoming_call` matters."""
    rest = {field.name: "" for field in fields(Addresses)}
    return Addresses(
        **rest
        | {
            "incoming_call_url": VOICE_URL,
            "incoming_call_address": f"http://127.0.0.1:{port}",
            "public_host": "calls.test",
            "stream_status_url": "https://calls.test/webhook/stream_status",
        }
    )


@contextmanager
def served(service: TinyService) -> Iterator[CallTarget]:
    """The service in a thread of its own, because the command runs an event loop itself."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = service.running()
    try:
        yield asyncio.run_coroutine_threadsafe(running.__aenter__(), loop).result(5)
    finally:
        asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_a_line_of_the_timeline_reads_from_time_to_words() -> None:
    assert describe(TimelineEvent(1.234, Kind.CALLER_STARTED, "שלום")) == "   1.23  caller says       שלום"
    assert describe(TimelineEvent(0.5, Kind.WARNING, "odd", code=12200)) == "   0.50  warning           12200 odd"


def test_a_turn_says_how_long_the_caller_waited() -> None:
    assert describe_turn(HeardTurn("a", 1.0, 2.0, 2.5, False, None)) == "answered after  0.50 s  a"
    assert describe_turn(HeardTurn("a", 1.0, 2.0, None, True, 0.3)) == (
        "no answer, assistant silent 0.30 s into the barge-in  a"
    )


def test_without_a_running_system_it_says_how_to_start_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--system", str(tmp_path / "local.json")]) == 2
    assert "make local" in capsys.readouterr().err


def test_nothing_that_listens_is_said_before_anybody_is_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seen: "Twilio plays its error message", and nothing on what to do."""
    (port,) = free_ports(1)
    written = tmp_path / "local.json"
    written.write_text(json.dumps(asdict(described(port))))

    assert main(["--system", str(written)]) == 2

    shown = capsys.readouterr()
    assert f"nothing listens at 127.0.0.1:{port}" in shown.err
    assert "`make local` first" in shown.err
    assert shown.out == ""


def test_the_newest_running_system_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([]) == 2
    assert "`make local` first" in capsys.readouterr().err
    with claimed(BUILD) as first, claimed(BUILD) as second, claimed(BUILD):
        ports = free_ports(2)
        for folder, port in zip((first, second), ports, strict=True):
            (folder / WRITTEN).write_text(json.dumps(asdict(described(port))))

        assert main([]) == 2

        shown = capsys.readouterr()
        assert "build/local-2/local.json. Others: --system build/local/local.json" in shown.out
        assert f"127.0.0.1:{ports[1]}" in shown.err


def test_a_script_and_a_wav_file_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--script", "a.toml", "--wav", "b.wav"]) == 2
    assert capsys.readouterr().err == ("make call: give SCRIPT or WAV, not both (a script may play WAV files itself)\n")


def test_without_a_token_nothing_is_called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)
    assert main(["--incoming-call-url", VOICE_URL]) == 2
    assert "TWILIO_AUTH_TOKEN" in capsys.readouterr().err


def test_a_call_is_placed_shown_and_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def close_at_once(session: MediaSession) -> None:
        await session.begin()

    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    service = TinyService(answers={"/": CONNECT}, converse=close_at_once)
    script, saved = tmp_path / "silent.toml", tmp_path / "call.wav"
    script.write_text("steps = [{ await_hang_up = true }]\nlimit_s = 3\n")
    with served(service) as target:
        addresses = (VOICE_URL, "https://calls.test/webhook/stream_status", "media.test")
        here = [target.routes.connect_url(f"wss://{url.removeprefix('https://')}") for url in addresses]
        routes = [f"--connect-to={url.removeprefix('https://')}={to}" for url, to in zip(addresses, here, strict=True)]
        result = main(["--script", str(script), "--incoming-call-url", VOICE_URL, "--save", str(saved), *routes])

    shown = capsys.readouterr().out
    assert result == 0
    assert "leg started" in shown
    assert "ended by service" in shown
    assert saved.exists()
    assert "leads/972501234567" in shown, "where to look for it"
    assert service.unsigned == []


def test_a_call_that_is_not_answered_with_a_stream_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "wrong")
    script = tmp_path / "silent.toml"
    script.write_text("steps = [{ await_hang_up = true }]\n")
    service = TinyService()
    with served(service) as target:
        here = target.routes.connect_url(VOICE_URL)
        route = f"--connect-to={VOICE_URL.removeprefix('https://')}={here}"
        arguments = ["--script", str(script), "--incoming-call-url", VOICE_URL, route]
        assert main([*arguments, "--save", str(tmp_path / "call.wav")]) == 1
    assert service.unsigned == [VOICE_URL]
