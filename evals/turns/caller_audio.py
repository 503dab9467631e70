"""The sound of a turn: words at their times and with exact pauses, spoken by espeak-ng; coughs, music, other people.

Samples are floats at 8000 Hz with full scale at 1.0.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from evals.speech_activity import sounds
from evals.speech_activity.sounds import Samples
from evals.turns.items import SHORTEST_PAUSE_S, Sound, Word
from local.voice import Voice, speak_with_words
from media_service.core.vad.audio import SAMPLE_RATE_HZ, decode_mulaw

VOICES: Final = (
    Voice(rate=200, pitch=55, variant="f2"),
    Voice(rate=185, pitch=35, variant="m3"),
    Voice(rate=215, pitch=70, variant="f4"),
    Voice(rate=175, pitch=25, variant="m1"),
)
_SOMEBODY_ELSE: Final = Voice(rate=190, pitch=45, variant="m7")
_TELEVISION: Final = Voice(rate=230, pitch=50, variant="f1")
_MARGIN: Final = int(0.030 * SAMPLE_RATE_HZ)
"""Silence that the voice leaves before and after words."""
_SAME_LENGTH: Final = 0.01
_TELEVISION_SAYS: Final = "והיום בחדשות נדבר על מזג האוויר ועל מחירי הדירות בצפון הארץ בשנה האחרונה"


@dataclass(frozen=True, slots=True)
class Placed:
    """Samples, and where in the turn they begin."""

    at_s: float
    samples: Samples


def voice_of(turn_id: str) -> Voice:
    return VOICES[zlib.crc32(turn_id.encode()) % len(VOICES)]


def runs(words: Sequence[Word]) -> list[list[Word]]:
    """Words without a pause between them."""
    out: list[list[Word]] = []
    for word in words:
        if out and word.start_s - out[-1][-1].end_s < SHORTEST_PAUSE_S - 1e-6:
            out[-1].append(word)
        else:
            out.append([word])
    return out


def spoken(words: Sequence[Word], voice: Voice) -> list[Placed]:
    """Each run begins and ends where its words do."""
    return [
        Placed(run[0].start_s, _fitted(" ".join(word.text for word in run), run[-1].end_s - run[0].start_s, voice))
        for run in runs(words)
    ]


@lru_cache(maxsize=4096)
def said(text: str, voice: Voice) -> tuple[Samples, tuple[float, ...]]:
    """As fast as the voice speaks: samples without silence around them, and where each word ends, in seconds."""
    audio, words = speak_with_words(text, voice)
    samples = decode_mulaw(audio)[_MARGIN:-_MARGIN] / 32768.0
    ends = tuple(word.end_s - _MARGIN / SAMPLE_RATE_HZ for word in words)
    return samples, ends


def _fitted(text: str, seconds: float, voice: Voice) -> Samples:
    """Spoken within this time: at another rate where it is far off, then stretched the rest."""
    samples, _ = said(text, voice)
    wanted = sounds.length(seconds)
    if not len(samples):
        return np.zeros(wanted)
    if abs(len(samples) / wanted - 1) > _SAME_LENGTH:
        rate = int(np.clip(voice.rate * len(samples) / wanted, 80, 450))
        samples, _ = said(text, replace(voice, rate=rate))
    if len(samples) == wanted:
        return samples
    places = np.linspace(0, len(samples) - 1, wanted)
    return np.interp(places, np.arange(len(samples)), samples)


def of_sound(sound: Sound, rng: np.random.Generator) -> Samples:
    """Raises `ValueError` for a kind that does not exist."""
    seconds, dbfs = sound.seconds, sound.dbfs
    match sound.kind:
        case "cough":
            # Coughs come every three seconds, the first after 0.7.
            return sounds.coughs(rng, 2.5, dbfs)[sounds.length(0.68) :][: sounds.length(seconds)]
        case "breath":
            return sounds.breathing(rng, seconds + 0.5, dbfs)[sounds.length(0.5) :]
        case "noise":
            return sounds.white(rng, seconds, dbfs)
        case "click":
            return sounds.clicks(rng, max(0.5, seconds), dbfs)
        case "music":
            return sounds.music(rng, seconds, dbfs)
        case "keys":
            return sounds.dtmf(rng, seconds, dbfs)
        case "television":
            return _at(dbfs, said(_TELEVISION_SAYS, _TELEVISION)[0], seconds)
        case "side talk":
            return _at(dbfs, said(sound.text, _SOMEBODY_ELSE)[0], seconds)
    raise ValueError(f"no sound is called {sound.kind!r}")


def words_of(sound: Sound) -> list[Word]:
    """What somebody else says, where the recognizer may have it: from the beginning of the sound."""
    if sound.kind != "side talk" or not sound.text:
        return []
    ends = said(sound.text, _SOMEBODY_ELSE)[1]
    starts = (0.0, *ends[:-1])
    return [
        Word(text, sound.at_s + start, sound.at_s + end)
        for text, start, end in zip(sound.text.split(), starts, ends, strict=False)
        if end <= sound.seconds + 0.05
    ]


def _at(dbfs: float, samples: Samples, seconds: float) -> Samples:
    wanted = sounds.length(seconds)
    repeated = np.tile(samples, -(-wanted // max(1, len(samples))))[:wanted]
    return sounds.at_level(repeated, dbfs)
