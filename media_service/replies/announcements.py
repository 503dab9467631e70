"""What the assistant says from memory: synthesised once, played to every call at once.

The greeting may be changed by the product team at any time; its audio is kept by its text.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from media_service.core.conversation import AssistantSettings
from media_service.core.speaking.announcement import Announcement, Say
from media_service.core.speaking.sentences import sentences
from media_service.errors import VendorError, reason_of
from media_service.ports import Synthesizer
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
        texts = [*self._parts(self.greeting(AssistantSettings())), *self._texts.announcements.values()]
        await asyncio.gather(*(self._synthesize(text) for text in texts))

    def greeting(self, assistant: AssistantSettings) -> str:
        """The text: the product team's, else the deployment's, with the business's name filled in, and the notice of
        the product team behind its first sentence if it is not in it."""
        name = assistant.business_name or self._business_name
        text = (assistant.greeting or self._greeting).replace("{business_name}", name)
        if not assistant.notice or assistant.notice in text:
            return text
        first, *others = sentences(text)
        return " ".join([first, assistant.notice, *others])

    def _parts(self, greeting: str) -> list[str]:
        """The beginning of a greeting that must be heard (not empty), if there is one, and the rest."""
        parts = sentences(greeting)
        telling = [place for place, text in enumerate(parts) if self._tells(text)]
        cut = telling[-1] + 1 if telling else 0
        return [" ".join(part) for part in (parts[:cut], parts[cut:]) if part]

    def _tells(self, sentence: str) -> bool:
        """Whether it tells that the call is transcribed, or that no human being speaks."""
        return any(word in sentence for word in self._texts.disclosing)

    async def prepare(self, assistant: AssistantSettings) -> None:
        """Have this greeting ready, if it can be had in time. Otherwise it will be for a later call."""
        text = self.greeting(assistant)
        if self._is_ready(text):
            return
        task = self._under_way.get(text)
        if task is None:
            task = self._under_way[text] = asyncio.create_task(self._synthesize_greeting(text))
            task.add_done_callback(lambda _: self._under_way.pop(text, None))
        try:
            async with asyncio.timeout(_NEW_GREETING_S):
                await asyncio.shield(task)
        except TimeoutError:
            log.warning("greeting_not_ready")

    def for_call(self, assistant: AssistantSettings) -> Mapping[Say, Announcement]:
        """For one call, from memory alone. A greeting that is not ready gives way to the deployment's."""
        wanted = self.greeting(assistant)
        greeting = wanted if self._is_ready(wanted) else self.greeting(AssistantSettings())
        *disclosure, rest = self._parts(greeting)
        if not disclosure and self._tells(rest):
            disclosure, rest = [rest], ""
        texts = {say: self._texts.announcements.get(say.value, "") for say in Say}
        texts |= {Say.DISCLOSURE: "".join(disclosure), Say.GREETING: rest}
        return {
            say: Announcement(text, self._audio.get(text, b""), is_protected=say is Say.DISCLOSURE)
            for say, text in texts.items()
        }

    def _is_ready(self, greeting: str) -> bool:
        return all(part in self._audio for part in self._parts(greeting))

    async def _synthesize_greeting(self, greeting: str) -> None:
        await asyncio.gather(*(self._synthesize(part) for part in self._parts(greeting)))

    async def _synthesize(self, text: str) -> None:
        if text in self._audio:
            return
        try:
            self._audio[text] = await self._synthesizer.synthesize(text)
        except VendorError as error:
            log.warning("announcement_not_synthesized", extra={"reason": reason_of(error)})
            return
        if self._is_ready(self.greeting(AssistantSettings())):
            self._warm.set()
