"""When the assistant speaks, and when it stops."""

import math

import pytest

from media_service.core.actions import CancelReply, ClearPlayback, ReportBargeIn, ReportTurn, StartReply, Synthesize
from media_service.core.speaking.announcement import Say
from media_service.core.turns.interruption import CallerSound
from media_service.core.turns.leaving import LeavingSettings
from media_service.core.turns.turn_taking import AssistantSaid, ShouldHangUp, TurnSettings
from media_service.core.turns.unrecognized_caller import UnrecognizedSettings
from tests.core.turns.talk import ANNOUNCEMENTS, BREATH, CLIP, NOBODY, VOICE, WORDS, Talk, said
from understanding.overlap import Overlap

TIRED = TurnSettings(unrecognized=UnrecognizedSettings(keypad_questions=0))
"""Says goodbye the first time it does not understand."""


def test_an_answer_is_played_sentence_by_sentence_and_told_as_one_turn() -> None:
    talk = Talk()
    assert talk.caller_said(1.0) == [StartReply(1, NOBODY)]
    assert talk.state == "thinking"

    assert talk.do(talk.turns.reply_text(1, "נעים מאוד. איך", 1.25)) == [Synthesize(1, "נעים מאוד.")]
    (report,) = talk.do(talk.turns.synthesized(1, CLIP, 1.5))
    assert report == ReportTurn(None, 0.25, 0.25, 0.75)
    talk.do(talk.turns.reply_text(1, " קוראים לכם?", 1.6))
    talk.do(talk.turns.reply_finished(1, False, 1.6))
    talk.do(talk.turns.synthesized(2, CLIP, 1.7))

    assert said(talk.play_out(3.5)) == ["נעים מאוד. איך קוראים לכם?"]
    assert talk.state == "listening"


def test_speaking_over_the_assistant_silences_it_and_words_drop_the_rest() -> None:
    talk = Talk()
    talk.caller_said(1.0)
    talk.answer("אחת שתיים שלוש ארבע", 1.5)

    assert talk.do(talk.turns.caller_is_speaking(BREATH, 1.9)) == [], "a breath does not"
    assert talk.do(talk.turns.caller_is_speaking(VOICE, 2.0)) == [ClearPlayback()], "a voice does, for the time being"
    assert talk.state == "speaking"
    did = talk.do(talk.turns.caller_is_speaking(WORDS, 2.3))

    assert [type(item) for item in did] == [CancelReply, AssistantSaid, ReportBargeIn]
    assert said(did) == ["אחת שתיים"]
    assert talk.state == "listening"


def test_a_word_of_command_stops_it_at_once() -> None:
    talk = Talk()
    talk.do(talk.turns.say(Say.GREETING, 0.0))
    wait = CallerSound(0.1, 0.0, Overlap.STOP, 1, is_new=True)

    assert ReportBargeIn() in talk.do(talk.turns.caller_is_speaking(wait, 0.5))


def test_after_an_acknowledgement_it_goes_on_and_all_of_it_is_heard() -> None:
    talk = Talk()
    talk.caller_said(1.0)
    talk.answer("אחת שתיים שלוש ארבע", 1.5)
    talk.do(talk.turns.caller_is_speaking(VOICE, 2.0))
    talk.marks.clear()
    talk.played()

    uh_huh = CallerSound(0.5, 0.3, Overlap.BACK_CHANNEL, 1, is_new=True)
    talk.do(talk.turns.caller_is_speaking(uh_huh, 2.5))
    assert talk.played() == CLIP[:1]
    talk.do(talk.turns.caller_acknowledged(2.8))
    assert said(talk.play_out(3.6)) == ["אחת שתיים שלוש ארבע"]
    assert talk.state == "listening"


