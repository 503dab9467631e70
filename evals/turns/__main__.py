"""`python -m evals.turns [SET.json ...]`: play the project's own turns, or those given, as whole calls, and score them.

Exits with 1 for a set that cannot be read. What goes wrong in a call is told, and is no failure of the run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

from evals.turns import report, socket_calls
from evals.turns.call import play
from evals.turns.items import BadSet, Turn, own_turns, turns_of
from evals.turns.pictures import write_picture
from evals.turns.recognizer import Lags
from evals.turns.scoring import Score, score
from evals.turns.simulation import Conditions, timer_only
from evals.turns.trace import Trace
from media_service.app import with_second_vote
from media_service.core.call_settings import CallSettings

LAGS: Final = ((0.1, 0.35), (0.3, 0.9), (0.5, 2.0))
"""How far interims are behind the voice and how long after it finals come, where nothing else is asked for."""
_USUAL: Final = (0.3, 0.9)
_IN_REAL_TIME: Final = 3
"""Turns of each family, where nobody asked for more."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One run over the set."""

    name: str
    conditions: Conditions


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    try:
        turns = [turn for path in given.sets for turn in turns_of(path)] if given.sets else own_turns()
    except (BadSet, OSError) as exc:
        print(exc, file=sys.stderr)
        return 1
    with _quiet():
        document = _played_and_told(_chosen(turns, given), given)
    print(f"\n{report.EXPLAINED}")
    if given.json:
        given.json.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


@contextmanager
def _quiet() -> Iterator[None]:
    """What the service logs of a thousand calls is nothing that anybody would read."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _played_and_told(turns: Sequence[Turn], given: argparse.Namespace) -> list[dict[str, object]]:
    document = []
    for row in _rows(given):
        began = time.monotonic()
        scores = _played(turns, row, given)
        print(f"\n{row.name} ({time.monotonic() - began:.0f} s)")
        for line in report.table(scores):
            print(line)
        for line in (*report.goals(scores), *report.lateness(scores)):
            print(line)
        if given.misses:
            for line in report.misses(scores):
                print(line)
        document.append(_written(row, scores))
    return document


def _rows(given: argparse.Namespace) -> Iterator[_Row]:
    settings = with_second_vote(CallSettings())
    lags = [(lag, final) for lag in given.lag for final in given.final] if given.lag and given.final else LAGS
    for interim_s, final_s in lags:
        conditions = Conditions(Lags(interim_s, final_s), settings, given.seed)
        yield _Row(f"interims {interim_s:g} s behind, finals after {final_s:g} s", conditions)
    if given.timer is not None or not (given.no_timer or given.real):
        alone = timer_only(settings, given.timer)
        timeout_s = alone.listening.endpointing.timeout_s
        conditions = Conditions(Lags(*(lags[0] if len(lags) == 1 else _USUAL)), alone, given.seed)
        yield _Row(f"the timer alone, {timeout_s:g} s; interims {conditions.lags.interim_s:g} s behind", conditions)


def _chosen(turns: Sequence[Turn], given: argparse.Namespace) -> list[Turn]:
    limit = given.limit or (_IN_REAL_TIME if given.real and not (given.family or given.only or given.sets) else 0)
    chosen = [
        turn
        for turn in turns
        if (not given.family or turn.family in given.family) and (not given.only or turn.id in given.only)
    ]
    if not limit:
        return chosen
    by_family: dict[str, list[Turn]] = {}
    for turn in chosen:
        by_family.setdefault(turn.family, []).append(turn)
    return [turn for of_family in by_family.values() for turn in of_family[:limit]]


def _played(turns: Sequence[Turn], row: _Row, given: argparse.Namespace) -> list[Score]:
    pictures = _folder(given.pictures, row)
    if given.real:
        traces = asyncio.run(socket_calls.play(turns, row.conditions, given.at_once))
        return [_scored(trace, pictures) for trace in traces]
    one = partial(_play, conditions=row.conditions, pictures=pictures)
    if given.jobs == 1 or len(turns) < 8:
        return [one(turn) for turn in turns]
    with ProcessPoolExecutor(given.jobs, initializer=logging.disable, initargs=(logging.CRITICAL,)) as pool:
        return list(pool.map(one, turns, chunksize=8))


def _play(turn: Turn, conditions: Conditions, pictures: Path | None) -> Score:
    return _scored(play(turn, conditions), pictures)


def _scored(trace: Trace, pictures: Path | None) -> Score:
    scored = score(trace)
    if pictures is not None:
        write_picture(pictures / f"{trace.turn.id}.svg", trace, scored.misses)
    return scored


def _folder(pictures: Path | None, row: _Row) -> Path | None:
    if pictures is None:
        return None
    folder = pictures / row.name.replace(",", "").replace(";", "").replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _written(row: _Row, scores: Sequence[Score]) -> dict[str, object]:
    families = sorted({each.family for each in scores})
    return {
        "run": row.name,
        "all": report.figures(scores),
        "families": {family: report.figures([each for each in scores if each.family == family]) for family in families},
        "turns": [asdict(each) for each in scores],
    }


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.turns", description=__doc__)
    parser.add_argument("sets", nargs="*", type=Path, metavar="SET.json")
    parser.add_argument("--family", action="append", help="only these; may be repeated")
    parser.add_argument("--only", action="append", metavar="ID", help="only these turns; may be repeated")
    parser.add_argument("--limit", type=int, default=0, help="so many turns of each family")
    parser.add_argument("--lag", type=float, nargs="+", help="seconds that interims are behind the voice")
    parser.add_argument("--final", type=float, nargs="+", help="seconds from the voice to the final")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timer", type=float, help="seconds of silence for the row of the timer alone")
    parser.add_argument("--no-timer", action="store_true", help="without that row")
    parser.add_argument("--no-misses", dest="misses", action="store_false", help="the tables alone")
    parser.add_argument("--real", action="store_true", help="in real time, through the media service's socket")
    parser.add_argument("--at-once", type=int, default=10, help="calls at a time, in real time")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, metavar="OUT", help="figures, and what came of each turn")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="an SVG of each call")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
