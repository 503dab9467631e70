"""The end of a call from our side."""

import math

from media_service.core.turns.leaving import Leaving, LeavingSettings

SETTINGS = LeavingSettings(max_call_s=600.0)


def test_the_line_stays_open_for_a_moment_after_the_goodbye() -> None:
    leaving = Leaving(SETTINGS, 0.0)
    leaving.goodbye_heard(50.0)
    assert leaving.is_bidden
    assert leaving.deadline() == 51.0
    leaving.caller_stirs(50.9)
    assert leaving.deadline() == 51.9
    leaving.stays()
    assert not leaving.is_bidden
    assert leaving.deadline() == 540.0


def test_a_long_call_is_warned_before_it_is_cut() -> None:
    leaving = Leaving(SETTINGS, 0.0)
    assert leaving.deadline() == 540.0
    leaving.warned()
    assert leaving.deadline() == 600.0


def test_a_caller_who_speaks_at_the_end_may_finish_the_sentence_and_no_more() -> None:
    leaving = Leaving(SETTINGS, 0.0)
    leaving.warned()
    now = 600.0
    while leaving.may_finish(now):
        assert leaving.deadline() > now
        now = leaving.deadline()
    assert now == 610.0


def test_nothing_is_due_once_it_is_over() -> None:
    leaving = Leaving(SETTINGS, 0.0)
    leaving.over()
    assert leaving.deadline() == math.inf
