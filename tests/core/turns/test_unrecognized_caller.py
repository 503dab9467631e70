"""What a caller hears who speaks and is not understood: that somebody is there, and how to leave a number."""

from __future__ import annotations

import math

import pytest

from media_service.core.actions import ClearPlayback, StartReply
from media_service.core.speaking.announcement import Say
from media_service.core.turns.leaving import LeavingSettings
from media_service.core.turns.turn_taking import ShouldHangUp, TurnSettings
from media_service.core.turns.unrecognized_caller import UnrecognizedCaller, UnrecognizedSettings
from tests.core.turns.talk import NOBODY, VOICE, WORDS, Talk

SETTINGS = TurnSettings()
PATIENCE_S = SETTINGS.unrecognized.patience_s


def caller() -> UnrecognizedCaller:
    """The assistant has been quiet since 10."""
    return UnrecognizedCaller(UnrecognizedSettings(patience_s=2.0, keypad_questions=2), 10.0)


def test_a_number_is_asked_for_a_few_times_in_a_row_and_then_comes_a_goodbye() -> None:
    unrecognized = caller()
    assert not unrecognized.awaits_keypad
    assert [unrecognized.ask() for _ in range(3)] == [Say.KEYPAD, Say.KEYPAD, Say.GOODBYE_UNRECOGNIZED]
    assert unrecognized.awaits_keypad
    unrecognized.is_understood()
    assert not unrecognized.awaits_keypad
    assert unrecognized.ask() is Say.KEYPAD, "from the beginning"


def test_the_question_is_being_said_until_the_assistant_is_quiet() -> None:
    unrecognized = caller()
    unrecognized.ask()
    assert unrecognized.is_asking
    unrecognized.assistant_is_quiet(12.0)
    assert not unrecognized.is_asking
    assert unrecognized.awaits_keypad, "the number may still come"


def test_patience_counts_from_when_both_are_silent() -> None:
    unrecognized = caller()
    assert unrecognized.patience_ends(11.0) == 13.0
    assert unrecognized.patience_ends(9.0) == 12.0, "the assistant was still to be heard"


def test_one_wait_is_filled_once_then_given_up_and_not_counted_any_more() -> None:
    unrecognized = caller()
    assert unrecognized.fill(11.0)
    assert unrecognized.patience_ends(11.0) == 13.0
    assert not unrecognized.fill(11.0)
    assert unrecognized.patience_ends(11.0) == math.inf
    assert unrecognized.patience_ends(20.0) == 22.0
    assert unrecognized.fill(20.0), "another wait"


# The same in a conversation


def announced(talk: Talk, step: object) -> list[Say]:
    talk.played()
    talk.do(step)
    return talk.announced()


def test_speech_that_cannot_be_recognized_is_answered_by_asking_for_a_number() -> None:
    talk = Talk()
    assert not talk.turns.awaits_keypad
    assert announced(talk, talk.turns.caller_unrecognized(1.0)) == [Say.KEYPAD]
    assert talk.turns.awaits_keypad


def test_it_is_asked_for_once_while_it_is_being_asked_for() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_unrecognized(1.0))
    assert announced(talk, talk.turns.caller_unrecognized(1.5)) == []
    talk.play_out(2.0)
    assert announced(talk, talk.turns.caller_unrecognized(5.0)) == [Say.KEYPAD]


def test_a_caller_who_never_types_is_let_go_after_a_few_times() -> None:
    talk = Talk()
    asked: list[Say] = []
    for number in range(SETTINGS.unrecognized.keypad_questions + 1):
        asked += announced(talk, talk.turns.caller_unrecognized(10.0 * number))
        talk.play_out(10.0 * number + 1.0)
    assert asked == [*[Say.KEYPAD] * SETTINGS.unrecognized.keypad_questions, Say.GOODBYE_UNRECOGNIZED]
    assert talk.hung_up() == [ShouldHangUp("error")]


def test_noise_does_not_interrupt_a_goodbye_to_a_caller_who_is_not_understood() -> None:
    talk = Talk(TurnSettings(unrecognized=UnrecognizedSettings(keypad_questions=0)))
    talk.do(talk.turns.caller_unrecognized(1.0))
    assert talk.do(talk.turns.caller_is_speaking(VOICE, 1.5)) == []
    talk.do(talk.turns.caller_is_speaking(WORDS, 1.6))
    assert talk.state == "listening"


