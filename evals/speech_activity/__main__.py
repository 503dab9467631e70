"""Print how the detectors compare, as the tables of the decision."""

from __future__ import annotations

import sys

from evals.speech_activity import confirmation, cost, report
from evals.speech_activity.detectors import candidates
from evals.speech_activity.labelled import HELD_BACK, TUNED_ON, tracks
from evals.speech_activity.measure import answers, score


def main() -> int:
    try:
        compared = candidates()
    except ModuleNotFoundError as missing:
        print(missing, file=sys.stderr)
        return 1
    names = [each.name for each in compared]
    rules = confirmation.rules(compared)
    timed = next(track for track in tracks(HELD_BACK) if "comfort noise" in track.condition)
    costs = [confirmation.frame_us(rule, timed.audio) for rule in rules]
    for title, take in (("Tuned on", TUNED_ON), ("Held back", HELD_BACK)):
        labelled = tracks(take)
        scores = [[score(track, answers(each.start(), track.audio)) for track in labelled] for each in compared]
        print(f"## {title}\n\n{report.summary(names, scores)}")
        voices = [confirmation.confirmed(labelled, rule) for rule in rules]
        print(report.confirmations(rules, voices, costs))
        print(report.by_condition(names, [track.condition for track in labelled], scores))
    print(f"## Cost\n\n{report.costs(names, [cost.of(each, timed) for each in compared])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
