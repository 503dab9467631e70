"""What the assistant says from memory: synthesised once, played to every call at once.

The greeting may be changed by the product team at any time; its audio is kept by its text.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping

from media_service.core.conversation import AssistantSettings
from media_service.core.speaking.announcement import Announcement, Say
from media_service.errors import VendorError, reason_of
from media_service.ports import Synthesizer
from media_service.replies.greeting import parted, with_notice
from media_service.texts import Texts

log = logging.getLogger(__name__)

_NEW_GREETING_S = 1.0
"""How long the first caller after a change may wait for the new greeting; after that the old one is said."""


class Announcements:
    """`greeting` and `business_name` are the deployment's own, "" for the built-in ones."""

    def __init__(self, synthesizer: Synthesizer, texts: Texts, greeting: str, business_name: str) -> None:
        self._synthesizer = synthesizer
        self._texts = texts
        self._greeting = greeting or texts.greeting
        self._business_name = business_name or texts.business_name
        self._audio: dict[str, bytes] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._warm = asyncio.Event()

    @property
    def is_warm(self) -> bool:
        """Whether the deployment's greeting can be played at once."""
        return self._warm.is_set()

    async def until_warm(self) -> None:
        """Returns as soon as it `is_warm`; somebody else has to `warm_up`."""
        await self._warm.wait()

    async def warm_up(self) -> None:
        """Synthesise what is missing. A text that fails stays missing, and may be tried again."""
        texts = [*self._parts(AssistantSettings()), *self._texts.announcements.values()]
        await self._synthesize_all(texts)

    def greeting(self, assistant: AssistantSettings) -> str:
        """The text: the product team's, else the deployment's, with the business's name filled in, and the notice of
        the product team behind its first sentence if it is not in it."""
        name = assistant.business_name or self._business_name
        text = (assistant.greeting or self._greeting).replace("{business_name}", name)
        return with_notice(text, assistant.notice)

    def _parts(self, assistant: AssistantSettings) -> tuple[str, str]:
        """What must be heard of the greeting, and the rest; either may be empty."""
        return parted(self.greeting(assistant), assistant.notice, self._texts.disclosing)

    async def prepare(self, assistant: AssistantSettings) -> None:
        """Have this greeting ready, if it can be had in time. Otherwise it will be for a later call."""
        text = self.greeting(assistant)
        if self._is_ready(assistant):
            return
        task = self._under_way.get(text)
        if task is None:
            task = self._under_way[text] = asyncio.create_task(self._synthesize_all(self._parts(assistant)))
            task.add_done_callback(lambda _: self._under_way.pop(text, None))
        try:
            async with asyncio.timeout(_NEW_GREETING_S):
                await asyncio.shield(task)
        except TimeoutError:
            log.warning("greeting_not_ready")

    def for_call(self, assistant: AssistantSettings) -> Mapping[Say, Announcement]:
        """For one call, from memory alone. A greeting that is not ready gives way to the deployment's."""
        disclosure, rest = self._parts(assistant if self._is_ready(assistant) else AssistantSettings())
        texts = {say: self._texts.announcements.get(say.value, "") for say in Say}
        texts |= {Say.DISCLOSURE: disclosure, Say.GREETING: rest}
        return {
            say: Announcement(text, self._audio.get(text, b""), is_protected=say is Say.DISCLOSURE)
            for say, text in texts.items()
        }

    def _is_ready(self, assistant: AssistantSettings) -> bool:
        return all(part in self._audio for part in self._parts(assistant) if part)

    async def _synthesize_all(self, texts: Iterable[str]) -> None:
        await asyncio.gather(*(self._synthesize(text) for text in texts))

    async def _synthesize(self, text: str) -> None:
        if not text or text in self._audio:
            return
        try:
            self._audio[text] = await self._synthesizer.synthesize(text)
        except VendorError as error:
            log.warning("announcement_not_synthesized", extra={"reason": reason_of(error)})
            return
        if self._is_ready(AssistantSettings()):
            self._warm.set()
