"""`python -m evals.turn_ends [SET.json ...] [--quiet] [--json OUT]`: the ends of turns, told and labelled.

Exits with 1 for a set that cannot be read. What is not told right is told, and is no failure of the run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from evals.turn_ends.items import OWN_SETS, BadSet, Item, items_of
from understanding.language import Language, load
from understanding.turn_end import TurnEnd, TurnReading, turn_end

_WAITS = (TurnEnd.OPEN, TurnEnd.DICTATING)


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    language = load()
    try:
        sets = {path: items_of(path) for path in given.sets or sorted(OWN_SETS.glob("*.json"))}
    except (BadSet, OSError) as exc:
        print(exc, file=sys.stderr)
        return 1
    document: list[dict[str, object]] = []
    for path, items in sets.items():
        told = [(item, turn_end(item.said, item.field, language)) for item in items]
        for line in report(path.stem, told, quiet=given.quiet):
            print(line)
        print(f"median {_median_us(items, language):.0f} us a call")
        document += [{"id": item.id, "end": each.end.value, "why": each.why} for item, each in told]
    if given.json:
        given.json.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def report(name: str, told: Sequence[tuple[Item, TurnReading]], *, quiet: bool = False) -> list[str]:
    """What is told otherwise than labelled, and the confusion table: a row for each label."""
    lines = [] if quiet else [_told(item, reading) for item, reading in told if reading.end is not item.end]
    counts = Counter((item.end, reading.end) for item, reading in told)
    lines.append(f"{name}: {'labelled / told':<22}" + "".join(f"{end.value:>11}" for end in TurnEnd))
    for label in TurnEnd:
        lines.append(f"{label.value:>{len(name) + 24}}" + "".join(f"{counts[label, end]:>11}" for end in TurnEnd))
    talked_over = sum(counts[label, TurnEnd.COMPLETE] for label in _WAITS)
    early = counts[TurnEnd.ORDINARY, TurnEnd.COMPLETE]
    late = sum(counts[label, end] for label in (TurnEnd.COMPLETE, TurnEnd.ORDINARY) for end in _WAITS)
    right = sum(counts[end, end] for end in TurnEnd)
    lines.append(
        f"{right} of {len(told)} as labelled; complete where it waits: {talked_over}, where it is ordinary: {early}; "
        f"waits where it could answer: {late}"
    )
    return lines


def _told(item: Item, reading: TurnReading) -> str:
    asked = f" [{item.asked}]" if item.asked else ""
    return f"{item.id}{asked}: {item.text}: {reading.end.value} ({reading.why}), not {item.end.value}"


def _median_us(items: Sequence[Item], language: Language) -> float:
    times = []
    for item in items:
        begun = perf_counter()
        turn_end(item.said, item.field, language)
        times.append(perf_counter() - begun)
    return sorted(times)[len(times) // 2] * 1e6 if times else 0.0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.turn_ends", description=__doc__)
    parser.add_argument("sets", nargs="*", type=Path, metavar="SET.json")
    parser.add_argument("--quiet", action="store_true", help="the tables only")
    parser.add_argument("--json", type=Path, metavar="OUT", help="what is told of each item")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
