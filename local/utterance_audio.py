"""The audio of what people in a call script say, cut into frames ready to be sent.

Everything is made before dialling, so that twenty calls in one process cost no more than the sending.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from local import g711
from local.call_script import CallScript, Say, Step
from local.phrases import phrases
from local.voice import ASSISTANT, CALLER, speak
from local.wav import read_wav

# RMS 12 of 32768 is -69 dBFS: audible as a living line, far below anything that counts as speech.
_NOISE_RMS = 12.0
_NOISE_FRAMES = 50


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms."""

    audio: bytes
    payload: str
    """The same in base64."""


@dataclass(frozen=True, slots=True)
class Utterance:
    text: str
    frames: tuple[Frame, ...]
    last_voiced: int
    """Index of the last frame that is loud enough to be speech; the rest is the silence a voice leaves behind."""


@dataclass(frozen=True, slots=True)
class ReadyScript:
    """A script and the audio of all it says. Calls only read it, so one may serve any number of calls at once."""

    script: CallScript
    utterances: Mapping[Say, Utterance]
    voicemail: Utterance | None
    quiet: tuple[Frame, ...]
    """What is sent in turn while nobody speaks."""


def prepare(script: CallScript, speak_as_caller: Callable[[str], bytes] | None = None) -> ReadyScript:
    """Read and speak everything. Slow (some 10 ms a sentence). Raises `OSError` or `ValueError` for a bad WAV file."""
    caller = speak_as_caller or _as_caller
    utterances = _utterances(script.steps, caller) | _utterances(script.callee, speak_as_caller or _as_callee)
    voicemail = utterance(script.voicemail, caller(script.voicemail)) if script.voicemail else None
    return ReadyScript(script, utterances, voicemail, _noise() if script.comfort_noise else (SILENT_FRAME,))


def utterance(text: str, audio: bytes) -> Utterance:
    """Raises `ValueError` if nothing can be heard in the audio."""
    voiced = [index for index, is_voiced in enumerate(g711.voiced_windows(audio)) if is_voiced]
    if not voiced:
        raise ValueError(f"nothing can be heard in the audio of {text!r}")
    return Utterance(text, frames(audio), voiced[-1])


def frames(audio: bytes) -> tuple[Frame, ...]:
    """Cut into 20 ms; the last one is filled up with silence."""
    padded = audio + bytes([g711.SILENCE]) * (-len(audio) % g711.FRAME_BYTES)
    return tuple(_frame(padded[at : at + g711.FRAME_BYTES]) for at in range(0, len(padded), g711.FRAME_BYTES))


def _frame(audio: bytes) -> Frame:
    return Frame(audio, base64.b64encode(audio).decode())


SILENT_FRAME = _frame(bytes([g711.SILENCE]) * g711.FRAME_BYTES)


@lru_cache(maxsize=256)
def _as_caller(text: str) -> bytes:
    return speak(_pronounced(text), CALLER)


@lru_cache(maxsize=256)
def _as_callee(text: str) -> bytes:
    return speak(_pronounced(text), ASSISTANT)


def _pronounced(text: str) -> str:
    """A known phrase as people say it, numbers in words; any other text as it is written."""
    return next((phrase.spoken for phrase in phrases() if phrase.text == text), text)


def _utterances(steps: tuple[Step, ...], speak_it: Callable[[str], bytes]) -> dict[Say, Utterance]:
    return {
        step: utterance(step.text, read_wav(step.wav) if step.wav else speak_it(step.text))
        for step in steps
        if isinstance(step, Say)
    }


@lru_cache(maxsize=1)
def _noise() -> tuple[Frame, ...]:
    samples = np.random.default_rng(1).normal(0.0, _NOISE_RMS, _NOISE_FRAMES * g711.FRAME_BYTES)
    return frames(g711.encode(samples.astype(np.int16)))
