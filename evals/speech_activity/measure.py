"""How well a detector's answers fit the labels of a track: by frame, and by what the call makes of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from evals.speech_activity.detectors import IsVoiced
from evals.speech_activity.labelled import NOTHING, SPEECH, Track
from media_service.core.turns.endpointing import EndpointingSettings
from media_service.core.vad.audio import FRAME_BYTES, FRAME_S

Answers = npt.NDArray[np.bool_]

_RECENT_FRAMES = 5
"""As in listening.py: an utterance begins with `onset_frames` voiced ones among so many."""
_ENDPOINTING = EndpointingSettings()
_LONG_S: Final = 0.5
"""Sound that used to stop the assistant by itself, before there was a second vote."""
_ONSET_WITHIN_S = 0.100


@dataclass(slots=True)
class Score:
    """Counts; adding up several tracks gives the score of a group."""

    speech_frames: int = 0
    missed_frames: int = 0
    nothing_frames: int = 0
    false_frames: int = 0
    utterances: int = 0
    found_in_time: int = 0
    """Begun, by the service's own rule, within 100 ms of the first frame of speech."""
    lost: int = 0
    """Never begun while it was spoken."""
    false_utterances: int = 0
    false_interruptions: int = 0
    """Those with as much voice in them as makes the assistant stop."""
    trails_s: list[float] = field(default_factory=list)
    """From the last frame of speech to the last voiced frame of the same run."""

    @property
    def miss_rate(self) -> float:
        return self.missed_frames / self.speech_frames if self.speech_frames else float("nan")

    @property
    def false_alarm_rate(self) -> float:
        return self.false_frames / self.nothing_frames if self.nothing_frames else float("nan")

    @property
    def false_utterances_per_minute(self) -> float:
        minutes = self.nothing_frames * FRAME_S / 60.0
        return self.false_utterances / minutes if minutes else float("nan")

    @property
    def false_interruptions_per_minute(self) -> float:
        minutes = self.nothing_frames * FRAME_S / 60.0
        return self.false_interruptions / minutes if minutes else float("nan")

    @property
    def trail_p95_s(self) -> float:
        return float(np.percentile(self.trails_s, 95)) if self.trails_s else float("nan")


def answers(is_voiced: IsVoiced, audio: bytes) -> Answers:
    return np.array([is_voiced(audio[at : at + FRAME_BYTES]) for at in range(0, len(audio), FRAME_BYTES)])


def score(track: Track, voiced: Answers) -> Score:
    speech, nothing = track.labels == SPEECH, track.labels == NOTHING
    begins = _begins(voiced)
    within = round(_ONSET_WITHIN_S / FRAME_S)
    found = [bool(begins[first : first + within].any()) for first, _ in track.utterances]
    heard = [bool(begins[first : last + within].any()) for first, last in track.utterances]
    false = _false_utterances(track, voiced, begins)
    return Score(
        speech_frames=int(speech.sum()),
        missed_frames=int((speech & ~voiced).sum()),
        nothing_frames=int(nothing.sum()),
        false_frames=int((nothing & voiced).sum()),
        utterances=len(track.utterances),
        found_in_time=found.count(True),
        lost=heard.count(False),
        false_utterances=len(false),
        false_interruptions=sum(voiced_s >= _LONG_S for voiced_s in false),
        trails_s=[_trail_s(voiced, last) for _, last in track.utterances],
    )


def total(scores: Iterable[Score]) -> Score:
    sum_ = Score()
    for one in scores:
        sum_.speech_frames += one.speech_frames
        sum_.missed_frames += one.missed_frames
        sum_.nothing_frames += one.nothing_frames
        sum_.false_frames += one.false_frames
        sum_.utterances += one.utterances
        sum_.found_in_time += one.found_in_time
        sum_.lost += one.lost
        sum_.false_utterances += one.false_utterances
        sum_.false_interruptions += one.false_interruptions
        sum_.trails_s += one.trails_s
    return sum_


def _begins(voiced: Answers) -> Answers:
    """Frames at which an utterance would begin if none was open."""
    recent: deque[bool] = deque(maxlen=_RECENT_FRAMES)
    begins = np.zeros(len(voiced), np.bool_)
    for at, is_voiced in enumerate(voiced):
        recent.append(bool(is_voiced))
        begins[at] = is_voiced and sum(recent) >= _ENDPOINTING.onset_frames
    return begins


def _false_utterances(track: Track, voiced: Answers, begins: Answers) -> list[float]:
    """Seconds of voice in each utterance in which no frame is speech, nor near it.

    One ends with the silence that closes utterances.
    """
    closing = round(_ENDPOINTING.timeout_s / FRAME_S)
    possible = track.labels != NOTHING
    seconds: list[float] = []
    opened_at, last_voiced = -1, -1
    for at in range(len(voiced)):
        if voiced[at]:
            last_voiced = at
        if opened_at < 0 and begins[at]:
            opened_at = at
        is_over = at - last_voiced >= closing or at == len(voiced) - 1
        if opened_at >= 0 and is_over:
            if not possible[opened_at : last_voiced + 1].any():
                # The frames that opened it count as well, as in listening.py.
                begun_at = max(0, opened_at - _RECENT_FRAMES + 1)
                seconds.append(float(voiced[begun_at : last_voiced + 1].sum()) * FRAME_S)
            opened_at = -1
    return seconds


def _trail_s(voiced: Answers, last: int) -> float:
    """A gap of two frames does not end the run."""
    end = last
    for at in range(last + 1, len(voiced)):
        if voiced[at]:
            end = at
        elif at - end > 2:
            break
    return (end - last) * FRAME_S
