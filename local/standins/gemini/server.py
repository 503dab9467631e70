"""The Gemini stand-in: the two methods of a model over HTTP, and the control port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from aiohttp import web

from local.standins.control import serve_control, serve_http
from local.standins.gemini.canned import answer_json, reply
from local.standins.gemini.orders import Order, Orders
from local.standins.gemini.question import BadRequest, Question, read_question

_STATUS_NAMES: Final = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip
_TEXTLESS: Final = frozenset(
    {"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR",
     "MALFORMED_FUNCTION_CALL"}
)  # fmt: skip
_REMEMBERED_REQUESTS: Final = 200


@dataclass(frozen=True, slots=True)
class Options:
    """How the stand-in is started. Ports of 0 take free ones."""

    port: int = 0
    control_port: int = 0
    first_delay_s: float = 0.15
    """From the request to the first piece of the answer."""
    chunk_delay_s: float = 0.03
    """Between its pieces."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stand-in listens, on 127.0.0.1."""

    port: int
    control_port: int


class GeminiStandIn:
    """Shared state of the process. `serving` opens the ports."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.orders = Orders()
        self.requests: list[dict[str, Any]] = []
        """The last requests: model, method, body, and the status they got."""
        self._active = 0
        self._count = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Address]:
        app = web.Application()
        app.add_routes([web.post(r"/{place:.+}/models/{model:[^/:]+}:{method:\w+}", self._answer)])
        async with (
            serve_http(app, self._options.port) as port,
            serve_control(
                self._options.control_port, change_faults=self.change_orders, state=self.state, reset=self.reset
            ) as control_port,
        ):
            yield Address(port, control_port)

    def change_orders(self, values: Mapping[str, Any]) -> None:
        self.orders = self.orders.changed(values)

    def state(self) -> Mapping[str, Any]:
        return {
            "requests": self._count,
            "active": self._active,
            "last_requests": self.requests,
            "orders": asdict(self.orders),
        }

    def reset(self) -> None:
        self.orders = Orders()
        self.requests.clear()
        self._count = 0

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        model, method = request.match_info["model"], request.match_info["method"]
        if method not in ("generateContent", "streamGenerateContent"):
            raise web.HTTPNotFound
        body = await request.json()
        record = {"model": model, "method": method, "body": body, "status": 200}
        self._count += 1
        self.requests.append(record)
        del self.requests[:-_REMEMBERED_REQUESTS]
        self._active += 1
        try:
            order, self.orders = self.orders.next()
            refusal = self._refusal(model, body, order)
            if refusal:
                record["status"] = refusal[0]
                return _error(*refusal)
            try:
                question = read_question(model, body)
            except BadRequest as exc:
                record["status"] = 400
                return _error(400, str(exc))
            await asyncio.sleep(self._options.first_delay_s if order.first_delay_s is None else order.first_delay_s)
            if order.flaw == "html":
                return web.Response(text="<html><body>Sign in</body></html>", content_type="text/html")
            if method == "generateContent":
                return await self._at_once(question, order)
            return await self._streamed(request, question, order)
        finally:
            self._active -= 1

    def _refusal(self, model: str, body: Mapping[str, Any], order: Order) -> tuple[int, str] | None:
        if order.status != 200:
            return order.status, order.message
        if any(model.startswith(retired) for retired in self.orders.retired_models):
            name = f"publishers/google/models/{model}"
            return 404, f"Publisher Model `{name}` was not found or your project does not have access to it."
        thinking = json.dumps(body.get("generationConfig") or {})
        if self.orders.refused_thinking and ("thinkingLevel" in thinking or "thinking_level" in thinking):
            return 400, "Thinking level is not supported for this model."
        return None

    async def _at_once(self, question: Question, order: Order) -> web.Response:
        if order.flaw in ("cut", "hang"):
            await asyncio.Event().wait()
        if order.flaw == "bad_line":
            return web.Response(text='{"candidates": [', content_type="application/json")
        return _json(_chunk(question, _text(question, order), order, last=True))

    async def _streamed(self, request: web.Request, question: Question, order: Order) -> web.StreamResponse:
        delay_s = self._options.chunk_delay_s if order.chunk_delay_s is None else order.chunk_delay_s
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        pieces = _pieces(_text(question, order))
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            if number == (len(pieces) + 1) // 2 or last:
                if order.flaw == "cut":
                    _break(request)
                    return response
                if order.flaw == "bad_line":
                    await response.write(b"data: {not json\r\n\r\n")
            if number == 1 and order.flaw == "hang":
                await asyncio.Event().wait()
            data = json.dumps(_chunk(question, piece, order, last=last), ensure_ascii=False)
            await response.write(f"data: {data}\r\n\r\n".encode())
            if not last:
                await asyncio.sleep(delay_s)
        await response.write_eof()
        return response


def _text(question: Question, order: Order) -> str:
    if order.finish_reason in _TEXTLESS or order.flaw == "no_candidates":
        return ""
    text = order.text
    if text is None:
        text = reply(question) if question.json_schema is None else answer_json(question)
    return text[: len(text) // 2] if order.finish_reason == "MAX_TOKENS" else text


def _pieces(text: str) -> list[str]:
    """About three words each, the blanks kept; at least one."""
    words = text.split(" ")
    parts = [" ".join(words[start : start + 3]) for start in range(0, len(words), 3)]
    return [part if number == 0 else f" {part}" for number, part in enumerate(parts)]


def _chunk(question: Question, text: str, order: Order, *, last: bool) -> dict[str, Any]:
    chunk: dict[str, Any] = {"modelVersion": question.model, "responseId": "local"}
    if order.flaw != "no_candidates":
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}] if text else []}}
        if last and order.flaw != "no_finish":
            candidate["finishReason"] = order.finish_reason
        chunk["candidates"] = [candidate]
    if last:
        asked, answered = sum(len(said) for _, said in question.turns) // 3, len(text) // 3
        chunk["usageMetadata"] = {
            "promptTokenCount": asked,
            "candidatesTokenCount": answered,
            "totalTokenCount": asked + answered,
        }
    return chunk


def _break(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


def _error(status: int, message: str) -> web.Response:
    name = _STATUS_NAMES.get(status, "UNKNOWN")
    return _json({"error": {"code": status, "message": message, "status": name}}, status)


def _json(body: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.Response(
        text=json.dumps(body, ensure_ascii=False), status=status, content_type="application/json", charset="utf-8"
    )
