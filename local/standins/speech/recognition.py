"""What one stream hears: interim and final results out of audio, each at the time it should be sent.

Pure: `now` is given. Knows the recognizer and nothing of gRPC or API versions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from local.standins.speech.decoder import Decoder, Hypothesis, Lexicon
from local.standins.speech.features import Samples
from local.standins.speech.speech_detector import Began, Ended, SpeechDetector

# Measured over he.toml, in seven conditions, and over 82 other sentences (20 of them held back), each in the voice of
# the callers and in three others. The largest values of what is recognized, the smallest of what is not:
#                                                               mean distance   worst stretch
#   phrases; off the frame grid; 2 % of frames lost; 20 dB noise        7.8            5.0
#   phrases that lost their first 100 ms                               11.9            6.3
#   two phrases 0.3 s apart                                             9.9            4.3
#   other sentences, in the callers' own voice              10.2 (median 18.7)  3.8 (median 10.1)
#   other sentences, in other voices                        12.4 (median 22.4)  4.7 (median 14.1)
# Neither tells alone. By the mean alone four of 248 utterances (62 of the sentences) had a final result of other words,
# and 45 an interim one. With both, and `_SURE_AFTER_S`: of all 328 one has a final result (two known words that it does
# say), and five have interim ones, four of them of words that they say.
ACCEPTED_DISTANCE: Final = 12.3
"""Mean feature distance of a final result."""
ACCEPTED_STRETCH: Final = 6.5
"""Distance over the 150 ms that are least like it."""
_ACCEPTED_STRETCH_SO_FAR: Final = 5.5
"""The same for an interim result: half a word is like more than one."""
_SURE_AFTER_S: Final = 0.3
_SILENT_S: Final = 0.05
"""An interim result covers so much sound, or is followed by so much silence: in less than 0.3 s every third of the
other sentences is like the beginning of some phrase."""
_STABILITIES: Final = (0.1, 0.3, 0.5, 0.7, 0.9)

Whisper = Callable[[Samples], str]


@dataclass(frozen=True, slots=True)
class Timing:
    """When results come, in seconds."""

    interim_delay_s: float = 0.3
    """From audio to the interim result that covers it."""
    interim_every_s: float = 0.15
    """At least so much audio lies between two interim results."""
    endpoint_silence_s: float = 0.5
    """Silence that ends an utterance."""
    final_delay_s: float = 0.4
    """From that end, or from the half-close, to the final result."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the client asked for."""

    interim_results: bool = False
    punctuation: bool = False
    voice_activity_events: bool = False
    single_utterance: bool = False


@dataclass(frozen=True, slots=True)
class InterimHeard:
    text: str
    stability: float
    end_s: float


@dataclass(frozen=True, slots=True)
class FinalHeard:
    text: str
    confidence: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SpeechEvent:
    kind: Literal["activity_begin", "activity_end", "end_of_single_utterance"]
    at_s: float


Result = InterimHeard | FinalHeard | SpeechEvent


