"""The table: what the scores of a family come to, a line each, and all of them together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

from evals.turns.items import GO_ON
from evals.turns.scoring import LONG_SILENCE_S, Score

_COLUMNS: Final[tuple[tuple[str, int], ...]] = (
    ("family", 18), ("turns", 6), ("wanted", 7), ("cut>=0.3", 16), ("cut>=0.6", 16), ("turns cut", 10),
    ("decided", 10), ("heard", 10), ("yielded", 22), ("kept", 11), ("resumed", 9), ("double", 7), ("half", 5),
    ("requests", 9), ("lost", 12), (">3 s", 5),
)  # fmt: skip

_DICTATING: Final = "dictating"
_TOO_LATE_S: Final = 0.1

EXPLAINED: Final = (
    "cut>=0.3, >=0.6: pauses of that length within a turn in which the turn was taken to be over, and (/) in which the "
    "caller heard a reply before its end, of all such pauses; turns cut: the same for turns. decided, heard: seconds "
    "from the end of the turn to the decision and to the first sound of the reply, half and 95 % of turns within. "
    "yielded: of the interruptions, and seconds from the caller's first sound to silence. kept: what was being said "
    "was heard to its end; resumed: how often it was held, and for how long. half: requests without words "
    "that had been said."
)


def table(scores: Sequence[Score]) -> list[str]:
    families = sorted({score.family for score in scores})
    head = "".join(f"{name:<{width}}" for name, width in _COLUMNS)
    lines = [head.rstrip()]
    for family in families:
        lines.append(_line(family, [score for score in scores if score.family == family]))
    if len(families) > 1:
        lines.append(_line("all", scores))
    return lines


def goals(scores: Sequence[Score]) -> list[str]:
    """What is aimed at, and what came of it, a line each. A goal that nothing was played for has no line."""
    f = figures(scores)
    dictated = figures([score for score in scores if score.family == _DICTATING])
    return [
        *_at_most("pauses in which the caller heard a reply", f["audible_300"], f["pauses_300"], 0.02),
        *_at_most("the same while dictating", dictated["audible_300"], dictated["pauses_300"], 0.0),
        *_at_most("pauses in which the turn was taken to be over", f["decided_300"], f["pauses_300"], 0.05),
        *_at_least("interruptions that were yielded to", f["yielded"], f["interruptions"], 0.99),
        *_within("until then, half of them", f["yield_p50_s"], 0.3),
        *_within("until then, 95 % of them", f["yield_p95_s"], 0.45),
        *_at_least("of what was no turn, the assistant was heard out", f["kept"], f["no_turns"], 0.98),
        *_within("requests a turn", f["requests_per_turn"], 1.0),
        *_at_most("requests without words that had been said", f["half"], f["turns"], 0.0),
        *_at_most("turns answered twice", f["doubled"], f["turns"], 0.0),
        *_at_most("words lost", f["words_lost"], f["words"], 0.0),
        *_at_most(f"silences of more than {LONG_SILENCE_S:g} s", f["long_silences"], f["turns"], 0.0),
    ]


def lateness(scores: Sequence[Score]) -> list[str]:
    """Figures of a machine that was busy otherwise are not to be believed, and it has to be told."""
    late_s = max((score.late_s for score in scores), default=0.0)
    if late_s < _TOO_LATE_S:
        return []
    behind = sum(score.late_s >= _TOO_LATE_S for score in scores)
    return [f"  THIS MACHINE fell behind real time, by up to {late_s:.2f} s, in {behind} of {len(scores)} calls"]


def misses(scores: Iterable[Score]) -> list[str]:
    return [f"{score.id} [{score.said}]: {'; '.join(score.misses)}" for score in scores if score.misses]


def figures(scores: Sequence[Score]) -> dict[str, Any]:
    """What a line of the table is made of, for machines."""
    counted = [score for score in scores if score.expect != GO_ON]
    pauses = [pause for score in counted for pause in score.pauses]
    long, longer = ([pause for pause in pauses if pause.length_s >= least - 1e-6] for least in (0.3, 0.6))
    with_pauses = [score for score in counted if any(pause.length_s >= 0.3 - 1e-6 for pause in score.pauses)]
    answered = [score for score in scores if score.words]
    yields = [score for score in scores if score.yielded is not None]
    kept = [score for score in scores if score.kept is not None]
    gaps = [gap for score in scores for gap in score.gaps_s]
    return {
        "turns": len(scores),
        "as_wanted": sum(not score.misses for score in scores),
        "pauses_300": len(long),
        "decided_300": sum(pause.decided for pause in long),
        "audible_300": sum(pause.audible for pause in long),
        "pauses_600": len(longer),
        "decided_600": sum(pause.decided for pause in longer),
        "audible_600": sum(pause.audible for pause in longer),
        "turns_with_pauses": len(with_pauses),
        "turns_decided": sum(score.cut_decided for score in counted),
        "turns_audible": sum(score.cut_audible for score in counted),
        "decision_p50_s": _share(0.5, (score.decision_s for score in scores)),
        "decision_p95_s": _share(0.95, (score.decision_s for score in scores)),
        "reply_p50_s": _share(0.5, (score.reply_s for score in scores)),
        "reply_p95_s": _share(0.95, (score.reply_s for score in scores)),
        "interruptions": len(yields),
        "yielded": sum(bool(score.yielded) for score in yields),
        "yield_p50_s": _share(0.5, (score.yield_s for score in scores)),
        "yield_p95_s": _share(0.95, (score.yield_s for score in scores)),
        "no_turns": len(kept),
        "kept": sum(bool(score.kept) for score in kept),
        "resumed": len(gaps),
        "resumed_p50_s": _share(0.5, gaps),
        "doubled": sum(score.doubled for score in scores),
        "early": sum(score.early for score in scores),
        "half": sum(score.half for score in scores),
        "requests_per_turn": sum(score.requests for score in answered) / sum(score.answers for score in answered)
        if answered
        else None,
        "words": sum(score.words for score in scores),
        "words_lost": sum(len(score.lost) for score in scores),
        "words_invented": sum(len(score.invented) for score in scores),
        "long_silences": sum(score.silence_s > LONG_SILENCE_S for score in scores),
    }


def _line(name: str, scores: Sequence[Score]) -> str:
    f = figures(scores)
    cells = (
        name,
        f["turns"],
        f["as_wanted"],
        _of(f"{f['decided_300']}/{f['audible_300']}", f["pauses_300"]),
        _of(f"{f['decided_600']}/{f['audible_600']}", f["pauses_600"]),
        f"{f['turns_decided']}/{f['turns_audible']}",
        _seconds(f["decision_p50_s"], f["decision_p95_s"]),
        _seconds(f["reply_p50_s"], f["reply_p95_s"]),
        f"{_of(f['yielded'], f['interruptions'])} {_seconds(f['yield_p50_s'], f['yield_p95_s'])}".strip(),
        _of(f["kept"], f["no_turns"]),
        f"{f['resumed']} {_seconds(f['resumed_p50_s'])}".strip() if f["resumed"] else "",
        f["doubled"] or "",
        f["half"] or "",
        "" if f["requests_per_turn"] is None else f"{f['requests_per_turn']:.2f}",
        _of(f["words_lost"], f["words"]),
        f["long_silences"] or "",
    )
    return "".join(f"{cell!s:<{width}}" for cell, (_, width) in zip(cells, _COLUMNS, strict=True)).rstrip()


def _at_most(what: str, part: int, whole: int, share: float) -> list[str]:
    if not whole:
        return []
    wanted = "none" if not share else f"at most {share:.0%}"
    return [_goal(what, f"{part} of {whole}, {part / whole:.1%}", wanted, part <= share * whole)]


def _at_least(what: str, part: int, whole: int, share: float) -> list[str]:
    if not whole:
        return []
    return [_goal(what, f"{part} of {whole}, {part / whole:.1%}", f"at least {share:.0%}", part >= share * whole)]


def _within(what: str, value: float | None, most: float) -> list[str]:
    return [] if value is None else [_goal(what, f"{value:.2f}", f"at most {most:g}", value <= most + 1e-9)]


def _goal(what: str, found: str, wanted: str, is_met: bool) -> str:
    return f"  {'met' if is_met else 'NOT':<4} {what}: {found} ({wanted})"


def _of(part: Any, whole: int) -> str:
    return f"{part} of {whole}" if whole else ""


def _seconds(*values: float | None) -> str:
    return " ".join(f"{value:.2f}" for value in values if value is not None)


def _share(share: float, values: Iterable[float | None]) -> float | None:
    """The smallest value that is not below this share of all; None without any."""
    known = sorted(value for value in values if value is not None)
    return known[max(0, math.ceil(share * len(known)) - 1)] if known else None
