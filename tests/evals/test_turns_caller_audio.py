"""The sound of a turn: words where they are said to be, silence where there are none."""

import numpy as np
import pytest

from evals.speech_activity.sounds import Samples
from evals.turns import caller_audio
from evals.turns.items import Sound, Word
from evals.turns.writing import timed

VOICE = caller_audio.voice_of("1")


def rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def test_words_without_a_pause_are_spoken_as_one() -> None:
    words = timed("1", "קוראים לי [0.8] דנה לוי")

    assert [[word.text for word in run] for run in caller_audio.runs(words)] == [["קוראים", "לי"], ["דנה", "לוי"]]


def test_a_run_of_words_sounds_from_its_first_to_its_last() -> None:
    words = timed("1", "קוראים לי [0.8] דנה לוי")
    first, second = caller_audio.spoken(words, VOICE)

    assert first.at_s == words[0].start_s
    assert first.at_s + len(first.samples) / 8000 == pytest.approx(words[1].end_s, abs=0.001)
    assert second.at_s == words[2].start_s
    assert rms(first.samples[:400]) > 0.003
    assert rms(second.samples[-400:]) > 0.003


@pytest.mark.parametrize("length_s", [0.3, 0.6, 1.2])
def test_words_of_a_foreign_set_take_the_time_they_are_said_to_take(length_s: float) -> None:
    (placed,) = caller_audio.spoken([Word("שלום", 0.5, 0.5 + length_s)], VOICE)

    assert len(placed.samples) == round(length_s * 8000)
    assert rms(placed.samples) > 0.01


@pytest.mark.parametrize("kind", ["cough", "breath", "noise", "click", "music", "keys", "television", "side talk"])
def test_every_sound_can_be_heard_for_as_long_as_it_lasts(kind: str) -> None:
    sound = Sound(kind, 0.0, 0.6, -25.0, "מי זה")
    samples = caller_audio.of_sound(sound, np.random.default_rng(1))

    assert len(samples) == pytest.approx(0.6 * 8000, abs=2)
    assert rms(samples) > 0.003


def test_a_sound_that_nobody_knows_is_told() -> None:
    with pytest.raises(ValueError, match="'thunder'"):
        caller_audio.of_sound(Sound("thunder", 0.0), np.random.default_rng(1))


def test_the_recognizer_may_have_what_somebody_else_says_and_nothing_of_a_cough() -> None:
    words = caller_audio.words_of(Sound("side talk", 1.0, 2.0, -38.0, "מי זה"))

    assert [word.text for word in words] == ["מי", "זה"]
    assert words[0].start_s == 1.0
    assert caller_audio.words_of(Sound("cough", 0.0)) == []