class Recognition:
    """One stream's ear. `on_audio`, then `due` whenever `deadline` passes; `on_end` once at the half-close."""

    def __init__(self, lexicon: Lexicon, wishes: Wishes, timing: Timing, whisper: Whisper | None = None) -> None:
        self._lexicon = lexicon
        self._wishes = wishes
        self._timing = timing
        self._whisper = whisper
        self._detector = SpeechDetector(timing.endpoint_silence_s)
        self._decoder: Decoder | None = None
        self._utterance: list[Samples] = []
        self._scheduled: list[tuple[float, Result]] = []
        self._looked_at_s = 0.0
        self._interim = InterimHeard("", 0.0, 0.0)
        self._unchanged = 0
        self._closed = False

    @property
    def finished(self) -> bool:
        """No result will come any more."""
        return self._closed and not self._scheduled

    def on_audio(self, samples: Samples, now: float) -> None:
        if self._closed:
            return
        for item in self._detector.feed(samples):
            if isinstance(item, Began):
                self._begin(item, now)
            elif isinstance(item, Ended):
                self._end(item.at_s, now)
                if self._closed:
                    return
            elif self._decoder:
                self._decoder.feed(item)
                if self._whisper:
                    self._utterance.append(item)
        self._look(now)

    def on_end(self, now: float) -> None:
        """No more audio comes: what is pending becomes final."""
        if self._decoder:
            self._end(self._detector.last_voiced_s, now)
        self._closed = True

    def deadline(self) -> float | None:
        return self._scheduled[0][0] if self._scheduled else None

    def due(self, now: float) -> list[Result]:
        """The results to be sent by now, in their order."""
        ready = [result for at, result in self._scheduled if at <= now]
        del self._scheduled[: len(ready)]
        return ready

    def _begin(self, began: Began, now: float) -> None:
        self._decoder = Decoder(self._lexicon)
        self._utterance = []
        self._interim = InterimHeard("", 0.0, 0.0)
        self._looked_at_s = self._detector.heard_s
        self._event(SpeechEvent("activity_begin", began.at_s), now)

    def _look(self, now: float) -> None:
        """Send an interim result if it is time for one and it says something new."""
        if not self._decoder or not self._wishes.interim_results:
            return
        heard_s = self._detector.heard_s
        if heard_s - self._looked_at_s < self._timing.interim_every_s:
            return
        self._looked_at_s = heard_s
        found = self._decoder.so_far()
        is_over = heard_s - self._detector.last_voiced_s >= _SILENT_S
        if not _is_like(found, _ACCEPTED_STRETCH_SO_FAR) or not (is_over or found.voiced_s >= _SURE_AFTER_S):
            return
        text = self._written(found, at_end=False)
        self._unchanged = self._unchanged + 1 if text == self._interim.text else 0
        stability = _STABILITIES[min(self._unchanged, len(_STABILITIES) - 1)]
        if text == self._interim.text and stability == self._interim.stability:
            return
        self._interim = InterimHeard(text, stability, heard_s)
        self._schedule(self._interim, now + self._timing.interim_delay_s)

    def _end(self, at_s: float, now: float) -> None:
        decoder, self._decoder = self._decoder, None
        if decoder is None:
            return
        # An interim result that comes after its final one would look like the next utterance.
        final_at = now + self._timing.final_delay_s
        self._scheduled = [(min(at, final_at), result) for at, result in self._scheduled]
        self._event(SpeechEvent("activity_end", at_s), now)
        if self._wishes.single_utterance:
            self._schedule(SpeechEvent("end_of_single_utterance", at_s), now)
            self._closed = True
        found = decoder.whole()
        if _is_like(found, ACCEPTED_STRETCH):
            confidence = round(max(0.5, 0.97 - 0.03 * found.distance), 3)
            self._schedule(FinalHeard(self._written(found, at_end=True), confidence, at_s), final_at)
        elif self._whisper and (text := self._whisper(np.concatenate(self._utterance))):
            self._schedule(FinalHeard(text, 0.6, at_s), final_at)

    def _event(self, event: SpeechEvent, now: float) -> None:
        if self._wishes.voice_activity_events:
            self._schedule(event, now)

    def _schedule(self, result: Result, at: float) -> None:
        if self._scheduled:
            at = max(at, self._scheduled[-1][0])
        self._scheduled.append((at, result))

    def _written(self, found: Hypothesis, *, at_end: bool) -> str:
        text = " ".join(found.words).rstrip(",")
        if not self._wishes.punctuation:
            return text.replace(",", "")
        if not at_end:
            return text
        return text + ("?" if found.question else ".")


def _is_like(found: Hypothesis, accepted_stretch: float) -> bool:
    return bool(found.words) and found.distance <= ACCEPTED_DISTANCE and found.worst_stretch <= accepted_stretch


def recognize_at_once(samples: Samples, lexicon: Lexicon, wishes: Wishes, whisper: Whisper | None) -> list[FinalHeard]:
    """The final results of audio that is complete."""
    recognition = Recognition(lexicon, replace(wishes, interim_results=False), Timing(final_delay_s=0.0), whisper)
    recognition.on_audio(samples, now=0.0)
    recognition.on_end(now=0.0)
    return [result for result in recognition.due(now=0.0) if isinstance(result, FinalHeard)]
