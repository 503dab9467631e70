"""`python -m evals.words [SET.json ...] [--json OUT]`: score the project's own sets, or those given.

Exits with 1 for a set that cannot be read. What is not understood is told, and is no failure of the run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from evals.words.items import BadSet, Item, items_of, own_items
from evals.words.scoring import Miss, as_written, misses
from evals.words.understood import Understood, understand
from media_service.texts import load


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    try:
        items = [item for path in given.sets for item in items_of(path)] if given.sets else own_items()
    except (BadSet, OSError) as exc:
        print(exc, file=sys.stderr)
        return 1
    texts = load().intake
    scored = [(item, found, misses(item, found)) for item in items for found in [understand(item, texts)]]
    for line in report(scored):
        print(line)
    if given.json:
        document = [_result(item, found, wrong) for item, found, wrong in scored]
        given.json.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def report(scored: Sequence[tuple[Item, Understood, Sequence[Miss]]]) -> list[str]:
    """The misses, the categories, and in the last line how many of all are right."""
    lines = [_told(item, miss) for item, _, wrong in scored for miss in wrong]
    categories = sorted({item.category for item, _, _ in scored})
    for category in categories:
        of_it = [not wrong for item, _, wrong in scored if item.category == category]
        lines.append(f"{category or 'without category':<24} {sum(of_it)} right, {len(of_it) - sum(of_it)} wrong")
    lines.append(f"{sum(1 for _, _, wrong in scored if not wrong)} of {len(scored)}")
    return lines


def _told(item: Item, miss: Miss) -> str:
    asked = f" [{item.asked}]" if item.asked else ""
    said = " / ".join(item.texts)
    return f"{item.id}{asked}: {said}: {miss.key} is {miss.understood!r}, not {miss.expected!r}"


def _result(item: Item, found: Understood, wrong: Sequence[Miss]) -> dict[str, object]:
    return {
        "id": item.id,
        "category": item.category,
        "understood": as_written(found),
        "right": not wrong,
        "wrong": [miss.key for miss in wrong],
    }


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.words", description=__doc__)
    parser.add_argument("sets", nargs="*", type=Path, metavar="SET.json")
    parser.add_argument("--json", type=Path, metavar="OUT", help="what was understood of each item")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
