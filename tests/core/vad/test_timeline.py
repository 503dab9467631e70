"""Positions in one speaker's audio: what moves them, and what is read from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_service.core.vad.audio import BYTES_PER_S
from media_service.core.vad.timeline import Timeline


def test_silence_moves_nothing_but_the_end_of_the_audio() -> None:
    at = Timeline()
    at.advance(800, voiced=False)
    assert at == Timeline(fed=800)


def test_speech_is_unanswered_until_a_result_says_otherwise() -> None:
    at = Timeline()
    at.advance(800, voiced=False)
    at.advance(1_600, voiced=True)
    assert at == Timeline(fed=2_400, voiced_to=2_400, utterance_to=2_400, unanswered=1_600)


def test_speech_counts_for_an_utterance_only_while_one_is_open() -> None:
    at = Timeline()
    at.advance(800, voiced=True)
    assert at.spoken is None
    at.spoken = 0
    at.advance(800, voiced=True)
    at.advance(800, voiced=False)
    assert at.spoken == 800


def test_the_next_stream_has_answered_nothing_and_takes_back_nothing_that_was_decided() -> None:
    at = Timeline(fed=9_000, sent_to=8_800, interim_end=8_000, final_end=4_000, published_to=5_000)
    at.interims.words_end = 7_000
    at.begin_stream(4_000)
    assert (at.sent_to, at.interim_end, at.interims.words_end) == (4_000, 4_000, 4_000)
    assert (at.fed, at.final_end, at.published_to) == (9_000, 4_000, 5_000)


@pytest.mark.parametrize(("final_end", "published_to"), [(4_000, 5_000), (5_000, 4_000)])
def test_audio_is_settled_by_a_final_result_or_by_being_published(final_end: int, published_to: int) -> None:
    assert Timeline(final_end=final_end, published_to=published_to).settled_to == 5_000


def test_durations_are_seconds() -> None:
    at = Timeline(fed=BYTES_PER_S, voiced_to=2_000, utterance_to=4_000, spoken=1_600, unanswered=800)
    assert (at.quiet_s, at.silence_s, at.spoken_s, at.unanswered_s) == (0.75, 0.5, 0.2, 0.1)
    assert Timeline().spoken_s == 0.0, "no utterance is open"


@given(st.lists(st.tuples(st.integers(1, 400), st.booleans()), max_size=20))
def test_pieces_add_up(pieces: list[tuple[int, bool]]) -> None:
    """One piece or many of the same kind in a row: the positions are the same."""
    whole, split = Timeline(spoken=0), Timeline(spoken=0)
    for size, voiced in pieces:
        whole.advance(size, voiced=voiced)
        for _ in range(size):
            split.advance(1, voiced=voiced)
    assert whole == split
    assert whole.spoken == whole.unanswered == sum(size for size, voiced in pieces if voiced)


def test_a_sound_that_turns_out_to_be_nobodys_takes_its_beginning_with_it() -> None:
    """A television goes on behind the last word: the caller fell silent with the word."""
    at = Timeline(interim_end=8_000)
    at.advance(8_000, voiced=True)
    at.advance(8_000, voiced=True)
    assert at.silence_s == 0.0
    at.advance(160, voiced=True, is_speaker=False)
    assert at.silence_s == pytest.approx(0.82)