def test_a_reply_being_made_is_answer_enough() -> None:
    talk = Talk()
    talk.caller_said(1.0)
    assert announced(talk, talk.turns.caller_unrecognized(1.1)) == []
    assert not talk.turns.awaits_keypad


def test_being_understood_again_takes_the_keypad_back() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_unrecognized(1.0))
    talk.play_out(2.0)
    assert talk.caller_said(4.0) == [StartReply(1, NOBODY)]
    assert not talk.turns.awaits_keypad


def test_the_first_key_silences_the_question_and_keeps_the_caller_from_being_hurried() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_unrecognized(1.0))
    assert ClearPlayback() in talk.do(talk.turns.caller_types(1.5))
    assert talk.turns.deadline() == 1.5 + SETTINGS.silence.silence_s
    talk.do(talk.turns.caller_types(9.0))
    assert talk.turns.deadline() == 9.0 + SETTINGS.silence.silence_s


def test_keys_interrupt_nothing_that_did_not_ask_for_them() -> None:
    talk = Talk()
    talk.do(talk.turns.say(Say.GREETING, 0.0))
    assert announced(talk, talk.turns.caller_types(0.5)) == []
    assert talk.state == "speaking"


def test_a_whole_number_ends_the_call_and_half_a_one_is_asked_for_again() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_unrecognized(1.0))
    talk.do(talk.turns.caller_types(1.5))
    assert announced(talk, talk.turns.number_typed(False, 2.0)) == [Say.KEYPAD]
    talk.play_out(3.0)
    assert announced(talk, talk.turns.number_typed(True, 4.0)) == [Say.GOODBYE_KEYPAD]
    talk.play_out(5.0)
    assert talk.hung_up() == [ShouldHangUp("assistant_goodbye")]


def test_a_number_typed_into_the_goodbye_of_a_call_that_is_too_long_does_not_hold_it_up() -> None:
    talk = Talk(TurnSettings(leaving=LeavingSettings(max_call_s=10.0, warn_before_s=0.0)))
    talk.do(talk.turns.caller_unrecognized(1.0))
    talk.play_out(2.0)
    assert announced(talk, talk.turns.on_timer(10.0)) == [Say.GOODBYE_TIME]
    assert announced(talk, talk.turns.number_typed(True, 10.5)) == []
    assert talk.play_out(11.0)[-1] == ShouldHangUp("max_duration")


def test_silence_after_the_question_repeats_it() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_unrecognized(1.0))
    talk.play_out(2.0)
    assert announced(talk, talk.turns.on_timer(2.0 + SETTINGS.silence.silence_s)) == [Say.KEYPAD]


def test_a_caller_who_waits_hears_the_opener_and_then_the_question() -> None:
    talk = Talk()
    since = 10.0
    assert talk.turns.patience_ends(since) == since + PATIENCE_S
    assert announced(talk, talk.turns.bridge(since, since + PATIENCE_S - 0.01)) == []
    assert announced(talk, talk.turns.bridge(since, since + PATIENCE_S)) == [Say.FILLER]
    assert talk.turns.patience_ends(since) == math.inf
    talk.play_out(14.0)
    assert talk.turns.patience_ends(since) == pytest.approx(14.0 + PATIENCE_S)
    assert announced(talk, talk.turns.bridge(since, 14.0 + PATIENCE_S)) == [Say.KEYPAD]
    talk.play_out(20.0)
    assert talk.turns.patience_ends(since) == math.inf
    assert talk.turns.patience_ends(21.0) == 21.0 + PATIENCE_S


def test_patience_begins_when_the_assistant_falls_silent() -> None:
    """The caller may have spoken over the end of the greeting, too shortly to stop it."""
    talk = Talk()
    talk.do(talk.turns.say(Say.GREETING, 0.0))
    assert talk.turns.patience_ends(0.5) == math.inf
    talk.play_out(7.0)
    assert talk.turns.patience_ends(0.5) == 7.0 + PATIENCE_S
