"""Whose turn it is: every way from one state to another, and the drawing of them."""

import itertools
import re

import pytest

from media_service.core.turns.turn_states import NEXT, State, Trigger, after, diagram
from media_service.errors import InvalidTransition

LISTENING, THINKING, SPEAKING = State.LISTENING, State.THINKING, State.SPEAKING
LEAVING, CUT_OFF, ENDED = State.LEAVING, State.CUT_OFF, State.ENDED
WAYS = {
    Trigger.ANNOUNCED: {LISTENING: SPEAKING, THINKING: THINKING, SPEAKING: SPEAKING, LEAVING: LEAVING},
    Trigger.GOODBYE: dict.fromkeys((LISTENING, THINKING, SPEAKING, LEAVING), LEAVING),
    Trigger.TIME_UP: dict.fromkeys((LISTENING, THINKING, SPEAKING), CUT_OFF),
    Trigger.UTTERANCE: dict.fromkeys((LISTENING, THINKING, SPEAKING, LEAVING), THINKING),
    Trigger.REPLY_AUDIBLE: {THINKING: SPEAKING, SPEAKING: SPEAKING, LEAVING: LEAVING},
    Trigger.REPLY_FAILED: {THINKING: SPEAKING, SPEAKING: SPEAKING},
    Trigger.INTERRUPTED: {SPEAKING: LISTENING, LEAVING: LISTENING},
    Trigger.PLAYED: {SPEAKING: LISTENING},
    Trigger.CALL_ENDED: dict.fromkeys(State, ENDED),
}


@pytest.mark.parametrize(("state", "trigger"), [*itertools.product(State, Trigger)], ids=lambda each: each.name)
def test_there_is_one_way_or_none(state: State, trigger: Trigger) -> None:
    target = WAYS[trigger].get(state)
    if target is None:
        with pytest.raises(InvalidTransition, match=f"{state.value}: {trigger.value}"):
            after(state, trigger)
    else:
        assert after(state, trigger) is target


def test_a_call_that_is_cut_off_can_only_end() -> None:
    """Whatever the caller says to the goodbye of a call that has become too long."""
    assert [trigger for state, trigger in NEXT if state is CUT_OFF] == [Trigger.CALL_ENDED]


def test_every_state_can_be_reached() -> None:
    reached = {LISTENING}
    for _ in State:
        reached |= {target for (state, _), target in NEXT.items() if state in reached}
    assert reached == set(State)


def test_the_drawing_has_every_way_of_the_table_once() -> None:
    """What can end a call in any state is left out, and two ways in which it does are drawn for all."""
    head, *lines = diagram().splitlines()
    assert head == "stateDiagram-v2"
    drawn = []
    for line in lines:
        if way := re.fullmatch(r"    (\w+) --> (\w+): (.+)", line):
            drawn += [(way[1], trigger, way[2]) for trigger in way[3].split(", ")]
    table = [
        (state.name, trigger.value, target.name)
        for (state, trigger), target in NEXT.items()
        if trigger is not Trigger.CALL_ENDED
    ]
    ends = [("LEAVING", "played", "ENDED"), ("CUT_OFF", "played", "ENDED")]
    assert sorted(drawn) == sorted([*table, *ends])
    assert {line.strip() for line in lines if ":" not in line} == {"[*] --> LISTENING", "ENDED --> [*]"}
