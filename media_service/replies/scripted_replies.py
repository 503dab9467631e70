"""The scripted intake as a reply engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from media_service.core.conversation import Conversation
from media_service.core.record.intake import IntakeTexts, next_reply
from media_service.ports import ReplyPart


class ScriptedReplies:
    """Implements `ReplyEngine`. Never fails."""

    def __init__(self, texts: IntakeTexts) -> None:
        self._texts = texts

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        text, ends_call = next_reply(conversation, self._texts)
        yield ReplyPart(text, ends_call)
