"""Whether a recognition stream works, and for how long it may."""

from dataclasses import replace
from typing import Any

import pytest

from media_service.core.events import RecognitionResult
from media_service.core.recognition.stream_health import Stream, StreamHealth
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.recognition.words import RecognizedWords
from media_service.core.vad.audio import BYTES_PER_S
from media_service.core.vad.timeline import Timeline

SETTINGS = StreamSettings(
    stall_s=2.0,
    stall_attempts=2,
    shortest_word_s=0.25,
    unanswered_s=0.5,
    second_opinion_s=1.0,
    look_for_pause_after_s=240.0,
    rotate_after_s=285.0,
    pause_s=0.5,
)


def health_of(timeline: Timeline, live: Stream | None) -> StreamHealth:
    """Of a recognizer that shows interims."""
    health = StreamHealth(SETTINGS, timeline, RecognizedWords())
    health.live, health.shows_interims = live, True
    return health


def stream(**fields: Any) -> Stream:
    """Opened at 0."""
    return replace(Stream("caller-1", 1, asked_at=0.0, opened_at=0.0), **fields)


def seconds(value: float) -> int:
    return int(value * BYTES_PER_S)


def spoken(speech_s: float, then_quiet_s: float = 0.0) -> Timeline:
    """Speech that no result has come for, all of it sent."""
    end, fed = seconds(speech_s), seconds(speech_s + then_quiet_s)
    return Timeline(fed=fed, voiced_to=end, utterance_to=end, unanswered=end, sent_to=fed)


@pytest.mark.parametrize(
    ("end_s", "is_final", "said"),
    [
        (3.0, True, True),
        (2.9, True, True),
        (3.1, True, False),
        (0.0, True, False),
        (None, True, False),
        (3.0, False, False),
    ],
)
def test_a_final_that_ends_where_one_ended_before_says_the_same_again(
    end_s: float | None, is_final: bool, said: bool
) -> None:
    assert stream(final_to_s=3.0).has_said(RecognitionResult("שלום", is_final, end_s)) is said


def test_a_stream_has_to_give_a_result_before_it_counts_as_answering() -> None:
    assert not health_of(Timeline(), None).is_answering
    assert not health_of(Timeline(), stream()).is_answering
    assert health_of(Timeline(), stream(had_result=True)).is_answering
    assert not health_of(Timeline(), stream(had_result=True, is_stalled=True)).is_answering


@pytest.mark.parametrize(("quiet_s", "answers"), [(0.9, False), (1.0, True)])
def test_the_silence_of_a_second_stream_is_an_answer_once_it_got_the_silence_after_the_speech(
    quiet_s: float, answers: bool
) -> None:
    assert health_of(spoken(0.6, quiet_s), stream(is_second_opinion=True)).is_answering is answers


@pytest.mark.parametrize(("final_end_s", "owes"), [(0.0, True), (1.5, False), (1.4, True)])
def test_words_are_owed_for_more_speech_than_a_cough(final_end_s: float, owes: bool) -> None:
    timeline = spoken(2.0)
    timeline.final_end = seconds(final_end_s)
    assert health_of(timeline, stream()).owes_words is owes


def test_speech_without_words_long_after_it_ended_was_none_if_a_working_stream_got_it() -> None:
    assert not health_of(spoken(1.0, 3.9), stream()).answered_with_silence
    assert health_of(spoken(1.0, 4.0), stream()).answered_with_silence
    assert not health_of(spoken(1.0, 4.0), stream(is_stalled=True)).answered_with_silence
    assert not health_of(spoken(1.0, 4.0), None).answered_with_silence


@pytest.mark.parametrize(
    ("speech_s", "quiet_s", "stalled"),
    [(1.9, 0.0, False), (2.0, 0.0, True), (0.25, 1.9, False), (0.25, 2.0, True), (0.2, 9.0, False), (0.0, 9.0, False)],
)
def test_results_are_overdue_for_much_speech_or_for_a_little_that_ended_a_while_ago(
    speech_s: float, quiet_s: float, stalled: bool
) -> None:
    assert health_of(spoken(speech_s, quiet_s), stream()).is_stalled(10.0) is stalled


