"""Speak Hebrew as a telephone would carry it: mu-law, 8000 Hz, mono.

espeak-ng is one library with one state for the whole process and is not safe to call from two threads, so all
synthesis goes through one lock; a sentence takes a few milliseconds. The same text and voice give the same bytes.
"""

from __future__ import annotations

import ctypes
import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import espeakng_loader
import numpy as np
import numpy.typing as npt

from local import pronunciation
from local.phrases import pronunciation as known_words
from media_service.core.vad.audio import BYTES_PER_S, encode_mulaw

LEVEL_DBFS: Final = -20.0
"""Mean level of the spoken part: what a telephone network delivers, with headroom for vowels."""
_PASS_HZ: Final = 3300.0
_STOP_HZ: Final = 3800.0
_MARGIN_S: Final = 0.030
"""Silence left before and after the words."""
_QUIET_DBFS: Final = -55.0
"""Below this a 5 ms stretch of the finished audio is silence."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How espeak-ng should sound."""

    rate: int = 165
    """Words a minute (80 to 450)."""
    pitch: int = 50
    """0 to 99."""
    variant: str = "f2"
    """One of espeak-ng's voice variants: `f1`..`f5`, `m1`..`m8`."""


CALLER: Final = Voice(rate=200, pitch=55, variant="f2")
ASSISTANT: Final = Voice(rate=200, pitch=40, variant="m3")


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word and where it ends in the audio, in seconds."""

    word: str
    end_s: float


def speak(text: str, voice: Voice) -> bytes:
    """Raw mu-law audio of the text; empty if there is nothing to say in it."""
    return speak_with_words(text, voice)[0]


def speak_with_words(text: str, voice: Voice) -> tuple[bytes, tuple[SpokenWord, ...]]:
    """The audio, and the end of each spoken word in it."""
    spoken = pronunciation.words(text)
    if not spoken:
        return b"", ()
    samples, starts_s, rate_hz = _synthesize(pronunciation.espeak_input(text, known_words()), voice)
    telephone = _to_telephone_band(samples, rate_hz)
    first, last = _spoken_part(telephone)
    telephone = telephone[first:last]
    offset_s = first / BYTES_PER_S
    length_s = len(telephone) / BYTES_PER_S
    ends_s = [*(max(0.0, start - offset_s) for start in starts_s[1 : len(spoken)]), length_s - _MARGIN_S]
    timed = tuple(SpokenWord(word, end_s) for word, end_s in zip(spoken, ends_s, strict=False))
    return encode_mulaw(telephone), timed


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
_EVENT_LIST_END: Final = 0
_EVENT_WORD: Final = 1
_SYNCHRONOUS: Final = 2
_DO_NOT_EXIT: Final = 0x8000
_UTF8_WITH_PHONEMES: Final = 0x101
_SYNTH_ARGUMENTS: Final = (
    ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
    ctypes.c_void_p, ctypes.c_void_p,
)  # fmt: skip
_RATE: Final = 1
_PITCH: Final = 3
_SEED: Final = 1


_ONE_AT_A_TIME: Final = threading.Lock()


def _synthesize(text: str, voice: Voice) -> tuple[npt.NDArray[np.float64], list[float], int]:
    """Samples, where each word starts in seconds, and the sample rate.

    The library is loaded afresh each time (4 ms): its pitch flutter and its noise go on from one utterance to the next
    and nothing in its API resets them, so a loaded library would say the same text differently every time.
    """
    with _ONE_AT_A_TIME:
        library = ctypes.CDLL(espeakng_loader.get_library_path())
        try:
            return _speak_once(library, text, voice)
        finally:
            library.espeak_Terminate()
            _close_library(library._handle)


def _speak_once(library: Any, text: str, voice: Voice) -> tuple[npt.NDArray[np.float64], list[float], int]:
    pieces: list[npt.NDArray[np.int16]] = [np.zeros(0, np.int16)]
    word_starts: list[int] = []

    def on_samples(wave: Any, count: int, events: Any) -> int:
        if wave and count:
            pieces.append(np.ctypeslib.as_array(wave, (count,)).copy())
        position = 0
        while events[position].type != _EVENT_LIST_END:
            if events[position].type == _EVENT_WORD:
                word_starts.append(events[position].sample)
            position += 1
        return 0

    callback = _Callback(on_samples)
    data = espeakng_loader.get_data_path().encode()
    rate_hz: int = library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DO_NOT_EXIT)
    if rate_hz <= 0:
        raise RuntimeError("espeak-ng could not be initialised")
    # Initialising seeds the breath of the voices from the clock.
    library.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))
    library.espeak_SetSynthCallback(callback)
    # The library itself takes unknown variants for none.
    known = (Path(espeakng_loader.get_data_path()) / "voices" / "!v" / voice.variant).is_file()
    if not known or library.espeak_SetVoiceByName(f"he+{voice.variant}".encode()) != 0:
        raise ValueError(f"espeak-ng has no Hebrew voice variant {voice.variant!r}")
    library.espeak_SetParameter(_RATE, voice.rate, 0)
    library.espeak_SetParameter(_PITCH, voice.pitch, 0)
    encoded = text.encode()
    library.espeak_Synth.argtypes = _SYNTH_ARGUMENTS
    if library.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, _UTF8_WITH_PHONEMES, None, None) != 0:
        raise RuntimeError("espeak-ng could not speak the text")
    return np.concatenate(pieces).astype(np.float64), [start / rate_hz for start in word_starts], rate_hz


def _close_library(handle: int) -> None:
    close = ctypes.CDLL(None).dlclose
    close.argtypes = [ctypes.c_void_p]
    close(handle)


def _to_telephone_band(samples: npt.NDArray[np.float64], rate_hz: int) -> npt.NDArray[np.int16]:
    """Resample to 8000 Hz through the spectrum, with everything from 3800 Hz up removed, at `LEVEL_DBFS`."""
    shrink = math.gcd(rate_hz, BYTES_PER_S)
    block_in, block_out = rate_hz // shrink, BYTES_PER_S // shrink
    # One block of silence more than needed: what the filter rings past the end must not wrap to the beginning.
    blocks = len(samples) // block_in + 2
    spectrum = np.fft.rfft(samples, blocks * block_in)[: blocks * block_out // 2 + 1]
    frequency = np.arange(len(spectrum)) * (rate_hz / (blocks * block_in))
    spectrum *= np.interp(frequency, (_PASS_HZ, _STOP_HZ), (1.0, 0.0))
    resampled = np.fft.irfft(spectrum, blocks * block_out)
    loud = resampled[np.abs(resampled) > np.abs(resampled).max(initial=0.0) * 0.02]
    level = float(np.sqrt(np.mean(loud**2))) if len(loud) else 1.0
    # The spectrum kept its scale while the number of samples shrank; dividing by the level settles that too.
    scaled = resampled * (32768 * 10 ** (LEVEL_DBFS / 20) / level)
    return np.clip(np.rint(scaled), -32768, 32767).astype(np.int16)


def _spoken_part(samples: npt.NDArray[np.int16]) -> tuple[int, int]:
    """Where the words begin and end, with the margin."""
    step = BYTES_PER_S // 200
    whole = samples[: len(samples) // step * step].reshape(-1, step).astype(np.float64)
    voiced = np.flatnonzero(np.sqrt((whole**2).mean(axis=1)) > 32768 * 10 ** (_QUIET_DBFS / 20))
    if not len(voiced):
        return 0, len(samples)
    margin = int(_MARGIN_S * BYTES_PER_S)
    return max(0, int(voiced[0]) * step - margin), min(len(samples), (int(voiced[-1]) + 1) * step + margin)
