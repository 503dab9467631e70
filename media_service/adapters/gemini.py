"""Replies by Gemini on Vertex AI, streamed, with every wait bounded here.

The library's own time-out counts milliseconds and covers the whole stream, its own retry sleeps for seconds, and an
answer that was blocked, cut short or empty raises nothing. So none of the three is left to it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import google.auth.exceptions
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

from media_service.adapters.google_errors import credentials_are_refused
from media_service.core.conversation import Conversation, Turn
from media_service.core.speaking.speakable import SpokenReply
from media_service.errors import VendorError, VendorExhausted, VendorRefused, VendorUnavailable
from media_service.ports import ReplyPart

log = logging.getLogger(__name__)

_DOING: Final = "reply"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
# A conversation has to begin with the user's turn, and ours begins with the assistant's greeting.
_BEFORE_GREETING: Final = "(the phone rings)"

# What the library lets through besides its own errors: the transport's, and those of reading what is not an answer
# (a page of HTML, a broken line, JSON of another shape).
GENAI_FAILURES: Final = (
    errors.APIError,
    aiohttp.ClientError,
    google.auth.exceptions.GoogleAuthError,
    OSError,  # TimeoutError is one
    ValueError,
    AttributeError,
    TypeError,
)

_BLOCKED: Final = frozenset(
    {
        types.FinishReason.SAFETY,
        types.FinishReason.RECITATION,
        types.FinishReason.LANGUAGE,
        types.FinishReason.BLOCKLIST,
        types.FinishReason.PROHIBITED_CONTENT,
        types.FinishReason.SPII,
        types.FinishReason.MODEL_ARMOR,
    }
)


@dataclass(frozen=True, slots=True)
class GeminiSettings:
    """What the operators decide."""

    project: str
    model: str = "gemini-3.5-flash-lite"
    location: str = "global"
    thinking_level: str = "minimal"
    """Empty: the model's own. Left out from then on if the model refuses it."""
    base_url: str = ""
    """Another address than Google's; with a loopback host no credentials are looked for."""
    max_output_tokens: int = 400
    """About a minute of speech. A reply that needs more is cut, which is an error."""
    temperature: float = 0.4
    first_token_s: float = 2.0
    """From the question to the first text, a retry included."""
    idle_s: float = 3.0
    """Between two pieces of the answer."""
    total_s: float = 8.0


class GeminiReplies:
    """Implements `ReplyEngine`. Made by `gemini_replies`."""

    def __init__(
        self,
        settings: GeminiSettings,
        client: genai.Client,
        prompt: Callable[[Conversation], str],
        end_marker: str,
        end_words: Collection[str],
    ) -> None:
        """`prompt` makes the system instruction; it tells the model to write `end_marker` when the call is over.
        `end_words` are what models write in brackets instead."""
        self._settings = settings
        self._client = client
        self._prompt = prompt
        self._end_marker = end_marker
        self._end_words = end_words
        self._thinking = bool(settings.thinking_level)

    async def reply(self, conversation: Conversation) -> AsyncGenerator[ReplyPart, None]:
        answer = SpokenReply(self._end_marker, self._end_words)
        ended = False
        finish: types.FinishReason | None = None
        async with aclosing(self._chunks(conversation)) as chunks:
            async for chunk in chunks:
                blocked = chunk.prompt_feedback and chunk.prompt_feedback.block_reason
                if blocked:
                    raise VendorRefused(f"{_DOING}: the question was blocked ({blocked.name})")
                if text := answer.feed(_text_of(chunk)):
                    yield ReplyPart(text)
                if answer.ends_call and not ended:
                    # Said at once: should the rest be lost, the call has its end all the same.
                    ended = True
                    yield ReplyPart(ends_call=True)
                finish = _finish_reason(chunk) or finish
        if text := answer.finish():
            yield ReplyPart(text)
        if not ended:
            _check_finish(finish)
        if not answer.has_begun:
            raise VendorUnavailable(f"{_DOING}: the answer has no word of Hebrew")
        if answer.ends_call and not ended:
            yield ReplyPart(ends_call=True)

    async def warm_up(self) -> None:
        """Fetch a token, connect, and learn whether the model takes the thinking level. Raises `VendorError`."""
        hello = Conversation(turns=(Turn("caller", "שלום"),))
        async with aclosing(self._chunks(hello)) as chunks:
            async for _ in chunks:
                break

    async def _chunks(self, conversation: Conversation) -> AsyncGenerator[types.GenerateContentResponse, None]:
        """The answer as it comes. Until its first text, one attempt that failed is repeated."""
        loop = asyncio.get_running_loop()
        idle_s = self._settings.idle_s
        end_by = loop.time() + self._settings.total_s
        first_by = min(end_by, loop.time() + self._settings.first_token_s)
        contents = contents_of(conversation)
        instruction = self._prompt(conversation)
        thinking = self._thinking
        answered = False
        repeats = 1
        while True:
            config = self._config(instruction, thinking=thinking)
            try:
                async with asyncio.timeout_at(first_by):
                    stream = await self._client.aio.models.generate_content_stream(
                        model=self._settings.model, contents=contents, config=config
                    )
                try:
                    while True:
                        async with asyncio.timeout_at(min(end_by, loop.time() + idle_s) if answered else first_by):
                            chunk = await anext(stream, None)
                        if chunk is None:
                            return
                        if not thinking and self._thinking:
                            self._thinking = False
                            log.warning("thinking_level_refused", extra={"model": self._settings.model})
                        answered = answered or bool(_text_of(chunk))
                        yield chunk
                finally:
                    await _abandon(stream)
            except GENAI_FAILURES as error:
                failure = vendor_error_of(error)
                if answered or loop.time() >= first_by:
                    raise failure from error
                if thinking and _is_bad_request(error):
                    thinking = False
                elif repeats and failure.retryable:
                    repeats -= 1
                    await asyncio.sleep(random.uniform(0.03, 0.1))  # noqa: S311  spreads load, hides nothing
                else:
                    raise failure from error

    def _config(self, instruction: str, *, thinking: bool) -> types.GenerateContentConfig:
        level = types.ThinkingLevel(self._settings.thinking_level.upper()) if thinking else None
        return types.GenerateContentConfig(
            system_instruction=instruction,
            temperature=self._settings.temperature,
            max_output_tokens=self._settings.max_output_tokens,
            thinking_config=types.ThinkingConfig(thinking_level=level) if level else None,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            automatic_continuation=False,
        )


