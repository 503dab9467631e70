"""Where one speaker's audio has got to: what came in, what of it was speech, what the recognizer got and answered.

    |    words decided    |  words may change  |   no words yet   |  not sent yet  |
    0                 final_end           interim_end          sent_to           fed
          |                             |                 |
       kept_from                   utterance_to       voiced_to

Positions are bytes of mu-law since the call began, 8,000 a second. Whoever decides by them reads them here; nobody
else counts bytes. Knows nothing of streams or words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from media_service.core.vad.audio import BYTES_PER_S

PAUSE_BYTES: Final = int(0.4 * BYTES_PER_S)
"""Recognizers do not end a segment in a shorter one."""

_AFTER_WORDS_BYTES: Final = int(0.2 * BYTES_PER_S)
"""A result may end so much before its last word does."""

_LAG_FADES: Final = 0.8
"""What is left of the longest lag with each interim that lags less."""


@dataclass(slots=True)
class VoiceMarks:
    """Of the sound: what is surely a voice, and whose words are still to come."""

    resumed_at: int = 0
    """Where speech began again after the newest pause that is longer than the gaps between words."""

    utterance_from: int = 0
    """Where the newest utterance was noticed."""

    confirmed_to: int = 0
    """The end of the newest speech that is surely a voice. Stays 0 where nothing can tell."""

    can_confirm: bool = False
    """Whether anything can tell a voice from a cough."""

    unanswered_from: int = 0
    """Since where `unanswered` counts."""

    answered_to: int = 0
    """The voice before this belongs to utterances that are closed."""


@dataclass(slots=True)
class InterimMarks:
    """Of the interims, beside how far the newest one reaches."""

    changed_end: int = 0
    """`interim_end` when the words of the newest interim were new."""

    lag: int = 4_000
    """How far interims are behind the audio when they come, at most, of late: half a second until that is known."""

    words_end: int = 0
    """As `interim_end`, but for what an interim cannot have yet where it does not say where it ends."""


@dataclass(slots=True)
class Timeline:
    """Positions, and beside them two groups of marks."""

    voice: VoiceMarks = field(default_factory=VoiceMarks)

    interims: InterimMarks = field(default_factory=InterimMarks)

    fed: int = 0
    """Everything before this came in."""

    voiced_to: int = 0
    """The end of the last frame that was speech."""

    utterance_to: int = 0
    """Where the newest utterance ends so far: `voiced_to`, or further on where its words came without any voice."""

    spoken: int | None = None
    """Bytes of speech in the open utterance; None while none is open."""

    unanswered: int = 0
    """Bytes of speech since the last result of any stream: a new one owes results for what it gets again."""

    kept_from: int = 0
    """Audio from here on is kept for replay."""

    sent_to: int = 0
    """Up to here the live stream has got audio."""

    interim_end: int = 0
    """Up to here results have come by the recognizer's own word; all of `sent_to` where a result does not say."""

    final_end: int = 0
    """Everything before this is covered by final results, or by a single request."""

    published_to: int = 0
    """The words of everything before this are published. Past `final_end` where a final result never came."""

    def advance(self, size: int, *, voiced: bool, is_speaker: bool = True) -> None:
        """So many bytes came in. `is_speaker`: if they are speech, it may be of whoever holds the telephone."""
        self.fed += size
        if not voiced:
            return
        self.unanswered += size
        if not is_speaker:
            # Nor was what came before it, as far as no word has been recognized in it.
            words_end = max(self.interim_end, self.voice.utterance_from)
            self.utterance_to = min(self.utterance_to, words_end + _AFTER_WORDS_BYTES)
            return
        if self.fed - size - self.voiced_to >= PAUSE_BYTES:
            self.voice.resumed_at = self.fed - size
        self.voiced_to = self.utterance_to = self.fed
        if self.spoken is not None:
            self.spoken += size

    def note_lag(self, end: int) -> None:
        """An interim came that ends there."""
        self.interims.lag = max(self.fed - end, int(_LAG_FADES * self.interims.lag))

    @property
    def lag_s(self) -> float:
        return self.interims.lag / BYTES_PER_S

    @property
    def unrecognized_s(self) -> float:
        """Seconds of audio since the end of the newest result."""
        return (self.fed - self.interim_end) / BYTES_PER_S

    def answered(self) -> None:
        """A result came, or is not owed any more."""
        self.unanswered, self.voice.unanswered_from = 0, self.fed

    @property
    def is_voice(self) -> bool:
        """Whether the newest utterance is surely a voice, as far as anything can tell."""
        return not self.voice.can_confirm or self.voice.confirmed_to > self.voice.utterance_from

    @property
    def owes_voice(self) -> bool:
        """The same of the speech since the last result."""
        return not self.voice.can_confirm or self.voice.confirmed_to > self.voice.unanswered_from

    def begin_stream(self, at: int) -> None:
        """The next stream gets the audio from here on, and has answered none of it."""
        self.sent_to = self.interim_end = self.interims.words_end = self.interims.changed_end = at

    @property
    def settled_to(self) -> int:
        """No recognizer needs the audio before this again."""
        return max(self.final_end, self.published_to)

    @property
    def silence_s(self) -> float:
        """Seconds since the newest utterance's speech, or its words."""
        return (self.fed - self.utterance_to) / BYTES_PER_S

    @property
    def quiet_s(self) -> float:
        """Seconds since the last speech."""
        return (self.fed - self.voiced_to) / BYTES_PER_S

    @property
    def spoken_s(self) -> float:
        """Seconds of speech in the open utterance; 0 while none is open."""
        return (self.spoken or 0) / BYTES_PER_S

    @property
    def unanswered_s(self) -> float:
        """Seconds of speech since the last result."""
        return self.unanswered / BYTES_PER_S
