"""Which sound counts as the answer to which utterance."""

from __future__ import annotations

import pytest

from local.twilio.line import Spell
from local.twilio.participant import SpokenTurn
from local.twilio.report import heard_turns


def test_an_answer_is_timed_from_the_callers_last_sound_to_its_own_first() -> None:
    (turn,) = heard_turns([SpokenTurn("a", 2.0, False, 3.0)], [Spell(0.0, 1.5), Spell(3.7, 5.0)], [])
    assert turn.latency_s == pytest.approx(0.7)
    assert turn.silenced_s is None


def test_an_utterance_followed_by_another_one_was_not_answered() -> None:
    spoken = [SpokenTurn("a", 1.0, False, 2.0), SpokenTurn("b", 5.0, False, 6.0)]
    first, second = heard_turns(spoken, [Spell(6.5, 8.0)], [])
    assert first.latency_s is None
    assert second.latency_s == pytest.approx(0.5)


def test_an_answer_that_cuts_in_has_a_negative_latency() -> None:
    (turn,) = heard_turns([SpokenTurn("a", 1.0, False, 3.0)], [Spell(2.5, 4.0)], [])
    assert turn.latency_s == pytest.approx(-0.5)


def test_the_rest_of_an_interrupted_reply_is_no_answer() -> None:
    """The reply pauses and goes on before the service notices the barge-in and clears it."""
    (turn,) = heard_turns([SpokenTurn("a", 2.0, True, 3.0)], [Spell(0.0, 2.1), Spell(2.5, 2.8), Spell(4.0, 5.0)], [2.8])
    assert turn.latency_s == pytest.approx(1.0)
    assert turn.silenced_s == pytest.approx(0.1)


def test_an_utterance_that_was_cut_off_is_left_out() -> None:
    assert heard_turns([SpokenTurn("a", 2.0, False, None)], [Spell(3.0, 4.0)], []) == ()
