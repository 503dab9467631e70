"""The final result of words that were taken: who decides them, and what if it does not come."""

import math

import pytest

from media_service.core.recognition.awaited_final import AwaitedFinal, FinalSettings
from media_service.core.vad.audio import BYTES_PER_S
from media_service.core.vad.timeline import Timeline

SPEECH_END = 2 * BYTES_PER_S
HEARD_SILENCE = SPEECH_END + int(0.3 * BYTES_PER_S)


def taken(words_end: int = SPEECH_END, interim_end: int = SPEECH_END) -> tuple[AwaitedFinal, Timeline]:
    """Words were taken of two seconds of speech, of which results had come up to these positions."""
    timeline = Timeline(fed=3 * BYTES_PER_S, utterance_to=SPEECH_END, interim_end=interim_end)
    timeline.interims.words_end = words_end
    awaited = AwaitedFinal(FinalSettings(), timeline)
    awaited.words_taken()
    return awaited, timeline


def test_it_is_waited_for_until_it_is_overdue() -> None:
    awaited, _ = taken()
    assert not awaited.is_awaited
    awaited.wait(5.0)
    assert (awaited.is_awaited, awaited.overdue_at) == (True, 8.0)
    awaited.wait_no_more()
    assert (awaited.is_awaited, awaited.overdue_at) == (False, math.inf)


@pytest.mark.parametrize(("end", "reaches"), [(None, False), (14_399, False), (14_400, True), (SPEECH_END, True)])
def test_a_final_decides_the_words_if_it_reaches_the_end_of_their_speech(end: int | None, reaches: bool) -> None:
    """A recognizer hears the end up to a fifth of a second before we do. One that does not say where it ends may be
    about the beginning only."""
    awaited, _ = taken()
    assert awaited.is_reached_by(end) is reaches


def test_later_speech_does_not_move_the_end_of_what_was_taken() -> None:
    awaited, timeline = taken()
    timeline.utterance_to = 3 * BYTES_PER_S
    assert awaited.is_reached_by(SPEECH_END)


def test_words_the_recognizer_left_alone_over_a_silence_are_all_there_are() -> None:
    awaited, timeline = taken(interim_end=HEARD_SILENCE)
    awaited.wait(5.0)
    assert awaited.give_up(words_are_left=False)
    assert timeline.published_to == SPEECH_END
    assert not awaited.is_awaited


def test_a_recognizer_that_has_not_got_the_silence_may_have_another_word() -> None:
    """It may have got the last word and not have decided on it: the audio is kept."""
    awaited, timeline = taken(interim_end=HEARD_SILENCE - 1)
    assert not awaited.give_up(words_are_left=False)
    assert timeline.published_to == 0


@pytest.mark.parametrize(("words_end", "words_are_left", "has_all"), [
    (SPEECH_END - 1_200, True, True),
    (SPEECH_END - 1_201, True, False),
    (SPEECH_END - 1_201, False, True),
])  # fmt: skip
def test_words_that_stop_short_of_the_speech_leave_the_rest_to_those_that_nobody_took(
    words_end: int, words_are_left: bool, has_all: bool
) -> None:
    """A word may be there 0.15 s before the speaker has finished it."""
    awaited, timeline = taken(words_end=words_end, interim_end=HEARD_SILENCE)
    assert awaited.give_up(words_are_left=words_are_left) is has_all
    assert timeline.published_to == (SPEECH_END if has_all else 0)


def test_late_words_of_the_same_utterance_reach_as_far_as_they_reach() -> None:
    awaited, timeline = taken(words_end=BYTES_PER_S, interim_end=HEARD_SILENCE)
    timeline.interims.words_end = SPEECH_END
    awaited.late_words_taken()
    assert awaited.give_up(words_are_left=True)


def test_what_was_published_stays_published() -> None:
    awaited, timeline = taken(interim_end=HEARD_SILENCE)
    timeline.published_to = SPEECH_END + 100
    assert awaited.give_up(words_are_left=False)
    assert timeline.published_to == SPEECH_END + 100
