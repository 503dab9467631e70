"""What the person at the phone hears, and when: Twilio's playing buffer for one media stream.

Pure. `now` and all times are seconds on the call's clock and must not go backwards. Audio is mono mu-law at
8000 Hz and is heard in the order it came, one second a second, however fast it arrived.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from local import g711

# Words of one sentence are rarely further apart than this; a longer silence begins a new spell of speech.
SAME_SPELL_GAP_S = 0.3


@dataclass(slots=True)
class Spell:
    """A stretch of audible speech. Its end may lie in the future while more is buffered."""

    started_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class Speech:
    """What one side knows of the other's speaking."""

    started_at: float | None = None
    """When the latest spell that could be heard so far began."""
    quiet_since: float | None = None
    """When the last speech ended; None while there is more to come, or if there never was any."""

    @property
    def is_on(self) -> bool:
        return self.started_at is not None and self.quiet_since is None


@dataclass(frozen=True, slots=True)
class Piece:
    """Audio and the instant its first sample is heard."""

    at: float
    audio: bytes


class Line:
    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        """Everything heard or still to be heard, in order, never overlapping."""
        self.spells: list[Spell] = []
        self._ends_at = float("-inf")
        self._marks: deque[tuple[float, str]] = deque()
        self._next_is_new_spell = True

    def play(self, audio: bytes, now: float) -> None:
        starts_at = max(now, self._ends_at)
        self.pieces.append(Piece(starts_at, audio))
        self._ends_at = starts_at + len(audio) / g711.SAMPLE_RATE_HZ
        for index, voiced in enumerate(g711.voiced_windows(audio)):
            if voiced:
                begins = starts_at + index * g711.FRAME_S
                self._add_voiced(begins, min(begins + g711.FRAME_S, self._ends_at))

    def mark(self, name: str, now: float) -> None:
        """Due when everything played before it has been heard: at once if nothing is buffered."""
        self._marks.append((max(now, self._ends_at), name))

    def reached(self, now: float) -> list[str]:
        """Take the marks that became due by `now`, each once."""
        names = []
        while self._marks and self._marks[0][0] <= now:
            names.append(self._marks.popleft()[1])
        return names

    def clear(self, now: float) -> list[str]:
        """Drop what has not been heard yet and take every pending mark."""
        self.pieces = [_cut(piece, now) for piece in self.pieces if piece.at < now]
        self.spells = [Spell(s.started_at, min(s.ended_at, now)) for s in self.spells if s.started_at < now]
        self._ends_at = min(self._ends_at, now)
        self._next_is_new_spell = True
        names = [name for _, name in self._marks]
        self._marks.clear()
        return names

    def ahead_s(self, now: float) -> float:
        """How much is buffered and not heard yet."""
        return max(0.0, self._ends_at - now)

    def speech(self, now: float) -> Speech:
        if not self.spells:
            return Speech()
        started_at = next((s.started_at for s in reversed(self.spells) if s.started_at <= now), None)
        last_end = self.spells[-1].ended_at
        return Speech(started_at, last_end if last_end <= now else None)

    def _add_voiced(self, begins: float, ends: float) -> None:
        if not self._next_is_new_spell and begins - self.spells[-1].ended_at < SAME_SPELL_GAP_S:
            self.spells[-1].ended_at = ends
        else:
            self.spells.append(Spell(begins, ends))
            self._next_is_new_spell = False


def _cut(piece: Piece, now: float) -> Piece:
    samples = round((now - piece.at) * g711.SAMPLE_RATE_HZ)
    return piece if samples >= len(piece.audio) else Piece(piece.at, piece.audio[:samples])
