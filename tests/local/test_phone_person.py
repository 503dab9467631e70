"""When the caller of a script speaks, waits, talks over the assistant and hangs up."""

from __future__ import annotations

from typing import Any

import pytest

from local.call_script import AwaitHangUp, CallScript, HangUp, Listen, Press, Say, Step, Wait
from local.person import Deed, HungUp, LostPatience, Person, PressedDigit, StartedSpeaking, StoppedSpeaking
from local.twilio.line import Speech
from local.utterance_audio import Utterance, utterance

HALF_A_SECOND = bytes([0x10]) * 4000
NEVER = Speech()


def person(*steps: Step, **options: Any) -> Person:
    script = CallScript(steps, **options)
    utterances: dict[Say, Utterance] = {
        step: utterance(step.text, HALF_A_SECOND) for step in steps if isinstance(step, Say)
    }
    someone = Person(script, steps, utterances)
    someone.connect(0.0)
    return someone


def assistant_speaks(*spells: tuple[float, float]) -> Any:
    """What is heard at a time, for an assistant who speaks from .. to .. seconds."""

    def heard(now: float) -> Speech:
        begun = [spell for spell in spells if spell[0] <= now]
        if not begun:
            return NEVER
        start, end = begun[-1]
        return Speech(start, end if end <= now else None)

    return heard


def run(someone: Person, heard: Any, until_s: float) -> list[tuple[Any, Deed]]:
    """Every deed and its time, one tick every 20 ms. Times compare equal within a tick."""
    return ticks(someone, heard, 0.0, until_s)


def ticks(someone: Person, heard: Any, from_s: float, until_s: float) -> list[tuple[Any, Deed]]:
    times = [number / 50 for number in range(round(from_s * 50), round(until_s * 50))]
    return [(pytest.approx(now, abs=0.021), deed) for now in times for deed in someone.tick(now, heard(now)).deeds]


def test_the_caller_speaks_once_the_assistant_has_been_quiet_for_the_pause() -> None:
    deeds = run(person(Say("a"), pause_s=0.4), assistant_speaks((0.5, 2.0)), 5.0)
    assert deeds == [(2.4, StartedSpeaking("a", barge_in=False)), (2.88, StoppedSpeaking("a"))]


def test_the_next_utterance_waits_for_an_answer_to_the_one_before() -> None:
    deeds = run(person(Say("a"), Say("b")), assistant_speaks((0.0, 1.0), (3.0, 4.0)), 6.0)
    assert [(at, deed) for at, deed in deeds if isinstance(deed, StartedSpeaking)] == [
        (1.4, StartedSpeaking("a", barge_in=False)),
        (4.4, StartedSpeaking("b", barge_in=False)),
    ]


def test_a_barge_in_begins_that_long_after_the_assistant_began() -> None:
    deeds = run(person(Say("a", barge_in_after_s=0.8)), assistant_speaks((1.0, 5.0)), 3.0)
    assert deeds[0] == (1.8, StartedSpeaking("a", barge_in=True))


def test_a_barge_in_on_a_short_reply_becomes_an_ordinary_answer() -> None:
    deeds = run(person(Say("a", barge_in_after_s=0.8)), assistant_speaks((1.0, 1.5)), 3.0)
    assert deeds[0] == (1.9, StartedSpeaking("a", barge_in=False))


def test_a_barge_in_does_not_talk_over_the_reply_that_was_on_when_the_caller_last_spoke() -> None:
    someone = person(Say("a", barge_in_after_s=0.5), Say("b", barge_in_after_s=0.5))
    deeds = run(someone, assistant_speaks((0.0, 3.0), (4.0, 9.0)), 6.0)
    assert [at for at, deed in deeds if isinstance(deed, StartedSpeaking)] == [0.5, 3.4]


def test_frames_are_the_whole_utterance_and_silence_around_it() -> None:
    someone = person(Say("a", at_once=True))
    moments = [someone.tick(n / 50, NEVER) for n in range(40)]
    assert [moment.frame is not None for moment in moments] == [True] * 25 + [False] * 15


def test_nobody_waits_longer_than_their_patience() -> None:
    deeds = run(person(Say("a"), patience_s=3.0), assistant_speaks(), 5.0)
    assert deeds[:2] == [(3.0, LostPatience()), (3.0, StartedSpeaking("a", barge_in=False))]


def test_an_unanswered_utterance_is_repeated_as_often_as_the_script_says() -> None:
    someone = person(Say("a", at_once=True), Say("b"), patience_s=2.0, repeat=1)
    deeds = run(someone, assistant_speaks(), 9.0)
    assert [deed.text for _, deed in deeds if isinstance(deed, StartedSpeaking)] == ["a", "a", "b"]


def test_patience_lasts_while_the_assistant_speaks() -> None:
    deeds = run(person(Say("a"), patience_s=2.0), assistant_speaks((0.0, 10.0)), 10.3)
    assert deeds == []


def test_waiting_and_hanging_up_follow_the_script() -> None:
    deeds = run(person(Say("a", at_once=True), Wait(1.0), HangUp()), assistant_speaks(), 5.0)
    assert deeds[-1] == (1.5, HungUp())


def test_listening_lets_the_assistant_finish_before_the_next_step() -> None:
    deeds = run(person(Listen(), HangUp()), assistant_speaks((1.0, 3.0)), 5.0)
    assert deeds == [(3.42, HungUp())]


def test_a_caller_who_awaits_the_hang_up_gives_up_at_the_limit() -> None:
    assert run(person(AwaitHangUp(2.0)), assistant_speaks(), 5.0) == [(2.0, HungUp())]
    assert run(person(AwaitHangUp()), assistant_speaks(), 5.0) == []


def test_digits_are_pressed_one_after_another() -> None:
    deeds = run(person(Press("12#")), assistant_speaks(), 2.0)
    assert deeds == [(0.0, PressedDigit("1")), (0.2, PressedDigit("2")), (0.4, PressedDigit("#"))]


def test_what_was_cut_off_by_a_lost_line_is_said_again_once_the_assistant_is_back() -> None:
    someone = person(Say("a", at_once=False))
    before = run(someone, assistant_speaks((0.0, 1.0)), 1.5)
    assert before == [(1.4, StartedSpeaking("a", barge_in=False))]

    someone.connect(2.0)
    after = ticks(someone, assistant_speaks((3.0, 4.0)), 2.0, 6.0)
    assert after == [(4.4, StartedSpeaking("a", barge_in=False)), (4.88, StoppedSpeaking("a"))]


def test_what_was_said_in_full_is_not_said_again_on_the_next_leg() -> None:
    someone = person(Say("a", at_once=True))
    run(someone, assistant_speaks(), 1.0)
    someone.connect(2.0)
    assert someone.tick(2.0, NEVER).deeds == ()
