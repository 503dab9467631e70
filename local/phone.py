"""Call a running system from the command line: `python -m local.phone --script local/calls/demo.toml`.

Without further options it calls the system that `make local` started. To call another one, a deployed one included,
give `--incoming-call-url` and set TWILIO_AUTH_TOKEN; `--connect-to` says where public addresses are really served.
From Python, `await place_call(script, target)`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from local.call_script import AwaitHangUp, CallScript, Say, ScriptError, load_script
from local.twilio.call import place_call
from local.twilio.report import CallReport, EndedBy, HeardTurn, TwilioWarning
from local.twilio.routes import Routes, parse_route
from local.twilio.target import WRITTEN_BY_MAKE_LOCAL, CallTarget, target_from_dict, target_from_file
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


def main(arguments: Sequence[str] | None = None) -> int:
    """0: the call was put through; 1: it was not; 2: it could not even be placed."""
    options = _parser().parse_args(arguments)
    try:
        script, target = _script(options), _target(options)
        ready = prepare(script)
    except (ScriptError, OSError, ValueError, KeyError) as exc:
        print(f"local.phone: {exc}", file=sys.stderr)
        return 2
    report = asyncio.run(place_call(ready, target, lambda event: print(describe(event), flush=True)))
    _print_summary(report)
    report.recording.save(options.save)
    print(f"recording: {options.save} (caller left, assistant right)")
    return 1 if report.ended_by is EndedBy.ERROR or not report.legs else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.phone", description="Place one call, as Twilio would.")
    parser.add_argument(
        "--script", type=Path, default=_DEMO, help="call script (TOML); the demonstration call if absent"
    )
    parser.add_argument("--wav", type=Path, help="say this instead (8 to 48 kHz PCM), then wait for the goodbye")
    parser.add_argument("--from", dest="from_number", help="the caller's number; +266696687 is a withheld one")
    parser.add_argument(
        "--system", type=Path, default=WRITTEN_BY_MAKE_LOCAL, help="what a local system wrote about itself"
    )
    parser.add_argument("--incoming-call-url", help="call this webhook instead; TWILIO_AUTH_TOKEN signs")
    parser.add_argument(
        "--connect-to",
        action="append",
        default=[],
        metavar="PUBLIC=ADDRESS",
        help="where a public host, or host and path, is really served, such as calls.example.com=127.0.0.1:8080",
    )
    parser.add_argument("--save", type=Path, default=Path("build/call.wav"), help="where the recording goes")
    return parser


def _script(options: argparse.Namespace) -> CallScript:
    if options.wav is not None:
        script = CallScript((Say(options.wav.name, wav=options.wav), AwaitHangUp(20.0)))
    else:
        script = load_script(options.script)
    return replace(script, from_number=options.from_number) if options.from_number else script


def _target(options: argparse.Namespace) -> CallTarget:
    if options.incoming_call_url is None:
        if not options.system.exists():
            raise ValueError(f"{options.system} is missing: start the system with `make local` first")
        return target_from_file(options.system)
    token = os.environ.get("TWILIO_AUTH_TOKEN", "").split(",")[0].strip()
    if not token:
        raise ValueError("TWILIO_AUTH_TOKEN is not set: nothing can be signed")
    routes = Routes(dict(parse_route(text) for text in options.connect_to))
    return CallTarget(options.incoming_call_url, token, routes)


def _print_summary(report: CallReport) -> None:
    print(f"\n{report.call_sid}: {report.duration_s:.1f} s, ended by {report.ended_by}")
    if report.greeting_latency_s is not None:
        print(f"greeting after {report.greeting_latency_s:.3f} s")
    for turn in report.turns:
        print(describe_turn(turn))
    if report.worst_lateness_s > 0.02:
        print(f"this machine fell {report.worst_lateness_s * 1000:.0f} ms behind real time at worst")


if __name__ == "__main__":
    sys.exit(main())
