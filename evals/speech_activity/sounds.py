"""What a telephone carries besides a voice. Samples are floats at 8000 Hz with full scale at 1.0.

Every function takes its own random generator, so that the same seed gives the same sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from media_service.core.vad.audio import SAMPLE_RATE_HZ

Samples = npt.NDArray[np.float64]
Generator = np.random.Generator

_DTMF_ROWS_HZ: Final = (697.0, 770.0, 852.0, 941.0)
_DTMF_COLUMNS_HZ: Final = (1209.0, 1336.0, 1477.0, 1633.0)


def gain(dbfs: float) -> float:
    return float(10.0 ** (dbfs / 20.0))


def at_level(samples: Samples, dbfs: float) -> Samples:
    """Scaled so that the mean level of the whole is `dbfs`."""
    level = float(np.sqrt(np.mean(samples**2)))
    return samples * (gain(dbfs) / level) if level else samples


def length(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE_HZ)


def _times(seconds: float) -> Samples:
    return np.arange(length(seconds)) / SAMPLE_RATE_HZ


def shaped(samples: Samples, low_hz: float, high_hz: float, tilt_db_per_octave: float = 0.0) -> Samples:
    """Only what lies between the two frequencies, and with a slope above 100 Hz if wanted."""
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ)
    weight = np.interp(frequency, (low_hz * 0.8, low_hz, high_hz, high_hz * 1.1), (0.0, 1.0, 1.0, 0.0))
    octaves = np.log2(np.maximum(frequency, 100.0) / 100.0)
    return np.fft.irfft(spectrum * weight * 10.0 ** (tilt_db_per_octave * octaves / 20.0), len(samples))


def white(rng: Generator, seconds: float, dbfs: float) -> Samples:
    return at_level(shaped(rng.normal(size=length(seconds)), 200, 3500), dbfs)


def pink(rng: Generator, seconds: float, dbfs: float) -> Samples:
    return at_level(shaped(rng.normal(size=length(seconds)), 100, 3500, -3.0), dbfs)


def hum(rng: Generator, seconds: float, dbfs: float) -> Samples:
    """Mains at 50 Hz with its harmonics, whose low ones the line weakens, over a little hiss."""
    times = _times(seconds)
    tones = [
        weight * np.sin(2 * np.pi * 50.0 * harmonic * times + rng.uniform(0, 2 * np.pi))
        for harmonic, weight in ((1, 0.5), (2, 0.6), (3, 1.0), (5, 0.7), (6, 0.3), (7, 0.4), (9, 0.25), (11, 0.15))
    ]
    hiss = white(rng, seconds, -25.0)
    return at_level(np.sum(tones, axis=0) + hiss * 0.5, dbfs)


def breathing(rng: Generator, seconds: float, dbfs: float) -> Samples:
    """In and out, a breath every three seconds or so; `dbfs` is the level of the loudest part of a breath."""
    out = np.zeros(length(seconds))
    at = length(0.5)
    while at < len(out):
        duration = rng.uniform(0.6, 1.3)
        breath = shaped(rng.normal(size=length(duration)), 350, rng.uniform(1800, 2800), -4.0)
        breath = at_level(breath, dbfs - rng.uniform(0.0, 4.0)) * np.sin(np.linspace(0, np.pi, len(breath))) ** 2
        end = min(len(out), at + len(breath))
        out[at:end] += breath[: end - at]
        at += length(duration + rng.uniform(0.5, 1.2))
    return out


def music(rng: Generator, seconds: float, dbfs: float) -> Samples:
    """A tune of chords over a bass with a light beat, 108 beats a minute, as a switchboard plays it."""
    out = np.zeros(length(seconds) + length(2.0))
    beat_s = 60.0 / 108.0
    chords = ((0, 4, 7), (-3, 0, 4), (5, 9, 12), (7, 11, 14))
    melody = (12, 16, 14, 12, 9, 12, 14, 11)
    for beat in range(int(seconds / beat_s)):
        at = length(beat * beat_s)
        chord = chords[beat // 4 % 4]
        notes = [(chord[0] - 12, 0.8), *((note, 0.5) for note in chord), (melody[beat % 8], 0.9)]
        for semitones, weight in notes:
            note = _plucked(261.6 * 2 ** (semitones / 12), beat_s * 1.6) * weight
            out[at : at + len(note)] += note
        hat = rng.normal(size=length(0.05)) * np.exp(-_times(0.05) * 90) * 0.5
        out[at : at + len(hat)] += hat
    return at_level(shaped(out[: length(seconds)], 250, 3400), dbfs)


def _plucked(frequency_hz: float, seconds: float) -> Samples:
    times = _times(seconds)
    partials = [np.sin(2 * np.pi * frequency_hz * k * times) / k**1.3 for k in range(1, 7) if frequency_hz * k < 3600]
    attack = np.minimum(times / 0.008, 1.0)
    return np.asarray(np.sum(partials, axis=0) * attack * np.exp(-times * 2.5))


def dtmf(rng: Generator, seconds: float, dbfs: float) -> Samples:
    """Keys of 80 to 200 ms, some pressed quickly one after the other."""
    out = np.zeros(length(seconds))
    at = length(0.4)
    while at < len(out):
        times = _times(rng.uniform(0.08, 0.2))
        row, column = rng.choice(_DTMF_ROWS_HZ), rng.choice(_DTMF_COLUMNS_HZ)
        key = np.sin(2 * np.pi * row * times) * 0.8 + np.sin(2 * np.pi * column * times)
        end = min(len(out), at + len(key))
        out[at:end] = at_level(key, dbfs)[: end - at]
        at = end + length(rng.choice((0.08, 0.25, 1.0)))
    return out


def coughs(rng: Generator, seconds: float, dbfs: float) -> Samples:
    """One every three seconds: a blast, a hoarse middle and, sometimes, a second blast. `dbfs` is the blast's level."""
    out = np.zeros(length(seconds))
    for start_s in np.arange(0.7, seconds - 1.0, 3.0):
        at = length(float(start_s))
        for part in range(int(rng.integers(1, 3))):
            blast = shaped(rng.normal(size=length(0.26)), 250, 3400, -2.0)
            blast = at_level(blast, dbfs - 4.0 * part)
            blast *= np.exp(-_times(0.26) * 11) * np.minimum(_times(0.26) / 0.004, 1)
            hoarse = (_times(0.26) * 130.0 % 1.0 - 0.5) * gain(dbfs - 14.0) * np.sin(np.linspace(0, np.pi, len(blast)))
            out[at : at + len(blast)] += blast * 1.8 + hoarse
            at += length(0.32)
    return out


