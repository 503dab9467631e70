"""A caller who says nothing is asked whether anybody is there, and after a while let go."""

import math

from media_service.core.speaking.announcement import Say
from media_service.core.turns.silent_caller import SilenceSettings, SilentCaller
from media_service.core.turns.turn_taking import ShouldHangUp, TurnSettings
from media_service.core.vad.audio import BYTES_PER_S
from tests.core.turns.talk import Talk

SETTINGS = SilenceSettings(silence_s=8.0, questions=2)


def test_nobody_is_waited_for_until_it_is_the_callers_turn() -> None:
    silent = SilentCaller(SETTINGS)
    assert silent.deadline() == math.inf
    silent.expect(10.0)
    assert silent.deadline() == 18.0


def test_a_sound_of_either_side_stops_the_clock_until_the_assistant_is_silent_again() -> None:
    silent = SilentCaller(SETTINGS)
    silent.expect(10.0)
    silent.is_active()
    assert silent.deadline() == math.inf
    silent.expect(20.0)
    assert silent.deadline() == 28.0


def test_noise_puts_the_question_off_and_not_for_ever() -> None:
    """Music on hold is nobody."""
    silent = SilentCaller(SETTINGS)
    silent.expect(10.0)
    silent.hears(17.0, is_word=False)
    assert silent.deadline() == 20.0
    for now in range(20, 60):
        silent.hears(float(now), is_word=False)
    assert silent.deadline() == 26.0
    silent.hears(25.0, is_word=True)
    assert not silent.is_waiting


def test_a_key_gives_more_time_but_starts_no_clock() -> None:
    silent = SilentCaller(SETTINGS)
    silent.types(9.0)
    assert silent.deadline() == math.inf, "the assistant speaks"
    silent.expect(10.0)
    silent.types(17.0)
    assert silent.deadline() == 25.0


def test_after_so_many_questions_without_an_answer_comes_a_goodbye() -> None:
    silent = SilentCaller(SETTINGS)
    assert [silent.ask(on_keypad=False) for _ in range(3)] == [Say.STILL_THERE, Say.STILL_THERE, Say.GOODBYE_SILENCE]


def test_noise_does_not_begin_the_count_anew_but_words_do() -> None:
    """A television in the room would keep the line open for ever."""
    silent = SilentCaller(SETTINGS)
    silent.ask(on_keypad=False)
    silent.ask(on_keypad=False)
    silent.is_active()
    assert silent.ask(on_keypad=False) is Say.GOODBYE_SILENCE
    silent.expect(10.0)
    silent.has_spoken()
    assert silent.deadline() == math.inf
    assert silent.ask(on_keypad=False) is Say.STILL_THERE


def test_where_a_number_is_awaited_it_is_asked_for_again() -> None:
    assert SilentCaller(SETTINGS).ask(on_keypad=True) is Say.KEYPAD


# The same in a conversation


def test_a_silent_caller_is_asked_twice_and_then_let_go() -> None:
    talk = Talk()
    talk.do(talk.turns.say(Say.GREETING, 0.0))
    talk.play_out(1.0)
    assert talk.turns.deadline() == 9.0
    now = talk.silence_until_asked(times=2)
    talk.played()

    talk.do(talk.turns.on_timer(now))
    assert talk.announced() == [Say.GOODBYE_SILENCE]
    assert talk.state == "leaving"
    talk.play_out(now + 1.0)
    assert talk.hung_up() == [ShouldHangUp("silence")]


def test_the_clock_of_silence_starts_when_the_assistant_was_heard() -> None:
    talk = Talk(TurnSettings(silence=SilenceSettings(silence_s=5.0)))
    talk.do(talk.turns.say(Say.GREETING, 0.0))
    long = b"\x50" * (20 * BYTES_PER_S)
    talk.caller_said(1.0)
    talk.do(talk.turns.reply_text(1, "ארוך. ", 1.1))
    talk.do(talk.turns.reply_finished(1, False, 1.1))
    talk.do(talk.turns.synthesized(1, long, 1.2))

    assert talk.turns.deadline() > 20.0
    talk.play_out(21.2)
    assert talk.turns.deadline() == 26.2
