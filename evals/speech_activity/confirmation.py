"""How soon, and how wrongly, a voice is taken for one: what the assistant may be stopped by.

Each rule follows a whole track and says for each frame whether the speech that goes on is a voice.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from evals.speech_activity.detectors import Candidate, IsVoiced
from evals.speech_activity.labelled import NOTHING, Track
from media_service.adapters.silero_voice import load_silero
from media_service.core.turns.endpointing import EndpointingSettings
from media_service.core.vad.audio import FRAME_BYTES, FRAME_S
from media_service.core.vad.second_vote import SecondVote, SecondVoteSettings
from media_service.core.vad.speech_activity import SpeechActivity

_VOTE: Final = SecondVoteSettings()
_SECONDS: Final = frozenset({"WebRTC, mode 3", "TEN (neural), 0.5", "earshot (neural)", "fast-vad"})
_AGREEING_FRAMES: Final = 5
_AMONG_FRAMES: Final = 6
"""As three chunks of four, for detectors that answer by the frame."""


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    start: Callable[[], IsVoiced]
    """For one more track: a frame in, whether it belongs to what is taken for a voice out."""


@dataclass(slots=True)
class Confirmed:
    """Adding up several tracks gives the score of a group."""

    delays_s: list[float] = field(default_factory=list)
    """From the first frame of each utterance."""
    never: int = 0
    false: int = 0
    minutes_without_speech: float = 0.0

    def within(self, seconds: float) -> float:
        """Share of all utterances."""
        return sum(delay <= seconds + 1e-9 for delay in self.delays_s) / max(1, len(self.delays_s) + self.never)


def rules(candidates: Iterable[Candidate]) -> list[Rule]:
    """Our own detector alone, by length of voice; and with each neural or compiled detector as second vote."""
    model = load_silero()
    return [
        Rule("ours, 0.2 s of voice", lambda: _long_enough(0.2)),
        Rule("ours, 0.5 s of voice", lambda: _long_enough(0.5)),
        *(_with(each) for each in candidates if each.name in _SECONDS),
        Rule("ours, and Silero while unconfirmed", lambda: _confirmed(SecondVote(model.start))),
    ]


def _with(candidate: Candidate) -> Rule:
    return Rule(f"ours, and {candidate.name}", lambda: _both(candidate.start()))


def _confirmed(vote: SecondVote) -> IsVoiced:
    """As in detector.py."""
    ours = SpeechActivity()

    def one(frame: bytes) -> bool:
        vote.hear(frame, voiced=ours.is_voiced(frame))
        return vote.is_voice

    return one


def _long_enough(voiced_s: float) -> IsVoiced:
    """As in turn_taking.py: speech within an utterance adds up until the silence that closes it."""
    ours = SpeechActivity()
    closing = round(EndpointingSettings().timeout_s / FRAME_S)
    spoken, silent = 0, 0

    def one(frame: bytes) -> bool:
        nonlocal spoken, silent
        voiced = ours.is_voiced(frame)
        silent = 0 if voiced else silent + 1
        spoken = 0 if silent >= closing else spoken + voiced
        return spoken * FRAME_S >= voiced_s - 1e-9

    return one


def _both(second: IsVoiced) -> IsVoiced:
    ours = SpeechActivity()
    forgotten = round(_VOTE.forgotten_s / FRAME_S)
    enough = round(np.ceil(_VOTE.voiced_s / FRAME_S))
    agreed: deque[bool] = deque(maxlen=_AMONG_FRAMES)
    spoken, silent, is_voice = 0, 0, False

    def one(frame: bytes) -> bool:
        nonlocal spoken, silent, is_voice
        voiced = ours.is_voiced(frame)
        agreed.append(second(frame))
        silent = 0 if voiced else silent + 1
        if silent >= forgotten:
            spoken, is_voice = 0, False
        spoken += voiced
        is_voice |= spoken >= enough and sum(agreed) >= _AGREEING_FRAMES
        return is_voice

    return one


def confirmed(tracks: Sequence[Track], rule: Rule) -> Confirmed:
    found = Confirmed()
    for track in tracks:
        voices = _answers(rule.start(), track.audio)
        begins = np.flatnonzero(voices & ~np.concatenate([[False], voices[:-1]]))
        _score(track, begins, found)
    return found


def frame_us(rule: Rule, audio: bytes) -> float:
    """The least of some rounds, of the thread's own time."""
    frames = [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES)]
    taken = []
    for _ in range(5):
        one = rule.start()
        began = time.thread_time()
        for frame in frames:
            one(frame)
        taken.append((time.thread_time() - began) / len(frames))
    return min(taken) * 1e6


def _answers(rule: IsVoiced, audio: bytes) -> npt.NDArray[np.bool_]:
    return np.array([rule(audio[at : at + FRAME_BYTES]) for at in range(0, len(audio), FRAME_BYTES)])


def _score(track: Track, begins: npt.NDArray[np.int_], found: Confirmed) -> None:
    found.minutes_without_speech += float((track.labels == NOTHING).sum()) * FRAME_S / 60.0
    spoken_before = np.cumsum(track.labels != NOTHING)
    # False: in the half second before it nobody spoke.
    found.false += sum(bool(spoken_before[at] == spoken_before[max(0, at - 25)]) for at in begins)
    for first, last in track.utterances:
        within = begins[(begins >= first) & (begins <= last + _VOTE.forgotten_s / FRAME_S)]
        if len(within):
            found.delays_s.append(float(within[0] + 1 - first) * FRAME_S)
        else:
            found.never += 1
