"""What the scores come to."""

import pytest

from evals.turns.items import ANSWER, CONTINUE, GO_ON, YIELD
from evals.turns.report import figures, goals, lateness, misses, table
from evals.turns.scoring import Pause, Score


def made(family: str = "plain", expect: str = ANSWER, **rest: object) -> Score:
    return Score("1", family, expect, "שלום", words=2, **rest)  # type: ignore[arg-type]


SCORES = [
    made(decision_s=0.2, reply_s=1.0, requests=1),
    made(decision_s=0.4, reply_s=1.2, requests=2, half=1, misses=["asked for a reply to 'א'"]),
    made("hesitating", pauses=[Pause(0.5, True, False), Pause(0.8, True, True), Pause(0.2, True, True)], requests=3),
    made("yes-but", GO_ON, pauses=[Pause(0.7, True, True)], cut_decided=True, cut_audible=True, requests=1),
    made("interruption", YIELD, yielded=True, yield_s=0.3, requests=1),
    made("interruption", YIELD, yielded=False, requests=1),
    Score("2", "noise", CONTINUE, "", kept=True, gaps_s=[0.4]),
]


def test_pauses_count_from_the_length_of_the_column_and_what_goes_on_after_a_whole_answer_counts_apart() -> None:
    found = figures(SCORES)

    assert (found["pauses_300"], found["decided_300"], found["audible_300"]) == (2, 2, 1)
    assert (found["pauses_600"], found["decided_600"], found["audible_600"]) == (1, 1, 1)
    assert (found["turns_decided"], found["turns_audible"]) == (0, 0)


def test_times_are_those_within_which_half_and_nearly_all_of_the_turns_are() -> None:
    found = figures([made(decision_s=seconds / 10) for seconds in range(1, 21)])

    assert (found["decision_p50_s"], found["decision_p95_s"]) == (1.0, 1.9)


def test_requests_are_of_turns_that_are_to_be_answered() -> None:
    assert figures(SCORES)["requests_per_turn"] == pytest.approx(9 / 6)


def test_there_is_a_line_for_each_family_and_one_for_all() -> None:
    lines = table(SCORES)

    assert [line.split()[0] for line in lines] == [
        "family",
        "hesitating",
        "interruption",
        "noise",
        "plain",
        "yes-but",
        "all",
    ]
    assert "1 of 2" in next(line for line in lines if line.startswith("interruption"))
    assert "2/1 of 2" in next(line for line in lines if line.startswith("hesitating"))


def test_each_goal_is_told_with_what_came_of_it() -> None:
    told = goals(SCORES)

    assert "  NOT  pauses in which the caller heard a reply: 1 of 2, 50.0% (at most 2%)" in told
    assert "  met  of what was no turn, the assistant was heard out: 1 of 1, 100.0% (at least 98%)" in told
    assert "  met  until then, half of them: 0.30 (at most 0.3)" in told
    assert not any("dictating" in line for line in told)


def test_a_machine_that_fell_behind_is_told() -> None:
    assert lateness([made(late_s=0.02)]) == []
    assert lateness([made(late_s=0.02), made(late_s=0.35)]) == [
        "  THIS MACHINE fell behind real time, by up to 0.35 s, in 1 of 2 calls"
    ]


def test_misses_are_told_with_what_was_said() -> None:
    assert misses(SCORES) == ["1 [שלום]: asked for a reply to 'א'"]


def test_of_nothing_there_are_no_times() -> None:
    assert figures([])["decision_p50_s"] is None
    assert table([]) == [table(SCORES)[0]]