def test_a_voice_without_words_holds_it_no_longer_than_a_moment() -> None:
    talk = Talk()
    talk.caller_said(1.0)
    talk.answer("אחת שתיים שלוש ארבע", 1.5)
    talk.do(talk.turns.caller_is_speaking(VOICE, 2.0))
    talk.marks.clear()
    talk.played()
    assert talk.do(talk.turns.caller_is_speaking(CallerSound(1.9, 0.0), 3.4)) == []
    talk.do(talk.turns.caller_is_speaking(CallerSound(2.0, 0.0), 3.5))
    assert talk.played() == CLIP[:1]


def test_what_must_be_heard_is_heard_to_its_end_and_what_is_said_meanwhile_is_answered() -> None:
    talk = Talk()
    talk.do(talk.turns.say(Say.DISCLOSURE, 0.0))
    talk.do(talk.turns.say(Say.GREETING, 0.0))
    assert talk.announced() == [Say.DISCLOSURE], "nothing is sent behind it that a clear would take with it"
    assert not talk.turns.disclosure_heard

    assert talk.do(talk.turns.caller_is_speaking(VOICE, 0.3)) == []
    assert talk.do(talk.turns.caller_is_speaking(WORDS, 0.6)) == []
    did = [*talk.do(talk.turns.give_way(0.9)), *talk.caller_said(0.9)]
    assert said(did) == ["<disclosure>"], "it stands before the caller's words"
    assert isinstance(did[-1], StartReply)
    assert talk.play_out(1.0) == []
    assert talk.turns.disclosure_heard
    talk.answer("בוודאי.", 1.5)
    assert talk.played() == CLIP[:1]
    assert said(talk.play_out(2.5)) == ["בוודאי."]


def test_a_greeting_waits_for_a_caller_who_speaks_into_what_must_be_heard() -> None:
    talk = Talk()
    talk.do(talk.turns.say(Say.DISCLOSURE, 0.0))
    talk.do(talk.turns.say(Say.GREETING, 0.0))
    talk.do(talk.turns.caller_is_speaking(VOICE, 0.8))
    talk.played()
    talk.play_out(1.0)
    assert talk.played() == b""
    talk.do(talk.turns.caller_is_speaking(CallerSound(0.5, 0.7), 1.6))
    assert talk.announced() == [Say.GREETING], "it was a cough"


def test_speaking_in_the_gap_between_two_sentences_stops_the_rest() -> None:
    talk = Talk()
    talk.caller_said(1.0)
    talk.do(talk.turns.reply_text(1, "ראשון. שני. ", 1.2))
    talk.do(talk.turns.synthesized(1, CLIP, 1.4))
    talk.play_out(2.4)
    did = talk.do(talk.turns.caller_is_speaking(WORDS, 2.5))
    talk.played()

    assert said(did) == ["ראשון."]
    talk.do(talk.turns.synthesized(2, CLIP, 2.6))
    assert talk.played() == b""


def test_an_answer_waits_while_the_caller_goes_on_speaking() -> None:
    talk = Talk()
    talk.caller_said(1.0)
    talk.do(talk.turns.reply_text(1, "כן. ", 1.1))
    talk.do(talk.turns.caller_is_speaking(BREATH, 1.2))
    talk.do(talk.turns.synthesized(1, CLIP, 1.3))
    assert talk.played() == b"", "even for a breath: nothing is lost by waiting"

    talk.do(talk.turns.caller_was_noise(0.1, 2.0))
    assert talk.played() == CLIP[:1]


def test_who_broke_off_in_mid_sentence_is_asked_to_go_on() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_hangs(3.0))
    assert talk.announced() == [Say.GO_ON]
    silent = CallerSound(1.0, 2.0, Overlap.OTHER, 3)
    assert talk.do(talk.turns.caller_is_speaking(silent, 3.1)) == [], "its own question is not spoken over by that"


