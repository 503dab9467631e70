"""Call a running system from the command line: `python -m local call --script local/calls/demo.toml`.

Without further options it calls the newest system that `make local` started, and shows the lead that the call left. To
call another one, a deployed one included, give `--incoming-call-url` and set TWILIO_AUTH_TOKEN; `--connect-to` says
where public addresses are really served. From Python, `await place_call(script, target)`.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from local import aftermath, ending
from local.call_script import AwaitHangUp, CallScript, Say, ScriptError, load_script
from local.standins.speech.unknown_speech import HINT
from local.twilio.call import place_call
from local.twilio.report import CallReport, EndedBy, HeardTurn, TwilioWarning
from local.twilio.routes import Routes, parse_route
from local.twilio.target import WRITTEN, CallTarget, running_systems, target_from_dict, target_from_file
from local.twilio.timeline import Kind, Listener, TimelineEvent
from local.utterance_audio import ReadyScript, prepare

__all__ = [
    "CallReport",
    "CallScript",
    "CallTarget",
    "EndedBy",
    "HeardTurn",
    "Kind",
    "Listener",
    "ReadyScript",
    "Routes",
    "TimelineEvent",
    "TwilioWarning",
    "describe",
    "describe_turn",
    "load_script",
    "place_call",
    "prepare",
    "target_from_dict",
    "target_from_file",
]

_DEMO = Path(__file__).parent / "calls" / "demo.toml"
_RECORDINGS = Path("build/recordings")
_CONNECT_WITHIN_S = 5.0
_SPEAKERS = {
    Kind.CALLER_STARTED: "caller says",
    Kind.CALLEE_STARTED: "callee says",
}


def describe(event: TimelineEvent) -> str:
    """One line for people."""
    name = _SPEAKERS.get(event.kind, event.kind.value)
    code = f"{event.code} " if event.code is not None else ""
    return f"{event.at:7.2f}  {name:<17} {code}{event.text}".rstrip()


def describe_turn(turn: HeardTurn) -> str:
    answer = "no answer" if turn.latency_s is None else f"answered after {turn.latency_s:5.2f} s"
    silenced = "" if turn.silenced_s is None else f", assistant silent {turn.silenced_s:.2f} s into the barge-in"
    return f"{answer}{silenced}  {turn.text}"


def main(arguments: Sequence[str]) -> int:
    """0: the call was put through; 1: it was not; 2: it could not even be placed."""
    options = _parsed(arguments)
    try:
        script, (target, system) = _script(options), _target(options)
        ready = prepare(script)
        _check_that_something_listens(target)
    except (ScriptError, OSError, ValueError, KeyError) as exc:
        print(f"make call: {exc}", file=sys.stderr)
        return 2
    return ending.run(_call(ready, target, system, options.save))


async def _call(ready: ReadyScript, target: CallTarget, system: Mapping[str, str], save: Path | None) -> int:
    unknown_before = await aftermath.unknown_utterances(system)
    report = await place_call(ready, target, lambda event: print(describe(event), flush=True))
    _print_summary(report)
    recording = save or _RECORDINGS / f"{report.call_sid}.wav"
    report.recording.save(recording)
    print(f"recording: {recording} (caller left, assistant right)", flush=True)
    if report.ended_by is EndedBy.ERROR or not report.legs:
        return 1
    if await aftermath.unknown_utterances(system) > unknown_before:
        print(f"\nSome of what the caller said came back as nothing: {HINT}", flush=True)
    async for line in aftermath.lead_of(report.call_sid, ready.script.from_number, system):
        print(line, flush=True)
    return 0


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local call", description="Place one call, as Twilio would.")
    parser.add_argument("--script", type=Path, help="call script (TOML); the demonstration call if absent")
    parser.add_argument("--wav", type=Path, help="say this instead, then wait for the goodbye")
    parser.add_argument("--from", dest="from_number", help="the caller's number; +266696687 is a withheld one")
    parser.add_argument(
        "--system", type=Path, help=f"{WRITTEN} of a local system; that of the newest running one if absent"
    )
    parser.add_argument("--incoming-call-url", help="call this webhook instead; TWILIO_AUTH_TOKEN signs")
    parser.add_argument(
        "--connect-to",
        action="append",
        default=[],
        metavar="PUBLIC=ADDRESS",
        help="where a public host, or host and path, is really served, such as calls.example.com=127.0.0.1:8080",
    )
    parser.add_argument(
        "--seed", type=int, help="the same waiting times in each run; Twilio asks how to go on after 0.05 to 2 s"
    )
    parser.add_argument("--save", type=Path, help=f"where the recording goes; {_RECORDINGS}/ if absent")
    return parser.parse_args(arguments)


def _script(options: argparse.Namespace) -> CallScript:
    if options.script is not None and options.wav is not None:
        raise ValueError("give SCRIPT or WAV, not both (a script may play WAV files itself)")
    if options.wav is not None:
        script = CallScript((Say(options.wav.name, wav=options.wav), AwaitHangUp(20.0)))
    else:
        script = load_script(options.script or _DEMO)
    return replace(script, from_number=options.from_number) if options.from_number else script


def _target(options: argparse.Namespace) -> tuple[CallTarget, Mapping[str, str]]:
    """Whom to call, and what a local system wrote about itself; nothing for any other."""
    if options.incoming_call_url is None:
        if options.system is not None and not options.system.exists():
            raise ValueError(f"{options.system} is missing: start the system with `make local` first")
        known = json.loads((options.system or _newest_system()).read_text(encoding="utf-8"))
        return replace(target_from_dict(known), seed=options.seed), known
    token = os.environ.get("TWILIO_AUTH_TOKEN", "").split(",")[0].strip()
    if not token:
        raise ValueError("TWILIO_AUTH_TOKEN is not set: nothing can be signed")
    routes = Routes(dict(parse_route(text) for text in options.connect_to))
    return CallTarget(options.incoming_call_url, token, routes, seed=options.seed), {}


def _newest_system() -> Path:
    running = running_systems()
    if not running:
        raise ValueError("no system is running: start one with `make local` first")
    if len(running) > 1:
        others = ", ".join(map(str, running[:-1]))
        print(f"Calling the newest of {len(running)} systems, {running[-1]}. Others: --system {others}", flush=True)
    return running[-1]


def _check_that_something_listens(target: CallTarget) -> None:
    """Raises `ValueError`. A caller would hear Twilio's error message, and learn nothing."""
    at = urlsplit(target.routes.connect_url(target.incoming_call_url))
    port = at.port or (443 if at.scheme == "https" else 80)
    try:
        socket.create_connection((at.hostname or "", port), _CONNECT_WITHIN_S).close()
    except OSError as exc:
        raise ValueError(
            f"nothing listens at {at.hostname}:{port} ({exc.strerror or exc}): start the system with `make local` first"
        ) from exc


def _print_summary(report: CallReport) -> None:
    print(f"\n{report.call_sid}: {report.duration_s:.1f} s, ended by {report.ended_by}")
    if report.greeting_latency_s is not None:
        print(f"greeting after {report.greeting_latency_s:.3f} s")
    for turn in report.turns:
        print(describe_turn(turn))
    if report.worst_lateness_s > 0.02:
        print(f"this machine fell {report.worst_lateness_s * 1000:.0f} ms behind real time at worst")
