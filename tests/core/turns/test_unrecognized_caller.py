"""What a caller hears who speaks and is not understood: that somebody is there, and how to leave a number."""

from __future__ import annotations

import math

import pytest

from media_service.core.actions import ClearPlayback, PlayAudio, SendMark, StartReply
from media_service.core.conversation import Conversation
from media_service.core.speaking.announcement import Announcement, Say
from media_service.core.turns.turn_states import State
from media_service.core.turns.turn_taking import ShouldHangUp, TurnSettings, TurnTaking
from media_service.core.turns.unrecognized_caller import UnrecognizedSettings
from media_service.core.turns.utterance import Utterance
from media_service.core.vad.audio import BYTES_PER_S

PROMPTS = {say: Announcement(f"<{say.value}>", bytes([0x10 + number]) * BYTES_PER_S) for number, say in enumerate(Say)}
SETTINGS = TurnSettings()
PATIENCE_S = SETTINGS.unrecognized.patience_s


class Talk:
    """Turn taking, and a phone that plays a second for each prompt."""

    def __init__(self, settings: TurnSettings = SETTINGS) -> None:
        self.turns = TurnTaking(settings, PROMPTS, 0.0)
        self.step: list[object] = []
        self._marks: list[str] = []

    def do(self, step: object) -> list[Say]:
        """The prompts that begin with this step."""
        assert isinstance(step, list | tuple)
        self.step = list(step)
        self._marks += [item.name for item in step if isinstance(item, SendMark)]
        audio = [item.audio for item in step if isinstance(item, PlayAudio)]
        return [say for each in audio for say, prompt in PROMPTS.items() if prompt.audio == each]

    def hear_out(self, now: float) -> None:
        while self._marks:
            self.do(self.turns.mark_reached(self._marks.pop(0), now))


def test_speech_that_cannot_be_recognised_is_answered_by_asking_for_a_number() -> None:
    talk = Talk()
    assert not talk.turns.awaits_keypad
    assert talk.do(talk.turns.caller_unrecognized(1.0)) == [Say.KEYPAD]
    assert talk.turns.awaits_keypad


def test_it_is_asked_for_once_while_it_is_being_asked_for() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_unrecognized(1.0))
    assert talk.do(talk.turns.caller_unrecognized(1.5)) == []
    talk.hear_out(2.0)
    assert talk.do(talk.turns.caller_unrecognized(5.0)) == [Say.KEYPAD]


def test_a_caller_who_never_types_is_let_go_after_a_few_times() -> None:
    talk = Talk()
    asked = []
    for number in range(SETTINGS.unrecognized.keypad_questions + 1):
        asked += talk.do(talk.turns.caller_unrecognized(10.0 * number))
        talk.hear_out(10.0 * number + 1.0)
    assert asked == [*[Say.KEYPAD] * SETTINGS.unrecognized.keypad_questions, Say.GOODBYE_UNRECOGNIZED]
    assert talk.step[-1] == ShouldHangUp("error")


def test_noise_does_not_interrupt_a_goodbye_to_a_caller_who_is_not_understood() -> None:
    talk = Talk(TurnSettings(unrecognized=UnrecognizedSettings(keypad_questions=0)))
    talk.do(talk.turns.caller_unrecognized(1.0))
    assert talk.do(talk.turns.caller_is_speaking(5.0, False, 1.5)) == []
    assert talk.step == []
    talk.do(talk.turns.caller_is_speaking(5.0, True, 1.6))
    assert talk.turns.state is State.LISTENING


def test_a_reply_being_made_is_answer_enough() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_finished(Utterance("caller", 0.0, 0.5, closed_at=1.0), Conversation(()), 1.0))
    assert talk.do(talk.turns.caller_unrecognized(1.1)) == []
    assert not talk.turns.awaits_keypad


def test_being_understood_again_takes_the_keypad_back() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_unrecognized(1.0))
    talk.hear_out(2.0)
    talk.do(talk.turns.caller_finished(Utterance("caller", 3.0, 3.5, closed_at=4.0), Conversation(()), 4.0))
    assert isinstance(talk.step[-1], StartReply)
    assert not talk.turns.awaits_keypad


def test_the_first_key_silences_the_question_and_keeps_the_caller_from_being_hurried() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_unrecognized(1.0))
    talk.do(talk.turns.caller_types(1.5))
    assert ClearPlayback() in talk.step
    assert talk.turns.deadline() == 1.5 + SETTINGS.silence.silence_s
    talk.do(talk.turns.caller_types(9.0))
    assert talk.turns.deadline() == 9.0 + SETTINGS.silence.silence_s


def test_keys_interrupt_nothing_that_did_not_ask_for_them() -> None:
    talk = Talk()
    talk.do(talk.turns.say(Say.GREETING, 0.0))
    assert talk.do(talk.turns.caller_types(0.5)) == []
    assert talk.turns.state is State.SPEAKING


def test_a_whole_number_ends_the_call_and_half_a_one_is_asked_for_again() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_unrecognized(1.0))
    talk.do(talk.turns.caller_types(1.5))
    assert talk.do(talk.turns.number_typed(False, 2.0)) == [Say.KEYPAD]
    talk.hear_out(3.0)
    assert talk.do(talk.turns.number_typed(True, 4.0)) == [Say.GOODBYE_KEYPAD]
    talk.hear_out(5.0)
    assert talk.step[-1] == ShouldHangUp("assistant_goodbye")


def test_a_number_typed_into_the_goodbye_of_a_call_that_is_too_long_does_not_hold_it_up() -> None:
    talk = Talk(TurnSettings(max_call_s=10.0))
    talk.do(talk.turns.caller_unrecognized(1.0))
    talk.hear_out(2.0)
    assert talk.do(talk.turns.on_timer(False, 10.0))[-1:] == [Say.GOODBYE_TIME]
    assert talk.do(talk.turns.number_typed(True, 10.5)) == []
    talk.hear_out(11.0)
    assert talk.step[-1] == ShouldHangUp("max_duration")


def test_silence_after_the_question_repeats_it() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_unrecognized(1.0))
    talk.hear_out(2.0)
    assert talk.do(talk.turns.on_timer(False, 2.0 + SETTINGS.silence.silence_s)) == [Say.KEYPAD]


def test_a_caller_who_waits_hears_the_opener_and_then_the_question() -> None:
    talk = Talk()
    since = 10.0
    assert talk.turns.patience_ends(since) == since + PATIENCE_S
    assert talk.do(talk.turns.bridge(since, since + PATIENCE_S - 0.01)) == []
    assert talk.do(talk.turns.bridge(since, since + PATIENCE_S)) == [Say.FILLER]
    assert talk.turns.patience_ends(since) == math.inf
    talk.hear_out(14.0)
    assert talk.turns.patience_ends(since) == pytest.approx(14.0 + PATIENCE_S)
    assert talk.do(talk.turns.bridge(since, 14.0 + PATIENCE_S)) == [Say.KEYPAD]
    talk.hear_out(20.0)
    assert talk.turns.patience_ends(since) == math.inf
    assert talk.turns.patience_ends(21.0) == 21.0 + PATIENCE_S


def test_patience_begins_when_the_assistant_falls_silent() -> None:
    """The caller may have spoken over the end of the greeting, too shortly to stop it."""
    talk = Talk()
    talk.do(talk.turns.say(Say.GREETING, 0.0))
    assert talk.turns.patience_ends(0.5) == math.inf
    talk.hear_out(7.0)
    assert talk.turns.patience_ends(0.5) == 7.0 + PATIENCE_S