def test_a_second_utterance_before_the_answer_replaces_the_answer() -> None:
    talk = Talk()
    talk.caller_said(1.0)
    assert talk.turns.awaits_reply
    talk.do(talk.turns.reply_text(1, "ישן. ", 1.1))

    assert talk.caller_said(1.5) == [CancelReply(1), StartReply(2, NOBODY)]
    talk.do(talk.turns.synthesized(1, CLIP, 1.6))
    talk.do(talk.turns.reply_text(1, "עוד ישן. ", 1.6))
    assert talk.played() == b"", "what is still on its way of the old answer is dropped"


def test_a_slow_answer_is_introduced_once() -> None:
    talk = Talk(TurnSettings(filler_after_s=0.75))
    talk.caller_said(1.0)
    assert talk.turns.deadline() == 1.75

    did = talk.do(talk.turns.on_timer(1.75))
    assert talk.played() == ANNOUNCEMENTS[Say.FILLER].audio[:1]
    assert did == [ReportTurn(None, 0.25, None, 1.0)]
    talk.answer("הנה התשובה.", 2.0)
    assert said(talk.play_out(4.0)) == ["<opener> הנה התשובה."]


def test_a_quick_answer_needs_no_opener_nor_does_a_caller_who_goes_on() -> None:
    talk = Talk()
    talk.caller_said(1.0)
    talk.answer("כן.", 1.5)
    talk.played()
    talk.do(talk.turns.on_timer(1.7))
    assert talk.played() == b""

    talk.play_out(3.0)
    talk.caller_said(4.0)
    talk.do(talk.turns.caller_is_speaking(VOICE, 4.6))
    talk.do(talk.turns.on_timer(4.7))
    assert talk.played() == b""


def test_a_caller_who_speaks_during_the_goodbye_keeps_the_call() -> None:
    talk = Talk()
    talk.do(talk.turns.say(Say.GREETING, 0.0))
    talk.play_out(1.0)
    now = talk.silence_until_asked(times=2)
    talk.do(talk.turns.on_timer(now))

    talk.do(talk.turns.caller_is_speaking(WORDS, now + 0.5))
    assert talk.state == "listening"
    assert any(isinstance(item, StartReply) for item in talk.caller_said(now + 1.5))
    talk.marks.clear()
    talk.answer("כן.", now + 2.0)
    talk.play_out(now + 3.0)
    assert talk.state == "listening"


def test_a_caller_who_begins_just_after_the_goodbye_keeps_the_call_too() -> None:
    """ "Wait, one more thing"."""
    talk = Talk()
    talk.caller_said(1.0)
    talk.answer("תודה ולהתראות.", 1.5, ends_call=True)
    talk.play_out(2.5)
    talk.do(talk.turns.caller_is_speaking(VOICE, 3.3))
    assert talk.do(talk.turns.on_timer(3.5)) == [], "the line is open while it is not known what is said"
    talk.do(talk.turns.caller_is_speaking(WORDS, 3.8))
    assert talk.state == "listening"
    assert any(isinstance(item, StartReply) for item in talk.caller_said(4.5))


def test_thanks_after_the_goodbye_do_not_begin_the_call_anew() -> None:
    talk = Talk()
    talk.caller_said(1.0)
    talk.answer("תודה ולהתראות.", 1.5, ends_call=True)
    talk.play_out(2.5)
    talk.do(talk.turns.caller_is_speaking(VOICE, 2.8))
    talk.do(talk.turns.caller_acknowledged(3.2))
    assert talk.hung_up() == [ShouldHangUp("assistant_goodbye")]


def test_an_answer_that_ends_the_call_hangs_up_once_it_was_heard() -> None:
    talk = Talk()
    talk.caller_said(1.0)
    talk.answer("תודה ולהתראות.", 1.5, ends_call=True)

    assert not any(isinstance(item, ShouldHangUp) for item in talk.did)
    heard = talk.play_out(2.5)
    assert said(heard) == ["תודה ולהתראות."]
    assert talk.turns.deadline() == 3.5, "a second for whoever has something to add"
    assert talk.hung_up() == [ShouldHangUp("assistant_goodbye")]


