"""Which frames are speech, and where enough of them begin an utterance."""

import pytest

from media_service.core.vad.audio import FRAME_BYTES
from media_service.core.vad.detector import Vad
from media_service.core.vad.second_vote import CHUNK_BYTES
from media_service.core.vad.timeline import Timeline

FRAMES = {"V": b"\x10\x90" * (FRAME_BYTES // 2), "_": b"\xff" * FRAME_BYTES}


def fed(frames: str) -> Vad:
    vad = Vad(3, Timeline())
    for frame in frames:
        vad.feed(FRAMES[frame])
    return vad


@pytest.mark.parametrize("frames", ["", "V", "VV", "_VV__", "VV___V", "VVV___"])
def test_too_little_speech_in_the_newest_frames_begins_nothing(frames: str) -> None:
    assert fed(frames).onset_bytes == 0


@pytest.mark.parametrize(("frames", "voiced"), [("VVV", 3), ("VV_V", 3), ("V_V_V", 3), ("VVVVVVV", 5), ("VVV__", 3)])
def test_a_few_frames_of_speech_close_together_begin_an_utterance(frames: str, voiced: int) -> None:
    """A gap between them does no harm; what is more than five frames ago does not count."""
    assert fed(frames).onset_bytes == voiced * FRAME_BYTES


def test_every_frame_advances_the_timeline_and_only_speech_its_voice() -> None:
    timeline = Timeline()
    vad = Vad(3, timeline)
    assert [vad.feed(FRAMES[frame]) for frame in "_V_"] == [False, True, False]
    assert (timeline.fed, timeline.voiced_to) == (3 * FRAME_BYTES, 2 * FRAME_BYTES)


def test_without_a_model_nothing_is_confirmed_nor_doubted() -> None:
    timeline = Timeline()
    vad = Vad(3, timeline)
    for frame in "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV":
        vad.feed(FRAMES[frame])
        assert vad.is_speaker
    assert not timeline.voice.can_confirm
    assert timeline.voice.confirmed_to == 0


class _Vote:
    def __init__(self, probability: float) -> None:
        self._probability = probability

    def probabilities(self, audio: bytes) -> list[float]:
        return [self._probability] * (len(audio) // CHUNK_BYTES)


@pytest.mark.parametrize(("probability", "confirmed"), [(0.9, True), (0.1, False)])
def test_a_model_has_the_second_vote_on_what_is_speech(probability: float, confirmed: bool) -> None:
    timeline = Timeline()
    vad = Vad(3, timeline, lambda: _Vote(probability))
    for frame in "____VVVV":
        vad.feed(FRAMES[frame])
    assert timeline.voice.can_confirm
    assert timeline.voice.confirmed_to == 0

    for frame in "VVVV":
        vad.feed(FRAMES[frame])
    assert (timeline.voice.confirmed_to == timeline.fed) == confirmed


@pytest.mark.parametrize(("words_to_s", "is_speaker"), [(0.0, False), (1.5, True)])
def test_a_sound_that_no_model_takes_for_a_voice_is_nobodys_unless_words_are_recognized_in_it(
    words_to_s: float, is_speaker: bool
) -> None:
    """Music would keep an utterance open for as long as it plays."""
    timeline = Timeline()
    vad = Vad(3, timeline, lambda: _Vote(0.1))
    for frame in "V" * 19:
        vad.feed(FRAMES[frame])
        assert vad.is_speaker, "it may be the beginning of a word"
    timeline.interim_end = int(words_to_s * 8000)
    for frame in "V" * 60:
        vad.feed(FRAMES[frame])
    assert vad.is_speaker == is_speaker
