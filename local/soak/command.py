"""Prove one promise by a long run: `python -m local soak faults`, `renewals`, `off`, `growth` or `kills`.

Exit status 0 only if the promise held.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Coroutine, Sequence
from typing import Any

from local import ending, system
from local.soak import faults, growth, kills, off, renewals


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local soak")
    runs = parser.add_subparsers(dest="what", required=True)
    each = runs.add_parser("faults", help=faults.__doc__)
    each.add_argument("--calls", type=int, default=50)
    each.add_argument("--utterances", type=int, default=20)
    each.add_argument("--at-once", type=int, default=10)
    each.add_argument("--seed", type=int, default=1)
    each = runs.add_parser("renewals", help=renewals.__doc__)
    each.add_argument("--minutes", type=float, default=10.0)
    each.add_argument("--seed", type=int, default=1)
    runs.add_parser("off", help=off.__doc__)
    each = runs.add_parser("growth", help=growth.__doc__)
    each.add_argument("--calls", type=int, default=500)
    each.add_argument("--at-once", type=int, default=20)
    each = runs.add_parser("kills", help=kills.__doc__)
    each.add_argument("--at-once", type=int, default=4)
    return parser.parse_args(arguments)


def _run(asked: argparse.Namespace) -> Coroutine[Any, Any, bool]:
    match asked.what:
        case "faults":
            return faults.soak(asked.calls, asked.utterances, asked.at_once, asked.seed)
        case "renewals":
            return renewals.soak(asked.minutes, asked.seed)
        case "off":
            return off.soak()
        case "kills":
            return kills.soak(asked.at_once)
        case _:
            return growth.soak(asked.calls, asked.at_once)


def main(arguments: Sequence[str]) -> int:
    asked = _parsed(arguments)
    try:
        held = ending.run(_run(asked))
    except system.START_FAILURES as exc:
        print(exc, file=sys.stderr)
        return 1
    print(f"\n{'The promise held.' if held else 'THE PROMISE WAS BROKEN.'}")
    return 0 if held else 1