def test_speaking_over_the_answer_that_ends_the_call_keeps_it() -> None:
    talk = Talk()
    talk.caller_said(1.0)
    talk.answer("תודה ולהתראות.", 1.5, ends_call=True)
    talk.do(talk.turns.caller_is_speaking(WORDS, 1.8))

    assert talk.play_out(2.5) == []
    assert talk.state == "listening"


def test_a_reply_that_ends_the_call_is_a_goodbye_as_soon_as_it_is_being_said() -> None:
    """Whichever is known first, that it ends the call or how it sounds."""
    for ends_first in (True, False):
        talk = Talk()
        talk.caller_said(1.0)
        talk.do(talk.turns.reply_text(1, "תודה ולהתראות. ", 1.1))
        if ends_first:
            talk.do(talk.turns.reply_finished(1, True, 1.2))
            assert talk.state == "thinking", "nobody has heard it yet"
        talk.do(talk.turns.synthesized(1, CLIP, 1.5))
        if not ends_first:
            assert talk.state == "speaking"
            talk.do(talk.turns.reply_finished(1, True, 1.6))
        assert talk.state == "leaving"


def test_nothing_is_asked_after_the_answer_that_ends_the_call() -> None:
    """Sounds of the caller that cannot be recognized, while it is being said, would have added the keypad question."""
    talk = Talk()
    talk.caller_said(1.0)
    talk.answer("תודה ולהתראות.", 1.5, ends_call=True)
    talk.played()
    assert talk.do(talk.turns.caller_unrecognized(2.0)) == []
    assert talk.played() == b""
    talk.play_out(2.5)
    assert talk.hung_up() == [ShouldHangUp("assistant_goodbye")]


def test_of_a_reply_that_a_goodbye_overtakes_nothing_more_is_said() -> None:
    """The first sentence is being said, the second is being made, when the assistant takes its leave."""
    talk = Talk(TIRED)
    talk.caller_said(1.0)
    talk.do(talk.turns.reply_text(1, "ראשון. שני. ", 1.1))
    talk.do(talk.turns.synthesized(1, CLIP, 1.3))
    talk.played()
    assert talk.do(talk.turns.caller_unrecognized(1.5)) == [CancelReply(1)]
    assert talk.announced() == [Say.GOODBYE_UNRECOGNIZED]

    talk.do(talk.turns.synthesized(2, CLIP, 1.6))
    assert talk.do(talk.turns.reply_text(1, "שלישי. ", 1.7)) == []
    assert talk.do(talk.turns.reply_finished(1, False, 1.7)) == []
    assert talk.played() == b""
    heard = talk.play_out(3.5)
    assert said(heard) == ["ראשון. <goodbye_unrecognized>"]
    assert talk.hung_up() == [ShouldHangUp("error")]


@pytest.mark.parametrize("state", ["listening", "thinking", "speaking"])
def test_a_call_that_is_too_long_ends_for_good(state: str) -> None:
    """Whatever the caller says to the goodbye: the next call is a call of its own."""
    talk = Talk(TurnSettings(leaving=LeavingSettings(max_call_s=60.0, warn_before_s=50.0)))
    talk.do(talk.turns.on_timer(10.0))
    assert talk.announced() == [Say.TIME_WARNING]
    talk.play_out(11.0)
    if state != "listening":
        talk.caller_said(59.9)
    if state == "speaking":
        talk.answer("תשובה ארוכה.", 59.95)
    talk.played()
    cut_off = talk.do(talk.turns.on_timer(60.0))
    assert talk.announced() == [Say.GOODBYE_TIME], "after the sentence that is being said"
    assert ClearPlayback() not in cut_off

    assert talk.do(talk.turns.caller_is_speaking(WORDS, 60.3)) == []
    assert talk.do(talk.turns.give_way(60.4)) == []
    assert talk.caller_said(60.4) == []
    assert talk.play_out(61.0)[-1] == ShouldHangUp("max_duration")


