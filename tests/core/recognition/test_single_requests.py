from hypothesis import given
from hypothesis import strategies as st

from media_service.core.recognition.single_requests import SingleRequestSettings, UtteranceCutter
from media_service.core.vad.audio import FRAME_BYTES, FRAME_S

SETTINGS = SingleRequestSettings()
VOICE, QUIET = b"\x10" * FRAME_BYTES, b"\xff" * FRAME_BYTES
ONSET_FRAMES = 3


class Speaker:
    """Feeds a cutter, and takes an utterance for begun at the third voiced frame."""

    def __init__(self, cutter: UtteranceCutter) -> None:
        self.cutter = cutter
        self.spoken_frames = 0

    def say(self, frame: bytes, voiced: bool) -> bytes | None:
        self.spoken_frames += voiced
        begun = self.spoken_frames >= ONSET_FRAMES
        cut = self.cutter.feed(frame, voiced, self.spoken_frames * FRAME_S if begun else None)
        if cut is not None or (not begun and not voiced):
            self.spoken_frames = 0
        return cut


def seconds(speaker: Speaker, frame: bytes, duration_s: float) -> list[bytes]:
    cuts = [speaker.say(frame, frame == VOICE) for _ in range(round(duration_s / FRAME_S))]
    return [cut for cut in cuts if cut is not None]


def test_enough_speech_ends_at_the_short_pause() -> None:
    speaker = Speaker(UtteranceCutter(SETTINGS))

    assert seconds(speaker, VOICE, 0.6) == []
    assert seconds(speaker, QUIET, 0.48) == []
    (cut,) = seconds(speaker, QUIET, 0.02)

    assert cut == VOICE * 30 + QUIET * 25
    assert not speaker.cutter.is_open


def test_a_single_word_ends_at_the_long_pause() -> None:
    speaker = Speaker(UtteranceCutter(SETTINGS))
    seconds(speaker, VOICE, 0.2)

    assert seconds(speaker, QUIET, 1.78) == []
    (cut,) = seconds(speaker, QUIET, 0.02)
    assert len(cut) > SETTINGS.min_audio_bytes


def test_a_little_audio_before_the_first_voiced_frame_goes_along() -> None:
    speaker = Speaker(UtteranceCutter(SETTINGS))
    seconds(speaker, QUIET, 5.0)
    seconds(speaker, VOICE, 0.1)

    audio = speaker.cutter.flush()
    assert audio == QUIET * 18 + VOICE * 5
    assert speaker.cutter.flush() is None


def test_voiced_frames_before_an_utterance_begins_are_none() -> None:
    cutter = UtteranceCutter(SETTINGS)
    clicks = [cutter.feed(VOICE if at % 10 == 0 else QUIET, at % 10 == 0, None) for at in range(500)]

    assert clicks == [None] * 500
    assert not cutter.is_open
    assert cutter.flush() is None


def test_silence_is_never_an_utterance() -> None:
    assert seconds(Speaker(UtteranceCutter(SETTINGS)), QUIET, 60.0) == []


def test_an_endless_utterance_is_cut_before_a_request_gets_too_long() -> None:
    speaker = Speaker(UtteranceCutter(SETTINGS))
    (cut,) = seconds(speaker, VOICE, 60.0)
    assert len(cut) <= 60 * 8_000
    assert speaker.cutter.is_open


def test_audio_that_streaming_left_behind_comes_first() -> None:
    cutter = UtteranceCutter(SETTINGS)
    cutter.seed(VOICE * 40)
    assert cutter.is_open

    cuts = [cutter.feed(QUIET, False, 0.8) for _ in range(25)]
    assert cuts[:-1] == [None] * 24
    assert cuts[-1] == VOICE * 40 + QUIET * 25


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 120)), max_size=20))
def test_every_voiced_frame_of_what_began_is_in_exactly_one_utterance(stretches: list[tuple[bool, int]]) -> None:
    speaker, cuts, begun, number = Speaker(UtteranceCutter(SETTINGS)), [], [], 0
    for voiced, count in stretches:
        for _ in range(count):
            number += 1
            frame = number.to_bytes(2) * (FRAME_BYTES // 2)
            if (cut := speaker.say(frame, voiced)) is not None:
                cuts.append(cut)
            if voiced and count >= ONSET_FRAMES:
                begun.append(frame)
    if (cut := speaker.cutter.flush()) is not None:
        cuts.append(cut)

    audio = b"".join(cuts)
    sent = [audio[start : start + FRAME_BYTES] for start in range(0, len(audio), FRAME_BYTES)]
    assert sent == sorted(set(sent))
    assert set(begun) <= set(sent)
