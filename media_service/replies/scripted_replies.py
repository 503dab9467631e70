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
        reply = next_reply(conversation, self._texts)
        if reply.lead:
            yield ReplyPart(f"{reply.lead} " if reply.question else reply.lead, reply.ends_call, asks="")
        if reply.question:
            yield ReplyPart(reply.question, asks=reply.asks)
