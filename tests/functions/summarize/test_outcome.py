import random
from dataclasses import replace

from calls.events import FieldValue, OtherEvent
from functions.summarize.outcome import outcome_of
from tests.functions.summarize.example_calls import BEGAN_AT, CALL_SID, demo_call, ended, said


def test_a_call_of_which_no_leg_has_ended_has_no_outcome() -> None:
    assert outcome_of([said(1, "שלום")]) is None


def test_order_and_repeats_do_not_matter() -> None:
    shuffled = demo_call() * 3
    random.Random(7).shuffle(shuffled)
    assert outcome_of(shuffled) == outcome_of(demo_call())


def test_a_call_is_complete_when_every_number_up_to_its_end_is_there() -> None:
    events = demo_call()
    whole = outcome_of(events)
    assert whole and whole.is_complete
    for missing in range(len(events) - 1):
        partial = outcome_of(events[:missing] + events[missing + 1 :])
        assert partial and not partial.is_complete


def test_an_event_of_a_type_not_known_yet_is_not_missing() -> None:
    """The service may be released before this function: its transcripts are no less complete for that."""
    *words, ending = demo_call()
    other = OtherEvent(CALL_SID, 1, 10, "call.transferred", {})
    without = outcome_of([*words, replace(ending, seq=11)])
    with_it = outcome_of([*words, other, replace(ending, seq=11)])
    assert without and not without.is_complete
    assert with_it and with_it.is_complete
    assert with_it.events_count == without.events_count + 1


def test_a_later_leg_of_which_only_something_unknown_is_known_goes_on() -> None:
    outcome = outcome_of([ended(1, "drained"), OtherEvent(CALL_SID, 2, 1, "call.resumed", {})])
    assert outcome and outcome.goes_on


def test_a_call_in_which_nobody_said_anything_is_complete() -> None:
    outcome = outcome_of([ended(1)])
    assert outcome and outcome.is_complete


def test_a_leg_lost_below_a_later_one_counts_up_to_what_arrived() -> None:
    """Its instance died: nothing more will come of it."""
    outcome = outcome_of([said(1, "שלום"), said(2, "רגע"), said(1, "הלו", leg=2), ended(2, leg=2)])
    assert outcome and outcome.is_complete


def test_a_gap_in_a_lost_leg_is_still_a_gap() -> None:
    outcome = outcome_of([said(1, "שלום"), said(3, "רגע"), ended(1, leg=2)])
    assert outcome and not outcome.is_complete


def test_a_call_goes_on_while_a_later_leg_speaks() -> None:
    outcome = outcome_of([said(1, "שלום"), ended(2, "drained"), said(1, "הלו", leg=2)])
    assert outcome and outcome.goes_on
    assert not outcome.is_complete


def test_the_last_leg_s_end_is_the_call_s_end() -> None:
    outcome = outcome_of([ended(1, "caller_hangup", leg=2), ended(1, "drained")])
    assert outcome and outcome.last_ending.reason == "caller_hangup"
    assert outcome.duration_s == 40.0


def test_a_later_leg_knows_better_unless_it_knows_nothing() -> None:
    first = {"name": FieldValue("דנה", 1), "need": FieldValue("מזגן", 2)}
    second = {"name": FieldValue("דנה לוי", 1), "need": FieldValue("", 1)}
    outcome = outcome_of([ended(2, "drained", fields=first), ended(1, leg=2, fields=second)])
    assert outcome and outcome.told_to_service == {
        "name": FieldValue("דנה לוי", 1),
        "need": FieldValue("מזגן", 2),
    }


def test_a_call_began_when_the_first_thing_known_of_it_did() -> None:
    outcome = outcome_of(demo_call())
    assert outcome and outcome.first_at < said(1, "").started_at
    assert (BEGAN_AT - outcome.first_at).total_seconds() < 20
