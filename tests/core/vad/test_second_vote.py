"""When a model is asked whether speech is a voice, and what becomes of its answers."""

from collections.abc import Sequence

from media_service.core.vad.audio import FRAME_BYTES
from media_service.core.vad.second_vote import CHUNK_BYTES, SecondVote, SecondVoteSettings

VOICE, COUGH, SILENCE = b"\x10", b"\x20", b"\xff"


class Model:
    """Takes bytes of VOICE for a voice. Notes what it was asked about, one text for each stretch."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def start(self) -> "Stretch":
        self.heard.append(b"")
        return Stretch(self)


class Stretch:
    def __init__(self, model: Model) -> None:
        self._model = model

    def probabilities(self, audio: bytes) -> Sequence[float]:
        assert audio
        assert len(audio) % CHUNK_BYTES == 0
        self._model.heard[-1] += audio
        chunks = [audio[at : at + CHUNK_BYTES] for at in range(0, len(audio), CHUNK_BYTES)]
        return [chunk.count(VOICE) / CHUNK_BYTES for chunk in chunks]


def fed(vote: SecondVote, sounds: bytes) -> list[bool]:
    """A frame of each sound; all but silence is speech by our own detector. Whether it is a voice, after each."""
    states = []
    for at in range(len(sounds)):
        sound = sounds[at : at + 1]
        vote.hear(sound * FRAME_BYTES, voiced=sound != SILENCE)
        states.append(vote.is_voice)
    return states


def test_a_voice_is_confirmed_after_160_ms() -> None:
    states = fed(SecondVote(Model().start), SILENCE * 50 + VOICE * 20)

    assert states.index(True) == 50 + 7
    assert all(states[50 + 7 :])


def test_a_cough_is_never_confirmed_however_long_it_goes_on() -> None:
    assert not any(fed(SecondVote(Model().start), SILENCE * 50 + COUGH * 200))


def test_a_voice_after_a_cough_is_confirmed_without_a_pause_between_them() -> None:
    """Three chunks of four are 96 to 128 ms, which end within seven frames."""
    states = fed(SecondVote(Model().start), COUGH * 30 + VOICE * 10)

    assert not any(states[:34])
    assert all(states[36:])


def test_the_model_hears_what_lies_before_the_speech_and_then_everything_without_a_gap() -> None:
    model = Model()
    sounds = bytes(range(1, 41))
    vote = SecondVote(model.start)
    for at, sound in enumerate(sounds):
        vote.hear(bytes([sound]) * FRAME_BYTES, voiced=at >= 20)

    # Speech began with the 21st frame and the 28th was the eighth: 16 frames up to it are ten chunks.
    everything = b"".join(bytes([sound]) * FRAME_BYTES for sound in sounds)
    expected = everything[12 * FRAME_BYTES :]
    assert model.heard == [expected[: len(expected) // CHUNK_BYTES * CHUNK_BYTES]]


def test_a_call_that_begins_with_speech_asks_about_the_little_there_is() -> None:
    model = Model()
    states = fed(SecondVote(model.start), VOICE * 8)

    assert states[-1]
    assert len(model.heard[0]) == 8 * FRAME_BYTES // CHUNK_BYTES * CHUNK_BYTES


def test_silence_costs_nothing_nor_does_speech_once_it_is_a_voice() -> None:
    model = Model()
    vote = SecondVote(model.start)
    fed(vote, SILENCE * 100)
    assert model.heard == []

    fed(vote, VOICE * 8)
    asked = len(model.heard[0])
    fed(vote, VOICE * 100)
    assert len(model.heard[0]) == asked


def test_frames_of_speech_far_apart_do_not_add_up() -> None:
    """Crackle in the line is no stretch of speech."""
    model = Model()
    fed(SecondVote(model.start), (COUGH + SILENCE * 23) * 30)

    assert model.heard == []


def test_after_a_pause_the_next_sound_has_to_convince_anew() -> None:
    vote = SecondVote(Model().start, SecondVoteSettings(forgotten_s=0.45))
    assert fed(vote, VOICE * 10)[-1]
    assert all(fed(vote, SILENCE * 22))

    assert not any(fed(vote, SILENCE + COUGH * 40))
    assert not vote.is_voice


def test_a_pause_within_a_word_is_no_pause() -> None:
    assert all(fed(SecondVote(Model().start), VOICE * 10 + SILENCE * 10 + VOICE * 3)[8:])
