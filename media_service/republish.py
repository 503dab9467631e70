"""Publish again what the log says could not be published: `python -m media_service.replay [FILE|-]`.

Reads our own log lines, JSON or text, and what `gcloud logging read --format=json` writes. Running it twice does no
harm: consumers ignore repeats of an event.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from calls.common_settings import request_timeout_s
from calls.env import BadEnvironment, EnvReader
from calls.event_wire import MalformedEvent, decode, from_dict
from calls.events import CallEvent
from media_service.adapters.pubsub_events import PubsubEvents
from media_service.errors import VendorError, VendorUnavailable
from media_service.operations.outbox import EVENT_UNDELIVERED
from media_service.ports import EventPublisher

# From the start of the line: the same words inside a message, spoken by a caller, are no entry.
_TEXT_LINE: Final = re.compile(rf"\d\d:\d\d:\d\d\.\d{{3}} [A-Z]+ {EVENT_UNDELIVERED} .*?\bevent=(?P<event>\{{.*)")
_ESCAPED: Final = re.compile(r"\\(\\|r|n|x1b)")
_ESCAPES: Final = {"\\": "\\", "r": "\r", "n": "\n", "x1b": "\x1b"}


@dataclass(frozen=True, slots=True)
class Found:
    """What a log holds to be published again."""

    events: tuple[CallEvent, ...]
    """Each once, in the order of (`call_sid`, `leg`, `seq`): logs are often read newest first."""
    unreadable: int
    """Entries that should hold an event and do not."""


def find_events(log: str) -> Found:
    events: dict[tuple[str, int, int], CallEvent] = {}
    unreadable = 0
    for written in _undelivered(log):
        try:
            event = from_dict(written) if isinstance(written, dict) else decode(str(written).encode())
        except (MalformedEvent, UnicodeEncodeError):
            unreadable += 1
        else:
            events[event.call_sid, event.leg, event.seq] = event
    return Found(tuple(event for _, event in sorted(events.items())), unreadable)


def _undelivered(log: str) -> Iterator[object]:
    if log.lstrip().startswith("["):
        entries = _json(log)
        yield from _in_entries(entries if isinstance(entries, list) else [])
        return
    # Not splitlines(): it also breaks lines at characters that callers' texts may hold (U+2028).
    for line in log.split("\n"):
        text = _TEXT_LINE.match(line)
        if text:
            yield _ESCAPED.sub(lambda escape: _ESCAPES[escape[1]], text["event"].rstrip("\r"))
        elif line.lstrip().startswith("{"):
            yield from _in_entries([_json(line)])


def _in_entries(entries: Iterable[object]) -> Iterator[object]:
    for entry in entries:
        match entry:
            case {"jsonPayload": {"message": message, **fields}} if message == EVENT_UNDELIVERED:
                yield fields.get("event")
            case {"message": message, **fields} if message == EVENT_UNDELIVERED:
                yield fields.get("event")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


async def publish_again(publisher: EventPublisher, events: Sequence[CallEvent]) -> list[str]:
    """Why events could not be published, one line each. With Pub/Sub out of reach it gives up on the rest at once."""
    problems: list[str] = []
    for index, event in enumerate(events):
        try:
            await publisher.publish(event)
        except VendorUnavailable as error:
            return [*problems, *[f"{_name(each)}: {error}" for each in events[index:]]]
        except VendorError as error:
            problems.append(f"{_name(event)}: {error}")
    return problems


def _name(event: CallEvent) -> str:
    return f"{event.call_sid} leg {event.leg} seq {event.seq}"


async def republish(log: str, environ: Mapping[str, str]) -> int:
    """Publish what `log` holds; returns the exit code. Raises `BadEnvironment`."""
    env = EnvReader(environ)
    project = env.required("GOOGLE_CLOUD_PROJECT", "the events go to its topic")
    topic = env.text("CALL_EVENTS_TOPIC", "call-events")
    timeout_s = request_timeout_s(env)
    emulator_host = env.text("PUBSUB_EMULATOR_HOST")
    env.finish()
    found = find_events(log)
    async with PubsubEvents.opened(project, topic, timeout_s, emulator_host) as publisher:
        problems = await publish_again(publisher, found.events)
    print(
        f"{len(found.events)} events found, {len(found.events) - len(problems)} published, "
        f"{len(problems)} failed, {found.unreadable} unreadable"
    )
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems or found.unreadable else 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m media_service.replay", description=__doc__.split("\n")[0])
    parser.add_argument("log", nargs="?", default="-", help="a file of log lines; - reads standard input (default)")
    chosen = parser.parse_args(arguments).log
    try:
        raw = sys.stdin.buffer.read() if chosen == "-" else Path(chosen).read_bytes()
        return asyncio.run(republish(raw.decode(errors="replace"), os.environ))
    except (OSError, BadEnvironment, VendorError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
