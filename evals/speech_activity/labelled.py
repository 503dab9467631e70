"""Tracks of telephone audio, and for each 20 ms of them whether somebody speaks.

The label comes from the clean voice before anything is mixed into it. A frame is speech if it lies within 20 dB of the
voice's level, nothing if it is 240 ms or more away from all speech, and between the two it counts for nobody: weak
ends of words and the stops within them may be called either.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from evals.speech_activity import sounds
from evals.speech_activity.sounds import Samples
from local.phrases import phrases
from local.voice import ASSISTANT, CALLER, Voice, speak
from media_service.core.vad.audio import FRAME_BYTES, FRAME_S, SAMPLE_RATE_HZ, decode_mulaw, encode_mulaw

NOTHING: Final = 0
SPEECH: Final = 1
EITHER: Final = -1
Labels = npt.NDArray[np.int8]

_SPEECH_BELOW_LEVEL_DB: Final = 20.0
_CLEAR_OF_SPEECH_FRAMES: Final = 12
_PAUSE_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Take:
    """Who says what, and the seed of every noise."""

    voices: tuple[Voice, ...]
    sentences: tuple[str, ...]
    """Texts of phrases: names, needs, times, none of them a single syllable."""
    seed: int


TUNED_ON: Final = Take(
    (
        replace(CALLER, variant="f4"),
        ASSISTANT,
        Voice(rate=150, pitch=70, variant="f4"),
        Voice(rate=240, pitch=25, variant="m1"),
        Voice(rate=180, pitch=10, variant="m7"),
        Voice(rate=220, pitch=90, variant="f1"),
    ),
    (
        "שלום, אני צריכה הצעת מחיר להתקנת מזגן",
        "קוראים לי דנה לוי",
        "מחר בבוקר",
        "שמי מיכל",
        "אני רוצה לקבוע פגישה",
        "יש לי נזילה במטבח ואני צריך אינסטלטור דחוף",
        "אני מתקשרת לגבי ההזמנה שלי מהשבוע שעבר",
        "ביום ראשון בעשר",
    ),
    seed=0,
)
HELD_BACK: Final = Take(
    (
        Voice(rate=170, pitch=60, variant="f1"),
        Voice(rate=210, pitch=30, variant="m2"),
        Voice(rate=260, pitch=45, variant="f4"),
        Voice(rate=140, pitch=20, variant="m4"),
        Voice(rate=190, pitch=80, variant="f1"),
        Voice(rate=200, pitch=5, variant="m5"),
    ),
    (
        "קוראים לי יוסי כהן",
        "השם שלי רות ברק",
        "המזגן שלנו לא מקרר והטכנאי לא הגיע",
        "רציתי לדעת כמה עולה התקנה של מזגן מרכזי",
        "אנחנו עוברים לדירה חדשה בחיפה ואנחנו צריכים להתקין שלושה מזגנים, "
        "אחד בסלון ושניים בחדרי השינה, ורצינו לדעת כמה זה עולה ומתי אפשר לקבוע ביקור של טכנאי",
        "אפשר גם בערב",
        "מתי שנוח לכם",
        "אפשר לדבר עם בן אדם",
    ),
    seed=1000,
)
"""Nothing was chosen by listening to these."""


@dataclass(frozen=True, slots=True)
class Track:
    condition: str
    audio: bytes
    """Whole frames."""
    labels: Labels
    utterances: tuple[tuple[int, int], ...]
    """First and last frame of speech of each stretch of speech."""


Background = Callable[[np.random.Generator, float], Samples]


def tracks(take: Take) -> list[Track]:
    """The whole set; the same at every call and on every machine with the same espeak-ng."""
    parts = (_levels, _noisy, _short_words, _whispers, _without_speech, _disturbed)
    return [track for part in parts for track in part(take)]


def _levels(take: Take) -> Iterator[Track]:
    for dbfs in (-15, -20, -25, -30, -35, -40):
        yield _track(take, f"speech at {dbfs} dBFS, digital silence", dbfs, None)
    for dbfs, noise in ((-20, -60), (-35, -60), (-20, -50), (-35, -55)):
        yield _track(take, f"speech at {dbfs} dBFS, comfort noise at {noise}", dbfs, _white(noise))
    yield _track(take, "speech at -20 dBFS from the first frame, comfort noise at -60", -20, _white(-60), lead_in_s=0.0)


def _noisy(take: Take) -> Iterator[Track]:
    kinds: tuple[tuple[str, Callable[..., Samples]], ...] = (
        ("white", sounds.white),
        ("pink", sounds.pink),
        ("hum", sounds.hum),
    )
    for name, kind in kinds:
        for snr_db in (20, 10):
            yield _track(take, f"{name} line noise, {snr_db} dB below the voice", -22, _at(kind, -22 - snr_db))
    yield _track(take, "white line noise, 10 dB below a voice at -35 dBFS", -35, _white(-45))


def _short_words(take: Take) -> Iterator[Track]:
    """A single "כן" of 300 ms, many times."""
    for dbfs, noise in ((-20, -60), (-35, -60), (-25, -40)):
        words = [_short_yes(voice) for voice in take.voices] * 2
        yield _spoken(take, f"a yes of 300 ms at {dbfs} dBFS, noise at {noise}", words, dbfs, _white(noise))


def _whispers(take: Take) -> Iterator[Track]:
    rng = np.random.default_rng(take.seed + 50)
    parts, voices = [], []
    for number, sentence in enumerate(take.sentences):
        loud = _sentence(sentence, _voice(take, number))
        quiet = sounds.whispered(rng, _sentence(take.sentences[-1 - number], _voice(take, number)))
        voices += [sounds.at_level(loud, -15.0), _at_active_level(quiet, -38.0)]
    for voice in voices:
        parts += [voice, np.zeros(sounds.length(_PAUSE_S))]
    # Each part against its own level; the loud voices in between count for nobody.
    heard = _labels([part if number % 4 == 2 else part * 0 for number, part in enumerate(parts)])
    anybody = _labels(parts)
    labels = np.where(heard == SPEECH, SPEECH, np.where(anybody == NOTHING, NOTHING, EITHER)).astype(np.int8)
    everything = sounds.joined(parts)
    everything += sounds.white(rng, len(everything) / SAMPLE_RATE_HZ, -62.0)
    yield Track("a whisper at -38 dBFS after a voice at -15", _mulaw(everything), labels, _runs(heard))


def _without_speech(take: Take) -> Iterator[Track]:
    """Nobody speaks in these."""

    def over(kind: Callable[..., Samples], dbfs: float) -> Background:
        return lambda rng, seconds: kind(rng, seconds, dbfs) + sounds.white(rng, seconds, -60.0)

    nobody: tuple[tuple[str, Background], ...] = (
        ("digital silence", lambda _, seconds: np.zeros(sounds.length(seconds))),
        ("comfort noise at -60 dBFS", _white(-60)),
        ("comfort noise at -50 dBFS", _white(-50)),
        ("white line noise at -32 dBFS", _white(-32)),
        ("pink line noise at -32 dBFS", _at(sounds.pink, -32)),
        ("hum at -32 dBFS", _at(sounds.hum, -32)),
        ("noise at -25 dBFS that starts suddenly", _starting_noise),
        ("breathing at -40 dBFS", over(sounds.breathing, -40)),
        ("breathing at -33 dBFS, into the microphone", over(sounds.breathing, -33)),
        ("music on hold at -22 dBFS", over(sounds.music, -22)),
        ("keys (DTMF) at -15 dBFS", over(sounds.dtmf, -15)),
        ("coughs at -15 dBFS", over(sounds.coughs, -15)),
        ("clicks at -15 dBFS", over(sounds.clicks, -15)),
    )
    for number, (name, background) in enumerate(nobody):
        samples = background(np.random.default_rng(take.seed + 100 + number), 30.0)
        audio = _mulaw(samples)
        yield Track(f"only {name}", audio, np.zeros(len(audio) // FRAME_BYTES, np.int8), ())


def _disturbed(take: Take) -> Iterator[Track]:
    """Speech on top of what is not speech."""
    yield _track(take, "speech at -22 dBFS, noise at -34 that starts suddenly", -22, _starting_at(-34))
    yield _track(
        take,
        "speech at -25 dBFS, breathing at -42",
        -25,
        lambda rng, seconds: sounds.breathing(rng, seconds, -42) + sounds.white(rng, seconds, -60),
    )


def _starting_at(dbfs: float) -> Background:
    def starting(rng: np.random.Generator, seconds: float) -> Samples:
        noise = sounds.white(rng, seconds, dbfs)
        noise[: sounds.length(6.0)] *= sounds.gain(-60.0 - dbfs)
        return noise

    return starting


def _starting_noise(rng: np.random.Generator, seconds: float) -> Samples:
    return _starting_at(-25.0)(rng, seconds)


def _at(kind: Callable[..., Samples], dbfs: float) -> Background:
    return lambda rng, seconds: kind(rng, seconds, dbfs)


def _white(dbfs: float) -> Background:
    return _at(sounds.white, dbfs)


def _track(take: Take, condition: str, dbfs: float, background: Background | None, lead_in_s: float = 1.0) -> Track:
    voices = [_sentence(at, _voice(take, number)) for number, at in enumerate(take.sentences)]
    return _spoken(take, condition, voices, dbfs, background, lead_in_s)


def _voice(take: Take, number: int) -> Voice:
    return take.voices[number % len(take.voices)]


def _spoken(
    take: Take,
    condition: str,
    voices: Sequence[Samples],
    dbfs: float,
    background: Background | None,
    lead_in_s: float = 1.0,
) -> Track:
    parts: list[Samples] = [np.zeros(sounds.length(lead_in_s))]
    for voice in voices:
        parts += [_at_active_level(voice, dbfs), np.zeros(sounds.length(_PAUSE_S))]
    clean = sounds.joined(parts)
    labels = _labels(parts)
    seconds = len(clean) / SAMPLE_RATE_HZ
    noise = (
        background(np.random.default_rng(take.seed + 7), seconds)[: len(clean)] if background else np.zeros(len(clean))
    )
    return Track(condition, _mulaw(clean + noise), labels, _runs(labels))


@cache
def _sentence(text: str, voice: Voice) -> Samples:
    spoken = {phrase.text: phrase.spoken for phrase in phrases()}
    return np.asarray(decode_mulaw(speak(spoken[text], voice)) / 32768.0)


@cache
def _short_yes(voice: Voice) -> Samples:
    """Spoken at the rate that makes it 300 ms long, to within a frame or two."""
    takes = [decode_mulaw(speak("כן", Voice(rate, voice.pitch, voice.variant))) for rate in range(120, 400, 20)]
    best = min(takes, key=lambda samples: abs(len(samples) / 8000 - 0.36))  # 30 ms of silence at either end
    return best / 32768.0


def _active_level(voice: Samples) -> float:
    """Mean square of the frames within 20 dB of the loudest."""
    power = _frame_power(voice)
    return float(power[power > power.max() * 0.01].mean())


def _at_active_level(voice: Samples, dbfs: float) -> Samples:
    return voice * (sounds.gain(dbfs) / math.sqrt(_active_level(voice)))


def _frame_power(samples: Samples) -> Samples:
    whole = len(samples) // FRAME_BYTES * FRAME_BYTES
    frames = samples[:whole].reshape(-1, FRAME_BYTES)
    power: Samples = np.mean(frames**2, axis=1)
    return power


def _labels(parts: Sequence[Samples]) -> Labels:
    """`parts` follow each other, each with a level of its own."""
    power = _frame_power(sounds.joined(parts))
    if not power.any():
        return np.zeros(len(power), np.int8)
    threshold = np.concatenate([np.full(len(part), _threshold(part)) for part in parts])
    speech = power > threshold[: len(power) * FRAME_BYTES : FRAME_BYTES]
    near = np.convolve(speech, np.ones(2 * _CLEAR_OF_SPEECH_FRAMES - 1), "same") > 0
    return np.where(speech, SPEECH, np.where(near, EITHER, NOTHING)).astype(np.int8)


def _threshold(part: Samples) -> float:
    if not part.any():
        return float("inf")
    return _active_level(part) * sounds.gain(-_SPEECH_BELOW_LEVEL_DB) ** 2


def _runs(labels: Labels) -> tuple[tuple[int, int], ...]:
    """Stretches of speech; a gap of less than 400 ms does not part them."""
    at = np.flatnonzero(labels == SPEECH)
    if not len(at):
        return ()
    breaks = np.flatnonzero(np.diff(at) > 0.4 / FRAME_S)
    firsts = [at[0], *at[breaks + 1]]
    lasts = [*at[breaks], at[-1]]
    return tuple((int(first), int(last)) for first, last in zip(firsts, lasts, strict=True))


def _mulaw(samples: Samples) -> bytes:
    whole = len(samples) // FRAME_BYTES * FRAME_BYTES
    return encode_mulaw(np.clip(np.rint(samples[:whole] * 32768.0), -32768, 32767).astype(np.int16))
