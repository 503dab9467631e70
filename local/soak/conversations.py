"""What the people in a soak run say: drawn from the phrases that the recognizer knows, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from local import g711
from local.call_script import CallScript, HangUp, Say, Step, Wait
from local.phrases import phrases
from local.utterance_audio import Frame, ReadyScript, frames, prepare

_BEFORE_THE_FIRST_WORD_S: Final = 0.8
_AFTER_THE_LAST_WORD_S: Final = 1.5
_NOISE_RMS: Final = 12.0


def caller_phrases() -> list[str]:
    return [phrase.text for phrase in phrases() if phrase.voice == "caller"]


def monologue(
    rng: random.Random, utterances: int, pauses_s: tuple[float, float], number: int, limit_s: float = 180.0
) -> CallScript:
    """A caller who speaks without waiting for anybody, and a callee who in every third call says a little as well.

    No phrase comes twice before all have been said, so that each call has an order of its own.
    """
    said: list[str] = []
    while len(said) < utterances:
        said += rng.sample(caller_phrases(), len(caller_phrases()))
    # Not more than there is time for before the caller hangs up.
    answers = [phrase.text for phrase in phrases() if phrase.voice == "assistant"][: utterances // 5]
    callee = answers if number % 3 == 0 else []
    return CallScript(
        steps=(*_spoken(said[:utterances], rng, pauses_s), HangUp()),
        callee=_spoken(callee, rng, (2.0, 6.0)),
        callee_answers_after_s=0.2,
        from_number=f"+97254{number:07d}",
        limit_s=limit_s,
        comfort_noise=True,
    )


def said_by(steps: Sequence[Step]) -> list[str]:
    return [step.text for step in steps if isinstance(step, Say)]


def with_noise_of_its_own(script: CallScript, seed: int) -> ReadyScript:
    """The line's noise never repeats, so that every stretch of the call's audio tells where it belongs. Slow."""
    count = int((script.limit_s + 10.0) / g711.FRAME_S)
    samples = np.random.default_rng(seed).normal(0.0, _NOISE_RMS, count * g711.FRAME_BYTES)
    noise: tuple[Frame, ...] = frames(g711.encode(samples.astype(np.int16)))
    return replace(prepare(script), quiet=noise)


def _spoken(texts: Sequence[str], rng: random.Random, pauses_s: tuple[float, float]) -> tuple[Step, ...]:
    steps: list[Step] = [Wait(_BEFORE_THE_FIRST_WORD_S)]
    for text in texts:
        steps += [Say(text, at_once=True), Wait(round(rng.uniform(*pauses_s), 2))]
    return (*steps[:-1], Wait(_AFTER_THE_LAST_WORD_S))
