"""Have a neural model say whether a stretch of speech is a voice, before anything is stopped for it.

Our own detector answers at once and by the frame, and takes a cough, a breath or the first seconds of music for
speech. The model knows a voice, and costs as much for each frame. So it is asked only while ours hears speech, and no
more once it has agreed: the silence and the long sentences of a call cost nothing.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from media_service.core.vad.audio import FRAME_S

CHUNK_BYTES: Final = 256
"""What the model judges at a time: 32 ms."""

_HEARD_FIRST_FRAMES: Final = 16
"""Ten chunks. Half of it lies before the speech: from silence the model recognizes a beginning, from the middle of a
word it needs 0.1 s more."""


class SpeechVote(Protocol):
    """The model's opinion of one stretch of audio, which it gets from the start and without gaps."""

    def probabilities(self, audio: bytes) -> Sequence[float]:
        """Of a voice, for each chunk of `audio`. `audio` is one or more whole chunks of mu-law."""
        ...


StartVote = Callable[[], SpeechVote]
"""Begins a stretch. What the model has learned is shared by all calls; a stretch keeps its own short memory."""


@dataclass(frozen=True, slots=True)
class SecondVoteSettings:
    voiced_s: float = 0.150
    """Speech by our own detector before the model is asked: a click or a knock is over by then."""

    probability: float = 0.5
    """From which the model takes a chunk for a voice."""

    agreeing: int = 3
    """Chunks that must be a voice ..."""

    among: int = 4
    """... of the newest so many."""

    doubtful_s: float = 0.4
    """Speech by our own detector in which the model has heard no voice: it agrees within 0.25 s, or it never does."""

    forgotten_s: float = 0.45
    """Silence after which the next speech has to convince anew: what ends an utterance. Each asks the model once."""


class SecondVote:
    """Of one audio track. Feed it every frame in order, with what our own detector says of it."""

    def __init__(self, start: StartVote, settings: SecondVoteSettings = SecondVoteSettings()) -> None:
        self._start = start
        self._settings = settings
        self._enough_frames = math.ceil(settings.voiced_s / FRAME_S)
        self._newest: deque[bytes] = deque(maxlen=_HEARD_FIRST_FRAMES)
        self._vote: SpeechVote | None = None
        self._rest = b""
        self._agreed: deque[bool] = deque(maxlen=settings.among)
        self._voiced_frames = 0
        self._silent_s = 0.0
        self.is_voice = False
        """Whether both agree on the stretch of speech that goes on, or ended less than `forgotten_s` ago."""

    @property
    def is_doubtful(self) -> bool:
        """Whether speech by our own detector has gone on for so long that the model would know a voice by now."""
        return not self.is_voice and self._voiced_frames * FRAME_S >= self._settings.doubtful_s

    def hear(self, frame: bytes, *, voiced: bool) -> None:
        self._newest.append(frame)
        if voiced:
            self._silent_s = 0.0
            self._voiced_frames += 1
        elif self._voiced_frames:
            self._silent_s += FRAME_S
            if self._silent_s >= self._settings.forgotten_s:
                self._forget()
        if self._voiced_frames >= self._enough_frames and not self.is_voice:
            self._ask(frame)

    def _ask(self, frame: bytes) -> None:
        if self._vote is None:
            self._vote = self._start()
            heard = b"".join(self._newest)
            # The newest chunk must be whole: what does not fill one is left out at the other end.
            audio = heard[len(heard) % CHUNK_BYTES :]
        else:
            audio = self._rest + frame
        whole = len(audio) // CHUNK_BYTES * CHUNK_BYTES
        self._rest = audio[whole:]
        if not whole:
            return
        self._agreed.extend(one >= self._settings.probability for one in self._vote.probabilities(audio[:whole]))
        self.is_voice = sum(self._agreed) >= self._settings.agreeing

    def _forget(self) -> None:
        self._vote = None
        self._rest = b""
        self._agreed.clear()
        self._voiced_frames = 0
        self._silent_s = 0.0
        self.is_voice = False