@asynccontextmanager
async def gemini_replies(
    settings: GeminiSettings,
    prompt: Callable[[Conversation], str],
    end_marker: str,
    end_words: Collection[str] = ("end",),
) -> AsyncIterator[GeminiReplies]:
    """Make the client, and close it at the end. Raises `VendorRefused` without credentials."""
    try:
        # Looks for credentials, on a server by asking another one, and waits for the answer.
        client = await asyncio.to_thread(_client, settings)
    except (google.auth.exceptions.GoogleAuthError, ValueError) as error:
        raise VendorRefused(f"Gemini client: {error}") from error
    try:
        yield GeminiReplies(settings, client, prompt, end_marker, end_words)
    finally:
        await client.aio.aclose()
        client.close()


def _client(settings: GeminiSettings) -> genai.Client:
    local = urlsplit(settings.base_url).hostname in _LOOPBACK
    # All three as arguments: what the library takes from the environment it drops again beside a base URL.
    return genai.Client(
        vertexai=True,
        project=settings.project,
        location=settings.location,
        credentials=_local_credentials() if local else None,
        http_options=types.HttpOptions(
            base_url=settings.base_url or None,
            # One attempt; without options the library sleeps up to ten seconds and asks again.
            retry_options=types.HttpRetryOptions(attempts=1),
        ),
    )


def _local_credentials() -> Credentials:
    # Not a secret: only a process on this machine gets to see it. The library insists on a token.
    return Credentials(token="local")  # type: ignore[no-untyped-call]  # noqa: S106  see above


def contents_of(conversation: Conversation) -> list[types.Content | types.ContentDict]:
    """The turns as the API wants them: the user first, then by turns."""
    merged: list[tuple[str, list[str]]] = []
    for turn in conversation.turns:
        if not turn.text.strip():
            continue
        role = "user" if turn.speaker == "caller" else "model"
        if not merged and role == "model":
            merged.append(("user", [_BEFORE_GREETING]))
        if merged and merged[-1][0] == role:
            merged[-1][1].append(turn.text)
        else:
            merged.append((role, [turn.text]))
    return [types.Content(role=role, parts=[types.Part(text="\n".join(texts))]) for role, texts in merged]


def vendor_error_of(error: Exception) -> VendorError:
    """The error of ours for one of `GENAI_FAILURES`. Raise it `from` the original."""
    if isinstance(error, errors.APIError):
        told = f"{_DOING}: {error.code} {error.status}"
        if error.code == HTTPStatus.TOO_MANY_REQUESTS:
            return VendorExhausted(told)
        # An error inside a stream may come without a code.
        if error.code and 400 <= error.code < 500 and error.code != HTTPStatus.REQUEST_TIMEOUT:
            return VendorRefused(told)
        return VendorUnavailable(told)
    if credentials_are_refused(error):
        return VendorRefused(f"{_DOING}: {type(error).__name__}")
    # The type only: the text of the others may hold a piece of the answer.
    return VendorUnavailable(f"{_DOING}: {type(error).__name__}")


async def _abandon(stream: AsyncIterator[types.GenerateContentResponse]) -> None:
    """End the request behind a stream that may not have been read to its end.

    Closing the library's generator leaves the ones inside it to the garbage collector, and the model at work until
    then. A read that is cancelled ends them all. Reading what is buffered comes first; after the end there is nothing.
    """
    while True:
        read = asyncio.ensure_future(_next_chunk(stream))
        await asyncio.sleep(0)
        read.cancel()
        await asyncio.wait({read})
        if read.cancelled() or read.exception() is not None or read.result() is None:
            return


async def _next_chunk(stream: AsyncIterator[types.GenerateContentResponse]) -> types.GenerateContentResponse | None:
    return await anext(stream, None)


def _is_bad_request(error: Exception) -> bool:
    return isinstance(error, errors.APIError) and error.code == HTTPStatus.BAD_REQUEST


def _text_of(chunk: types.GenerateContentResponse) -> str:
    """The text to be spoken; the library's own `text` warns about parts of other kinds, and joins thoughts to it."""
    candidate = chunk.candidates[0] if chunk.candidates else None
    parts = candidate.content.parts if candidate and candidate.content else None
    return "".join(part.text for part in parts or () if part.text and not part.thought)


def _finish_reason(chunk: types.GenerateContentResponse) -> types.FinishReason | None:
    return chunk.candidates[0].finish_reason if chunk.candidates else None


def _check_finish(finish: types.FinishReason | None) -> None:
    if finish is types.FinishReason.STOP:
        return
    if finish in _BLOCKED:
        raise VendorRefused(f"{_DOING}: the answer was blocked ({finish.name})")
    raise VendorUnavailable(f"{_DOING}: the answer is not complete ({finish.name if finish else 'no reason given'})")
