"""The load of `make bench`, in a process of its own: demonstration calls, all up at once.

    python -m local.bench_load --system build/bench/local.json --calls 20

Prints `UP` when every call has its media stream, `DOWN` when the first of them ends, and at the end one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Final

from local.phone import (
    CallReport,
    CallTarget,
    Kind,
    ReadyScript,
    TimelineEvent,
    load_script,
    place_call,
    prepare,
    target_from_file,
)

_SCRIPT: Final = Path(__file__).parent / "calls" / "demo.toml"
# Twenty people do not call in the same millisecond.
_BETWEEN_CALLS_S: Final = 0.1


class _Tally:
    def __init__(self, calls: int) -> None:
        self._waiting = calls
        self._down = False

    def listener(self, event: TimelineEvent) -> None:
        if event.kind is Kind.LEG_STARTED:
            self._waiting -= 1
            if self._waiting == 0:
                print("UP", flush=True)
        elif event.kind is Kind.LEG_ENDED and not self._down:
            self._down = True
            print("DOWN", flush=True)


async def place_calls(ready: ReadyScript, target: CallTarget, calls: int) -> list[CallReport]:
    tally = _Tally(calls)

    async def one(number: int) -> CallReport:
        await asyncio.sleep(number * _BETWEEN_CALLS_S)
        caller = replace(ready, script=replace(ready.script, from_number=f"+97252{number:07d}"))
        return await place_call(caller, target, tally.listener)

    return await asyncio.gather(*(one(number) for number in range(calls)))


def summary(reports: list[CallReport]) -> dict[str, object]:
    turns = [turn for report in reports for turn in report.turns]
    return {
        "greetings": [report.greeting_latency_s for report in reports if report.greeting_latency_s is not None],
        "turns": [turn.latency_s for turn in turns if turn.latency_s is not None],
        "unanswered": sum(turn.latency_s is None for turn in turns),
        "lateness_s": max(report.worst_lateness_s for report in reports),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.bench_load")
    parser.add_argument("--system", type=Path, required=True)
    parser.add_argument("--calls", type=int, required=True)
    options = parser.parse_args()
    ready = prepare(load_script(_SCRIPT))
    reports = asyncio.run(place_calls(ready, target_from_file(options.system), options.calls))
    print(json.dumps(summary(reports)), flush=True)


if __name__ == "__main__":
    main()