def clicks(rng: Generator, seconds: float, dbfs: float) -> Samples:
    """1 to 5 ms each, alone or two 30 ms apart. `dbfs` is the level within the click."""
    out = np.zeros(length(seconds))
    at = length(0.3)
    while at + length(0.1) < len(out):
        for offset in range(int(rng.integers(1, 3))):
            click = rng.normal(size=length(rng.uniform(0.001, 0.005))) * gain(dbfs)
            start = at + length(0.03) * offset
            out[start : start + len(click)] += click
        at += length(rng.uniform(0.3, 1.2))
    return out


def whispered(rng: Generator, voice: Samples) -> Samples:
    """The same words without a voice: the spectral envelope of each 20 ms, filled with noise, weaker below 500 Hz."""
    size, hop = 256, 64
    window = np.hanning(size)
    padded = np.concatenate([np.zeros(size), voice, np.zeros(size)])
    noise = rng.normal(size=len(padded))
    frequency = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    weight = np.interp(frequency, (200, 700, 3600, 3900), (0.05, 1.0, 1.0, 0.0))
    envelope_kernel = np.hanning(13) / np.hanning(13).sum()  # 400 Hz: wider than the distance of two harmonics
    out = np.zeros(len(padded))
    for at in range(0, len(padded) - size, hop):
        envelope = np.convolve(np.abs(np.fft.rfft(padded[at : at + size] * window)), envelope_kernel, "same")
        excited = np.fft.rfft(noise[at : at + size] * window) * envelope * weight
        out[at : at + size] += np.fft.irfft(excited, size) * window
    return out[size : size + len(voice)]


def joined(parts: Sequence[Samples]) -> Samples:
    return np.concatenate(list(parts))
