"""A voice over the assistant: what is done about it, moment by moment."""

import pytest

from media_service.core.turns.interruption import CallerSound, Interruption, InterruptionSettings, Verdict
from understanding.overlap import Overlap

SETTINGS = InterruptionSettings()


def judged(
    interruption: Interruption,
    now: float,
    speech_s: float,
    silence_s: float = 0.0,
    words: Overlap = Overlap.NOTHING,
    count: int = 0,
    *,
    is_audible: bool = True,
) -> Verdict:
    return interruption.judge(CallerSound(speech_s, silence_s, words, count), now, is_audible=is_audible)


def held(now: float = 1.0) -> Interruption:
    interruption = Interruption()
    assert judged(interruption, now, 0.2) is Verdict.HOLD
    return interruption


def test_a_click_does_nothing_and_a_voice_holds_the_playback() -> None:
    interruption = Interruption()
    assert judged(interruption, 1.0, 0.1) is Verdict.NOTHING
    assert judged(interruption, 1.1, 0.18) is Verdict.HOLD
    assert interruption.is_holding
    assert judged(interruption, 1.2, 0.28) is Verdict.NOTHING, "it is held already"


def test_what_is_about_to_be_said_waits_for_any_voice() -> None:
    assert judged(Interruption(), 1.0, 0.06, is_audible=False) is Verdict.HOLD


@pytest.mark.parametrize("words", ["רגע"])
def test_a_word_that_asks_us_to_stop_stops_at_once(words: str) -> None:
    interruption = Interruption()
    assert judged(interruption, 1.0, 0.1, 0.0, Overlap.STOP, 1) is Verdict.STOP
    assert interruption.is_holding, "whatever is being made waits for what is said"
    assert interruption.deadline() == float("inf")


def test_real_words_drop_the_rest() -> None:
    assert judged(held(), 1.4, 0.6, 0.0, Overlap.OTHER, 2) is Verdict.STOP


def test_a_single_word_may_be_the_beginning_of_an_acknowledgement() -> None:
    """The first interim of "got it" is often half of it."""
    interruption = held()
    assert judged(interruption, 1.3, 0.4, 0.0, Overlap.OTHER, 1) is Verdict.NOTHING
    assert judged(interruption, 1.8, 0.4, 0.3, Overlap.OTHER, 1) is Verdict.STOP


def test_an_acknowledgement_lets_the_assistant_go_on_once_nothing_follows_it() -> None:
    interruption = held()
    assert judged(interruption, 1.4, 0.3, 0.1, Overlap.BACK_CHANNEL, 1) is Verdict.NOTHING
    assert judged(interruption, 1.6, 0.3, 0.3, Overlap.BACK_CHANNEL, 1) is Verdict.RESUME
    assert judged(interruption, 1.7, 0.5, 0.0, Overlap.BACK_CHANNEL, 1) is Verdict.NOTHING
    assert judged(interruption, 2.0, 0.9, 0.0, Overlap.OTHER, 3) is Verdict.STOP, "words that follow still count"


def test_a_cough_lets_it_go_on_when_no_word_came_of_it() -> None:
    interruption = held()
    assert judged(interruption, 1.8, 0.3, 0.6) is Verdict.NOTHING
    assert judged(interruption, 1.9, 0.3, 0.7) is Verdict.RESUME


def test_music_lets_it_go_on_though_it_goes_on_itself() -> None:
    interruption = held()
    assert judged(interruption, 2.4, 1.6) is Verdict.NOTHING
    assert judged(interruption, 2.5, 1.7) is Verdict.RESUME
    assert judged(interruption, 3.0, 2.2) is Verdict.NOTHING, "and holds it no second time"


def test_the_next_utterance_is_judged_anew() -> None:
    interruption = held()
    judged(interruption, 2.5, 1.7)
    assert not interruption.over()
    assert judged(interruption, 3.0, 0.2) is Verdict.HOLD
    assert interruption.over(), "the assistant was being held"


def test_a_sound_of_which_nothing_more_is_heard_is_dismissed_in_the_end() -> None:
    interruption = held(now=1.0)
    assert interruption.deadline() == 1.0 + 2 * SETTINGS.no_words_s
    interruption.dismiss()
    assert not interruption.is_holding


def test_somebody_far_from_the_telephone_stops_nobody_and_a_quiet_first_syllable_does_not_count_for_the_word() -> None:
    interruption = Interruption()
    far = CallerSound(0.2, 0.0, Overlap.STOP, 1, is_far=True)
    assert interruption.judge(far, 1.0, is_audible=True) is Verdict.NOTHING
    assert judged(interruption, 1.1, 0.3) is Verdict.HOLD
    assert interruption.judge(far, 1.2, is_audible=True) is Verdict.RESUME
