"""Short texts are spoken over and over ("one moment please"): keep their audio, and synthesise each once.

Belongs to the whole service; what it shares between calls is the sound of a text and nothing of a call.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final

from media_service.ports import Synthesizer

# Longer texts hold what one caller was told, and nobody will hear them again.
LONGEST_CACHED_CHARS: Final = 120


class CachingSynthesizer:
    """A `Synthesizer` in front of another one. Failures are not remembered."""

    def __init__(self, inner: Synthesizer, max_bytes: int = 16_000_000) -> None:
        """`max_bytes` of audio at the most (8000 a second); what was not asked for longest goes first."""
        self._inner = inner
        self._max_bytes = max_bytes
        self._audio: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._running: dict[str, asyncio.Task[bytes]] = {}

    async def synthesize(self, text: str) -> bytes:
        if len(text) > LONGEST_CACHED_CHARS:
            return await self._inner.synthesize(text)
        if (audio := self._audio.get(text)) is not None:
            self._audio.move_to_end(text)
            return audio
        task = self._running.get(text)
        if task is None:
            task = asyncio.create_task(self._inner.synthesize(text), name="synthesis")
            self._running[text] = task
            task.add_done_callback(lambda done: self._finished(text, done))
        # Shielded: a caller who hangs up must not take the answer from another who waits for the same words.
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        """Abandon what is still being synthesised."""
        running = set(self._running.values())
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    def _finished(self, text: str, task: asyncio.Task[bytes]) -> None:
        del self._running[text]
        # Looking at the exception also keeps asyncio from complaining when everybody who waited has gone.
        if task.cancelled() or task.exception() is not None:
            return
        audio = task.result()
        if len(audio) > self._max_bytes:
            return
        self._audio[text] = audio
        self._bytes += len(audio)
        while self._bytes > self._max_bytes:
            _, oldest = self._audio.popitem(last=False)
            self._bytes -= len(oldest)
