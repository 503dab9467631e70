"""The model and the voice of the simulation: as slow as the real ones, and with nothing to say that matters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from functools import lru_cache
from typing import Final

import numpy as np

from evals.turns.handset import Clip
from local.voice import ASSISTANT, speak_with_words
from media_service.core.conversation import Conversation
from media_service.core.vad.audio import decode_mulaw, encode_mulaw
from media_service.ports import ReplyPart

REPLIES: Final = (
    "אין בעיה, אני מטפל בזה. איפה אתם גרים?",
    "קיבלתי, אני בודק ביומן. איזה יום מתאים?",
    "רשמתי, תודה. יש עוד משהו שחשוב לציין?",
    "הבנתי אתכם. מתי נוח לכם שנחזור אליכם?",
    "בסדר גמור. נבדוק את זה ונחזור אליכם היום.",
    "מצוין, רשמתי את זה. מה עוד אפשר לעשות?",
    "תודה רבה. אעביר את זה לצוות שלנו.",
)
_NOISE_RMS: Final = 10.0
"""Unlike any other, so that the handset knows what it plays."""


class SimulatedReplies:
    """Implements `ReplyEngine`. The question until the caller's turn has begun, then a reply."""

    def __init__(
        self,
        question: str,
        ends_call: bool,
        turn_began: Callable[[], bool],
        rng: np.random.Generator,
        on_reply: Callable[[str], None],
    ) -> None:
        """`on_reply` is told each reply to the turn, as the voice has it, when its first words come."""
        self._question = question
        self._ends_call = ends_call
        self._turn_began = turn_began
        self._rng = rng
        self._on_reply = on_reply
        self._left = list(rng.permutation(REPLIES))

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        asks = not self._turn_began() and bool(self._question)
        text = self._question if asks else str(self._left[0])
        if not asks:
            # No two replies are alike, as long as they last: it can be told which is heard.
            self._left.append(self._left.pop(0))
        await asyncio.sleep(float(self._rng.uniform(0.25, 0.7)))
        if not asks:
            self._on_reply(clip_of(text).text)
        words = text.split(" ")
        for at in range(0, len(words), 2):
            piece = " ".join(words[at : at + 2])
            yield ReplyPart(piece if at + 2 >= len(words) else f"{piece} ")
            await asyncio.sleep(0.03)
        if asks and self._ends_call:
            yield ReplyPart(ends_call=True)


class SimulatedVoice:
    """Implements `Synthesizer`. Appends what it makes to `clips`."""

    def __init__(self, clips: list[Clip], rng: np.random.Generator, on_clip: Callable[[str], None]) -> None:
        """`on_clip` is told the text of each clip that is ready."""
        self._clips = clips
        self._rng = rng
        self._on_clip = on_clip

    async def synthesize(self, text: str) -> bytes:
        await asyncio.sleep(float(self._rng.uniform(0.1, 0.25)))
        clip = clip_of(text)
        if clip not in self._clips:
            self._clips.append(clip)
        self._on_clip(clip.text)
        return clip.audio


@lru_cache(maxsize=4096)
def clip_of(text: str) -> Clip:
    audio, words = speak_with_words(text, ASSISTANT)
    rng = np.random.default_rng([ord(char) for char in text] or [0])
    samples = decode_mulaw(audio).astype(np.float64) + rng.normal(0.0, _NOISE_RMS, len(audio))
    noisy = encode_mulaw(np.clip(samples, -32768, 32767).astype(np.int16))
    return Clip(" ".join(word.word for word in words), noisy, tuple(word.end_s for word in words))
