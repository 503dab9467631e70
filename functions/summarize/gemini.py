"""Ask Gemini on Vertex AI for a summary. The only file that knows the vendor's library.

At most three requests a summary: one, a second without the thinking level if the model refuses that, and a second try
where a try may help. Each is bounded by `timeout_s`, and so is the reading of its answer.
"""

from __future__ import annotations

import asyncio
import json
from typing import Final
from urllib.parse import urlsplit

import google.auth.credentials
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

from calls.lead_fields import understood

from .answer import Answer, read_answer, schema
from .errors import EngineRefused, EngineUnavailable, UnusableAnswer
from .outcome import Outcome
from .settings import GeminiSettings
from .texts import Texts

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_PAUSE_BEFORE_SECOND_TRY_S: Final = 0.5
_MOST_OUTPUT_TOKENS: Final = 2_048
_OVERLOADED: Final = frozenset({408, 429, 500, 502, 503, 504})
# 200,000 characters are hours of talk; the end of a call says more about its outcome than the beginning.
_LONGEST_TRANSCRIPT: Final = 200_000


class GeminiSummaries:
    """Shared by all requests of the instance. The only thing it learns is that the model takes no thinking level."""

    def __init__(self, settings: GeminiSettings, texts: Texts) -> None:
        self._settings = settings
        self._texts = texts
        self._thinking_level = settings.thinking_level
        self._credentials = _credentials(settings.base_url)

    def summarise(self, outcome: Outcome) -> Answer:
        """Raises `EngineError`. Blocks for as long as the requests take: at most twice `timeout_s`, and a little."""
        return asyncio.run(self._summarise(outcome))

    async def _summarise(self, outcome: Outcome) -> Answer:
        client = self._new_client()
        language, orders, again = self._texts.language, self._texts.orders, self._texts.asks.again
        try:
            try:
                return read_answer(await self._ask(client, outcome), outcome, language, orders)
            except EngineUnavailable as exc:
                if isinstance(exc.__cause__, TimeoutError):
                    raise  # the caller's lead has waited long enough
                await asyncio.sleep(_PAUSE_BEFORE_SECOND_TRY_S)
                return read_answer(await self._ask(client, outcome), outcome, language, orders)
            except UnusableAnswer:
                return read_answer(await self._ask(client, outcome, again), outcome, language, orders)
        finally:
            await client.aio.aclose()
            client.close()

    def _new_client(self) -> genai.Client:
        # All three as arguments: with any of them left to the environment, the base URL is ignored or the path is cut
        # off. One attempt: the library's own retries, silent ones included, know nothing of our time limit.
        return genai.Client(
            vertexai=True,
            project=self._settings.project,
            location=self._settings.location,
            credentials=self._credentials,
            http_options=types.HttpOptions(
                base_url=self._settings.base_url or None,
                timeout=int(self._settings.timeout_s * 1000),  # milliseconds
                retry_options=types.HttpRetryOptions(attempts=1),
            ),
        )

    async def _ask(self, client: genai.Client, outcome: Outcome, reminder: str = "") -> str:
        level = self._thinking_level
        try:
            return await self._request(client, outcome, reminder, level)
        except EngineRefused as exc:
            refused = isinstance(exc.__cause__, errors.ClientError) and exc.__cause__.code == 400
            if not (refused and level):
                raise
        answer = await self._request(client, outcome, reminder, "")
        self._thinking_level = ""  # it was the level that the model refused
        return answer

    async def _request(self, client: genai.Client, outcome: Outcome, reminder: str, thinking_level: str) -> str:
        fields = understood(outcome.fields_to_collect)
        config = types.GenerateContentConfig(
            system_instruction=f"{self._texts.instructions(fields)}\n{reminder}".strip(),
            temperature=0.0,
            max_output_tokens=_MOST_OUTPUT_TOKENS,
            response_mime_type="application/json",
            response_schema=schema(fields),
            thinking_config=_thinking(thinking_level),
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                response = await client.aio.models.generate_content(
                    model=self._settings.model, contents=prompt(outcome), config=config
                )
        except errors.APIError as exc:
            kind = EngineUnavailable if exc.code in _OVERLOADED else EngineRefused
            raise kind(f"HTTP {exc.code}") from exc
        except Exception as exc:  # the library lets through whatever its HTTP client, JSON decoder or auth raises
            raise EngineUnavailable(type(exc).__name__) from exc
        return _whole_text(response)


def prompt(outcome: Outcome) -> str:
    """The transcript as data: every utterance a JSON string, so that nothing said can end the fence."""
    lines = [
        json.dumps({"speaker": said.speaker, "text": said.text}, ensure_ascii=False).replace("<", "\\u003c")
        for said in outcome.utterances
    ]
    while sum(map(len, lines)) > _LONGEST_TRANSCRIPT:
        lines = lines[len(lines) // 10 + 1 :]
    return "\n".join(["<transcript>", *lines, "</transcript>"])


def _whole_text(response: types.GenerateContentResponse) -> str:
    """The text of an answer that was finished. A blocked or cut one raises nothing in the library."""
    reason = response.candidates[0].finish_reason if response.candidates else None
    if reason == types.FinishReason.MAX_TOKENS:
        raise UnusableAnswer("cut off")
    if reason != types.FinishReason.STOP:
        raise EngineRefused(f"withheld: {reason.value if reason else 'no candidate'}")
    text = response.text
    if not text:
        raise UnusableAnswer("empty")
    return text


def _thinking(level: str) -> types.ThinkingConfig | None:
    return types.ThinkingConfig(thinking_level=types.ThinkingLevel(level.upper())) if level else None


def _credentials(base_url: str) -> google.auth.credentials.Credentials | None:
    """None leaves it to the platform. A service on this machine gets a token that nobody checks."""
    host = urlsplit(base_url).hostname
    return Credentials(token="local") if host in _LOOPBACK else None  # type: ignore[no-untyped-call]  # noqa: S106
