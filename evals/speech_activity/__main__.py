"""Print how the detectors compare, as the tables of the decision."""

from __future__ import annotations

import sys

from evals.speech_activity import cost, report
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
    for title, take in (("Tuned on", TUNED_ON), ("Held back", HELD_BACK)):
        labelled = tracks(take)
        scores = [[score(track, answers(each.start(), track.audio)) for track in labelled] for each in compared]
        print(f"## {title}\n\n{report.summary(names, scores)}")
        print(report.by_condition(names, [track.condition for track in labelled], scores))
    timed = next(track for track in labelled if "comfort noise" in track.condition)
    print(f"## Cost\n\n{report.costs(names, [cost.of(each, timed) for each in compared])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