@pytest.mark.parametrize(
    ("speech_s", "quiet_s", "stalled"), [(7.9, 0.0, False), (8.0, 0.0, True), (1.0, 2.7, False), (1.0, 2.8, True)]
)
def test_a_recognizer_that_shows_no_interims_is_waited_for_until_its_only_result_is_due(
    speech_s: float, quiet_s: float, stalled: bool
) -> None:
    """A sentence of over 2.5 s used to cost a new stream, each cancelled before it could say anything."""
    health = health_of(spoken(speech_s, quiet_s), stream())
    health.shows_interims = False
    assert health.is_stalled(20.0) is stalled


@pytest.mark.parametrize(("confirmed", "stalled"), [(False, False), (True, True)])
def test_a_sound_that_is_no_voice_owes_no_words(confirmed: bool, stalled: bool) -> None:
    """A cough: the next question would be heard late by a stream that gets the cough again first."""
    timeline = spoken(0.5, 4.0)
    timeline.voice.can_confirm, timeline.voice.confirmed_to = True, seconds(0.5) if confirmed else 0
    assert health_of(timeline, stream(had_result=True)).is_stalled(10.0) is stalled


def test_a_stream_that_has_just_opened_is_given_time() -> None:
    """What it gets was said before."""
    health = health_of(spoken(5.0), stream(opened_at=10.0))
    assert not health.is_stalled(11.9)
    assert health.is_stalled(12.0)
    assert not health_of(spoken(5.0), None).is_stalled(12.0)


def test_patience_doubles_with_each_replacement_that_did_not_help() -> None:
    timeline = spoken(2.0)
    health = health_of(timeline, stream())
    health.note_stall()
    timeline.unanswered = seconds(3.9)
    assert not health.is_stalled(10.0)
    timeline.unanswered = seconds(4.0)
    assert health.is_stalled(10.0)


def test_another_stream_is_no_help_after_a_few_that_gave_nothing() -> None:
    timeline = spoken(2.0)
    health = health_of(timeline, stream())
    gave_up = []
    for _ in range(SETTINGS.stall_attempts + 1):
        timeline.unanswered = seconds(2.0)
        gave_up.append(health.note_stall())
    assert gave_up == [False, False, True]


def test_a_stall_marks_the_stream_and_lets_the_next_one_begin_afresh() -> None:
    timeline, live = spoken(2.0), stream(had_result=True)
    health_of(timeline, live).note_stall()
    assert live.is_stalled
    assert timeline.unanswered == 0


def test_a_cough_is_nothing_to_give_up_for() -> None:
    health = health_of(spoken(0.4), stream())
    assert not any(health.note_stall() for _ in range(9))


def test_a_result_proves_that_the_stream_works() -> None:
    timeline, live = spoken(2.0), stream(is_stalled=True)
    health = health_of(timeline, live)
    for _ in range(SETTINGS.stall_attempts):
        health.note_stall()
        timeline.unanswered = seconds(2.0)
    health.note_result(is_interim=True)
    assert (live.had_result, live.is_stalled, timeline.unanswered) == (True, False, 0)
    timeline.unanswered = seconds(2.0)
    assert health.is_stalled(10.0), "with the first patience again"
    assert not health.note_stall()


@pytest.mark.parametrize(
    ("age_s", "quiet_s", "interim", "unanswered_s", "too_old"),
    [
        (239.9, 9.0, "", 0.0, False),
        (240.0, 0.5, "", 0.0, True),
        (240.0, 0.4, "", 0.0, False),
        (240.0, 9.0, "אז", 0.0, False),
        (240.0, 9.0, "", 0.1, False),
        (285.0, 0.0, "אז", 9.0, True),
    ],
)
def test_a_stream_is_replaced_in_a_pause_and_in_the_end_without_one(
    age_s: float, quiet_s: float, interim: str, unanswered_s: float, too_old: bool
) -> None:
    timeline = spoken(1.0, quiet_s)
    timeline.unanswered = seconds(unanswered_s)
    words = RecognizedWords()
    words.interim(interim)
    health = StreamHealth(SETTINGS, timeline, words)
    assert not health.is_too_old(age_s), "there is none"
    health.live = stream()
    assert health.is_too_old(age_s) is too_old
