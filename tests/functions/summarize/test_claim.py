from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.summarize.claim import REQUESTS, TRIES, Standing, claimed, released, retry_after_s, standing
from functions.summarize.outcome import Outcome, outcome_of
from tests.functions.summarize.example_calls import BEGAN_AT, demo_call, ended, said


def _outcome(events: int = 10) -> Outcome:
    outcome = outcome_of(demo_call()[10 - events :])
    assert outcome
    return outcome


def _stands(call: dict[str, Any], outcome: Outcome | None = None, age_s: float = 0.0, **how: bool) -> Standing:
    now = BEGAN_AT + timedelta(seconds=age_s)
    return standing(call, outcome or _outcome(), "me", now, 70, **how)


def _claim(outcome: Outcome | None = None, owner: str = "another", at: datetime = BEGAN_AT) -> dict[str, Any]:
    return claimed({}, outcome or _outcome(), owner, at, 70)


def test_the_first_to_come_may_ask_the_model() -> None:
    assert _stands({}) is Standing.FREE


@pytest.mark.parametrize(("age_s", "expected"), [(0, Standing.TAKEN), (69, Standing.TAKEN), (70, Standing.FREE)])
def test_a_claim_ends_with_its_age(age_s: int, expected: Standing) -> None:
    """Whoever made it must have died: its summary is not waited for any longer, nor its request counted."""
    assert _stands(_claim(), age_s=age_s) is expected


def test_who_knows_less_waits_for_who_knows_more() -> None:
    assert _stands(_claim(_outcome(10)), _outcome(9)) is Standing.TAKEN


def test_who_knows_more_leaves_it_to_the_rules_until_nothing_comes_any_more() -> None:
    """The model is not asked for every straggler."""
    assert _stands(_claim(_outcome(9)), _outcome(10)) is Standing.LATER
    answered = {REQUESTS: 1, "model_answer": {"based_on": 9}, "summary_based_on": 9, "summary_status": "done"}
    assert _stands(answered) is Standing.LATER
    assert _stands(answered, settled=True) is Standing.FREE


def test_with_an_event_missing_the_model_is_asked_when_nothing_comes_any_more() -> None:
    partial = outcome_of([said(1, "אני צריכה מזגן"), ended(3)])
    assert partial
    assert _stands({}, partial) is Standing.LATER
    assert _stands({}, partial, settled=True) is Standing.FREE


@pytest.mark.parametrize("call", [{"reconnects": 1}, {"reconnects": 2}])
def test_a_call_that_is_about_to_go_on_is_not_asked_about(call: dict[str, Any]) -> None:
    assert _stands(call) is Standing.LATER
    drained = outcome_of([said(1, "אני צריכה מזגן"), ended(2, "drained")])
    assert _stands({}, drained) is Standing.LATER


def test_two_requests_are_all_that_a_call_gets() -> None:
    asked_twice = {REQUESTS: 2, "model_answer": {"based_on": 9}, "summary_based_on": 9, "summary_status": "done"}
    assert _stands(asked_twice, settled=True) is Standing.SPENT


def test_a_model_that_has_read_everything_is_not_asked_again() -> None:
    """A message that was left is nothing to read."""
    call = {REQUESTS: 1, "model_answer": {"based_on": 10}, "summary_based_on": 10, "summary_status": "done"}
    assert _stands(call | {"recording_url": "https://x"}, settled=True) is Standing.SPENT


@pytest.mark.parametrize("based_on", [10, 11])
def test_a_summary_of_as_many_events_is_not_made_again(based_on: int) -> None:
    assert _stands({"summary_based_on": based_on, "summary_status": "done"}) is Standing.DONE


def test_a_summary_by_rule_for_want_of_a_model_is_made_again_only_by_the_sweep() -> None:
    call = {"summary_based_on": 10, "summary_status": "fallback", TRIES: 1}
    assert _stands(call) is Standing.DONE
    assert _stands(call, settled=True) is Standing.FREE


def test_a_model_that_stays_away_is_asked_ever_more_rarely_and_not_for_ever() -> None:
    call: dict[str, Any] = {}
    pauses = []
    while (pause := retry_after_s(call)) is not None:
        pauses.append(pause)
        call |= claimed(call, _outcome(), "me", BEGAN_AT, 70)
        call |= released(call, "fallback")
        assert call[REQUESTS] == 0
    assert pauses == sorted(pauses)
    assert len(pauses) == 5


@pytest.mark.parametrize("broken", ["yes", {}, {"at": "now", "based_on": 10}, {"at": BEGAN_AT, "based_on": None}])
def test_a_claim_nobody_could_have_made_holds_nobody_up(broken: object) -> None:
    assert _stands({"summary_claim": broken}) is Standing.FREE


def test_a_run_does_not_wait_for_itself() -> None:
    """The answer to its claim was lost, and the write is tried again."""
    assert _stands(_claim(owner="me")) is Standing.OURS
