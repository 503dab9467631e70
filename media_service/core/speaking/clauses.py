"""Where a clause begins in synthesized speech: what was cut short is said again from there, not from mid-word."""

from __future__ import annotations

from typing import Final

from media_service.core.vad.audio import BYTES_PER_S, FRAME_BYTES, faint_mean_square

_PAUSE_FRAMES: Final = 5
"""A tenth of a second: voices pause that long at a comma, and hardly ever inside a word."""
_NOT_HEARD_YET: Final = int(0.12 * BYTES_PER_S)
"""What was sent is heard so much later: the way to the phone, and its buffer."""
_LONGEST: Final = int(4.0 * BYTES_PER_S)
"""Nobody wants to hear more than this again."""
_QUIET: Final = 2_000.0
"""Mean square of a frame in which the voice pauses: 54 dB below full scale."""


def clause_start(audio: bytes, sent: int) -> int:
    """The position of the clause that was being said when `sent` bytes of this mu-law audio had been played.

    0 where there is no pause before it; never more than four seconds back.
    """
    heard = max(0, sent - _NOT_HEARD_YET)
    quiet = 0
    for end in range(heard // FRAME_BYTES * FRAME_BYTES, 0, -FRAME_BYTES):
        loudness = faint_mean_square(audio[end - FRAME_BYTES : end])
        quiet = quiet + 1 if loudness is not None and loudness < _QUIET else 0
        if quiet == _PAUSE_FRAMES:
            return end - FRAME_BYTES + (quiet - 1) * FRAME_BYTES
        if heard - end >= _LONGEST:
            return end
    return 0
