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


def test_without_a_model_nothing_is_confirmed() -> None:
    vad = fed("VVVVVVVVVVVVVVVVVVVV")
    assert not timeline.can_confirm
    assert not timeline.confirmed_to


@pytest.mark.parametrize(("probability", "confirmed"), [(0.9, True), (0.1, False)])
def test_a_model_has_the_second_vote_on_what_is_speech(probability: float, confirmed: bool) -> None:
    class Vote:
        def probabilities(self, audio: bytes) -> list[float]:
            return [probability] * (len(audio) // CHUNK_BYTES)

    vad = Vad(3, Timeline(), Vote)
    for frame in "____VVVV":
        vad.feed(FRAMES[frame])
    assert timeline.can_confirm
    assert not timeline.confirmed_to

    for frame in "VVVV":
        vad.feed(FRAMES[frame])
    assert vad.voice_confirmed == confirmed
