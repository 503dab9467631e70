from hypothesis import given
from hypothesis import strategies as st

from media_service.core.turns.line_silence import LineSilence
from media_service.core.vad.audio import BYTES_PER_S, FRAME_BYTES


def test_late_frames_are_only_late() -> None:
    silence = LineSilence(10.0)
    silence.frame_arrived(10.02)

    assert silence.due(10.6, in_speech=False) == b""
    assert silence.deadline() == 10.62


def test_in_the_middle_of_a_word_more_patience_is_had() -> None:
    """Silence inside it would make it another word."""
    silence = LineSilence(10.0)
    silence.frame_arrived(10.02)

    assert silence.due(10.62, in_speech=True) == b""
    assert 10.62 < silence.deadline() < 10.8, "it is looked at again soon: the speech may be over"
    assert silence.due(12.0, in_speech=True) == b""
    assert len(silence.due(12.12, in_speech=True)) == 2.1 * BYTES_PER_S


def test_missing_audio_is_filled_in_at_real_time() -> None:
    """The recognizer is fed, and an utterance ends, though Twilio sends nothing."""
    silence, now, filled = LineSilence(0.0), 0.0, b""
    while now < 15.0:
        now = max(now, silence.deadline())
        filled += silence.due(now, in_speech=False)

    assert set(filled) == {0xFF}
    assert abs(len(filled) / BYTES_PER_S - now) < 0.05
    assert len(filled) % FRAME_BYTES == 0, "whole frames: what comes after it stays aligned"


def test_audio_that_comes_back_ends_the_filling() -> None:
    silence = LineSilence(0.0)
    silence.due(1.0, in_speech=False)
    silence.frame_arrived(1.05)

    assert silence.due(1.2, in_speech=False) == b""


def test_a_mark_shows_that_the_peer_is_there_but_is_no_audio() -> None:
    silence = LineSilence(0.0)
    silence.alive(5.0)

    assert silence.last_frame_at == 5.0
    assert len(silence.due(5.0, in_speech=False)) == 5 * BYTES_PER_S


@given(st.lists(st.floats(0.001, 2.0), min_size=1))
def test_never_more_silence_than_time_has_passed(waits: list[float]) -> None:
    silence, now, filled = LineSilence(0.0), 0.0, 0
    for wait_s in waits:
        now += wait_s
        filled += len(silence.due(now, in_speech=False))
        assert filled <= now * BYTES_PER_S + 1e-6
