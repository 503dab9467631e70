"""The tables, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evals.speech_activity.confirmation import Confirmed, Rule
from evals.speech_activity.cost import Cost
from evals.speech_activity.measure import Score, total

Scores = Sequence[Sequence[Score]]
"""For each detector, for each track."""


def summary(names: Sequence[str], scores: Scores) -> str:
    columns: list[tuple[str, Callable[[Score], str]]] = [
        ("speech frames missed", lambda score: _percent(score.miss_rate)),
        ("false frames", lambda score: _percent(score.false_alarm_rate)),
        ("begun within 100 ms", lambda score: f"{score.found_in_time} of {score.utterances}"),
        ("never begun", lambda score: str(score.lost)),
        ("false utterances a minute", lambda score: f"{score.false_utterances_per_minute:.1f}"),
        ("of these long enough to interrupt", lambda score: f"{score.false_interruptions_per_minute:.1f}"),
        ("voiced after the end, 95th", lambda score: f"{score.trail_p95_s * 1000:.0f} ms"),
    ]
    rows = [[name, *(show(total(row)) for _, show in columns)] for name, row in zip(names, scores, strict=True)]
    return _table(["detector", *(title for title, _ in columns)], rows)


def by_condition(names: Sequence[str], conditions: Sequence[str], scores: Scores) -> str:
    """With speech: missed / false frames, utterances begun late or never. Without: false frames and utterances."""
    rows = [[condition, *(_cell(row[at]) for row in scores)] for at, condition in enumerate(conditions)]
    return _table(["condition", *names], rows)


def costs(names: Sequence[str], measured: Sequence[Cost]) -> str:
    rows = [
        [name, f"{each.speech_us:.0f}", f"{each.quiet_us:.0f}", f"{each.frame_us / 200:.2f} %", f"{each.import_ms:.0f}",
         f"{each.memory_mb:.1f}", f"{each.installed_mb:.1f}"]
        for name, each in zip(names, measured, strict=True)
    ]  # fmt: skip
    titles = [
        "detector",
        "us a frame of speech",
        "us a quiet frame",
        "of a core per call",
        "load, ms",
        "memory, MB",
        "installed, MB",
    ]
    return _table(titles, rows)


def confirmations(rules: Sequence[Rule], scores: Sequence[Confirmed], frames_us: Sequence[float]) -> str:
    rows = [
        [rule.name, f"{_milliseconds(each, 50)}", f"{_milliseconds(each, 95)}", f"{each.within(0.25) * 100:.0f} %",
         str(each.never), f"{each.false} in {each.minutes_without_speech:.0f} min", f"{taken_us / 200:.2f} %"]
        for rule, each, taken_us in zip(rules, scores, frames_us, strict=True)
    ]  # fmt: skip
    titles = ["rule", "median", "95th", "within 250 ms", "never", "without any voice", "of a core per call"]
    return _table(titles, rows)


def _milliseconds(score: Confirmed, percentile: int) -> str:
    return f"{np.percentile(score.delays_s, percentile) * 1000:.0f} ms"


def _cell(score: Score) -> str:
    if not score.utterances:
        return f"{_percent(score.false_alarm_rate)}, {score.false_utterances_per_minute:.0f}/min"
    late = score.utterances - score.found_in_time - score.lost
    troubles = [f"{late} late"] * bool(late) + [f"{score.lost} lost"] * bool(score.lost)
    return ", ".join([f"{_percent(score.miss_rate)} / {_percent(score.false_alarm_rate)}", *troubles])


def _percent(rate: float) -> str:
    return f"{rate * 100:.1f} %"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [list(titles), ["---"] * len(titles), *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