def test_a_caller_who_is_speaking_when_time_is_up_may_finish_the_sentence() -> None:
    talk = Talk(TurnSettings(leaving=LeavingSettings(max_call_s=60.0)))
    talk.caller_said(59.0)
    talk.do(talk.turns.caller_is_speaking(WORDS, 59.9))
    talk.played()
    talk.do(talk.turns.on_timer(60.0))
    assert talk.played() == b""
    talk.do(talk.turns.on_timer(70.0))
    assert talk.announced() == [Say.GOODBYE_TIME], "but not speak on for ever"


def test_the_length_of_a_call_is_not_forgotten_over_a_goodbye() -> None:
    talk = Talk(TurnSettings(leaving=LeavingSettings(max_call_s=30.0, warn_before_s=29.0)))
    talk.do(talk.turns.say(Say.GREETING, 0.0))
    talk.play_out(1.0)
    talk.do(talk.turns.on_timer(1.0))
    talk.play_out(2.0)
    now = talk.silence_until_asked(times=2)
    talk.do(talk.turns.on_timer(now))
    assert talk.state == "leaving"
    talk.do(talk.turns.on_timer(30.0))
    talk.do(talk.turns.caller_is_speaking(WORDS, 30.1))
    talk.marks.clear()
    talk.played()

    now = talk.turns.deadline()
    while not (announced := talk.announced()):
        talk.do(talk.turns.on_timer(now))
        now += 1.0
    assert announced == [Say.GOODBYE_TIME]


@pytest.mark.parametrize("text", ["", "תשובה."])
def test_an_answer_that_comes_to_nothing_is_apologised_for(text: str) -> None:
    """No text at all, or no audio for it: the caller is never left in silence."""
    talk = Talk()
    talk.caller_said(1.0)
    talk.do(talk.turns.reply_text(1, text, 1.1))
    talk.do(talk.turns.reply_finished(1, False, 1.2))
    if text:
        talk.do(talk.turns.synthesized(1, b"", 1.3))

    assert talk.played() == ANNOUNCEMENTS[Say.TROUBLE].audio[:1]
    assert talk.state == "speaking"


def test_a_voice_of_which_no_word_was_recognized_is_asked_to_repeat_and_then_to_type() -> None:
    talk = Talk()
    talk.do(talk.turns.caller_was_noise(0.3, 3.0))
    assert talk.announced() == [], "a cough is not"
    talk.do(talk.turns.caller_was_noise(1.0, 6.0))
    assert talk.announced() == [Say.REPEAT]
    talk.play_out(7.0)
    talk.do(talk.turns.caller_was_noise(1.0, 12.0))
    assert talk.announced() == [Say.KEYPAD]


@pytest.mark.parametrize("state", ["listening", "thinking", "speaking", "leaving"])
def test_the_end_stops_everything_in_every_state(state: str) -> None:
    talk = Talk()
    now = 2.0
    if state in ("thinking", "speaking"):
        talk.caller_said(1.0)
    if state == "speaking":
        talk.answer("אחת שתיים שלוש ארבע", 1.5)
    if state == "leaving":
        talk.do(talk.turns.say(Say.GOODBYE_SILENCE, 1.5))
    did = talk.do(talk.turns.end(now))

    assert said(did) == (["אחת שתיים"] if state == "speaking" else [])
    assert (ClearPlayback() in did) == (state in ("speaking", "leaving"))
    assert talk.turns.deadline() == math.inf
    assert talk.play_out(3.0) == []


def test_announcements_without_audio_are_not_said_and_hold_nothing_up() -> None:
    talk = Talk(announcements={})
    assert talk.do(talk.turns.say(Say.GREETING, 0.0)) == []
    assert talk.turns.deadline() == 8.0
    now = talk.silence_until_asked(times=2)
    assert talk.do(talk.turns.on_timer(now)) == []
    assert talk.hung_up() == [ShouldHangUp("silence")]
