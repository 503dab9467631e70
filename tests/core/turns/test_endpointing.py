"""When the caller's turn is over."""

from dataclasses import replace

import pytest

from media_service.core.turns.endpointing import (
    EndpointingSettings,
    Pause,
    is_hanging,
    is_noise,
    is_strong,
    unread,
    why_over,
)
from understanding.turn_end import TurnEnd, TurnReading

SETTINGS = EndpointingSettings()
TEXT = "אני צריכה טכנאי למזגן"


def reading(end: TurnEnd, *, answers: bool = False) -> TurnReading:
    return TurnReading(end, end.value, answers)


def closes_after_s(end: TurnEnd, text: str = TEXT, *, answers: bool = False, **pause: object) -> float:
    """The silence after which it is closed, in steps of a frame."""
    known: dict[str, object] = {"text": text, "uncovered_s": 0.0, "patience_s": SETTINGS.timeout_s, **pause}
    for frame in range(1, 500):
        silence_s = frame * 0.02
        if why_over(Pause(silence_s, **known), reading(end, answers=answers), SETTINGS):  # type: ignore[arg-type]
            return round(silence_s, 2)
    raise AssertionError("never closed")


@pytest.mark.parametrize(
    ("end", "after_s"),
    [
        (TurnEnd.COMPLETE, 0.22),
        (TurnEnd.ORDINARY, 0.46),
        (TurnEnd.UNCERTAIN, 1.1),
        (TurnEnd.OPEN, 2.0),
        (TurnEnd.DICTATING, 2.0),
    ],
)
def test_how_long_is_waited_follows_from_whether_the_words_can_be_all(end: TurnEnd, after_s: float) -> None:
    assert closes_after_s(end) == after_s


def test_a_whole_answer_of_one_short_word_needs_no_more_than_the_hangover() -> None:
    assert closes_after_s(TurnEnd.COMPLETE, "כן", answers=True) == 0.22
    assert closes_after_s(TurnEnd.COMPLETE, "כן", uncovered_s=None) == 0.22, "its final has come"
    assert closes_after_s(TurnEnd.COMPLETE, "כמה") == 0.46, "a short interim that answers nothing may be half a word"


def test_words_that_end_before_the_voice_did_are_not_all() -> None:
    """Interims lag: a reply to them would be to half a sentence."""
    assert closes_after_s(TurnEnd.COMPLETE, uncovered_s=0.2) == 0.22, "a word shows before it is quite over"
    assert closes_after_s(TurnEnd.COMPLETE, uncovered_s=0.3) == 0.70
    assert closes_after_s(TurnEnd.COMPLETE, uncovered_s=0.3, lag_s=0.1) == 0.30, "its next one would be here by now"
    assert closes_after_s(TurnEnd.COMPLETE, uncovered_s=0.3, lag_s=3.0) == 0.80
    assert closes_after_s(TurnEnd.COMPLETE, uncovered_s=0.9) == 2.40, "sparse interims: the final tells"


def test_words_that_have_just_changed_are_given_a_moment_to_stand() -> None:
    """The newest word often reads otherwise at first."""
    for end, stands_s in ((TurnEnd.ORDINARY, 0.25), (TurnEnd.COMPLETE, 0.1)):
        new = Pause(0.5, TEXT, 0.0, SETTINGS.timeout_s, words_age_s=stands_s - 0.02)
        assert not why_over(new, reading(end), SETTINGS)
        assert why_over(replace(new, words_age_s=stands_s), reading(end), SETTINGS)
        restless = replace(new, silence_s=0.8)
        assert why_over(restless, reading(end), SETTINGS), "but not for ever"


def test_a_slow_talker_is_waited_for_longer() -> None:
    assert closes_after_s(TurnEnd.ORDINARY, patience_s=1.0) == 1.0
    assert closes_after_s(TurnEnd.COMPLETE, patience_s=1.0) == 0.22


def test_who_was_asked_to_go_on_gets_time_to_do_so() -> None:
    assert closes_after_s(TurnEnd.OPEN, was_prompted=True) == 4.5


@pytest.mark.parametrize(("end", "hangs"), [(TurnEnd.OPEN, True), (TurnEnd.DICTATING, True), (TurnEnd.ORDINARY, False)])
def test_only_who_broke_off_is_asked_to_go_on(end: TurnEnd, hangs: bool) -> None:
    pause = Pause(2.0, "אני רוצה", 0.0, SETTINGS.timeout_s)
    assert is_hanging(pause, reading(end), SETTINGS) is hangs
    assert not is_hanging(Pause(1.9, "אני רוצה", 0.0, SETTINGS.timeout_s), reading(end), SETTINGS)


def test_the_reason_says_what_decided_and_after_how_long() -> None:
    pause = Pause(0.24, "כן", 0.0, SETTINGS.timeout_s)
    complete = TurnReading(TurnEnd.COMPLETE, "complete answer to phone", answers=True)
    assert why_over(pause, complete, SETTINGS) == "closed: complete answer to phone, 240 ms"


def test_of_words_that_nobody_reads_strong_ones_end_at_the_hangover_and_others_at_the_time_out() -> None:
    for text, silence_s in ((TEXT, 0.22), ("כן", 0.46)):
        assert why_over(Pause(silence_s, text, 0.0, 0.45), unread(text), SETTINGS)
        assert not why_over(Pause(silence_s - 0.02, text, 0.0, 0.45), unread(text), SETTINGS)


@pytest.mark.parametrize("text", ["אני צריכה מזגן", "כן.", "כן,", "מה?", "די!"])
def test_an_interim_is_strong_by_its_length_or_by_its_end(text: str) -> None:
    assert is_strong(text, EndpointingSettings(strong_chars=14))


def test_a_short_word_is_not_strong() -> None:
    assert not is_strong("כן", SETTINGS)


def test_only_speech_without_words_can_turn_out_to_be_noise() -> None:
    assert is_noise(3.0, "", SETTINGS)
    assert not is_noise(2.9, "", SETTINGS)
    assert not is_noise(9.0, "כן", SETTINGS)
