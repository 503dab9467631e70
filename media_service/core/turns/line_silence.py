"""Stand in for audio that does not arrive.

Twilio sends a frame every 20 ms. When it pauses, the recognizer must still be fed about real time, and an utterance
must still end; so silence is fed in place of what is missing, after a wait that covers the usual jitter.
"""

from __future__ import annotations

from media_service.core.vad.audio import FRAME_BYTES, FRAME_S, SILENCE_BYTE

_PATIENCE_S = 0.6
"""Frames that come this late are still only late."""
_PATIENCE_IN_SPEECH_S = 2.0
"""The same in the middle of a word: silence put in there would make another word of it."""
_STEP_S = 0.1


class LineSilence:
    def __init__(self, now: float) -> None:
        self.last_frame_at = now
        self._filled_until = now
        self._look_again_at = now

    def frame_arrived(self, now: float) -> None:
        self.last_frame_at = self._filled_until = now

    def alive(self, now: float) -> None:
        """Something other than audio came: the peer is there, though it sends no sound."""
        self.last_frame_at = now

    def deadline(self) -> float:
        wait_s = _PATIENCE_S if self._filled_until <= self.last_frame_at else _STEP_S
        return max(self._look_again_at, self._filled_until + wait_s)

    def due(self, now: float, *, in_speech: bool) -> bytes:
        """mu-law silence for the time since the last audio, real or made up; b"" if none is due. `in_speech`: the last
        audio was somebody speaking."""
        if now < self.deadline():
            return b""
        if in_speech and now < self._filled_until + _PATIENCE_IN_SPEECH_S:
            self._look_again_at = now + _STEP_S
            return b""
        # Whole frames, so that the real ones after it need no cutting.
        frames = int((now - self._filled_until) / FRAME_S + 1e-6)
        self._filled_until += frames * FRAME_S
        return bytes([SILENCE_BYTE]) * (frames * FRAME_BYTES)
