"""A speech server in this process that does what a script says, in the real protocol's bytes (v1 and v2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.cloud.speech_v1.types import cloud_speech as v1
from google.cloud.speech_v2.types import cloud_speech as v2

Script = Callable[["ServedStream"], Awaitable[None]]


@dataclass
class ServedStream:
    """One streaming request as the server sees it."""

    requests: AsyncIterator[Any]
    context: Any
    version: Any
    config: Any = None
    recognizer: str = ""
    audio: bytearray = field(default_factory=bytearray)
    request_sizes: list[int] = field(default_factory=list)
    half_closed: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, size: int) -> None:
        """Return when `size` bytes of LINEAR16 have come, or the client has half-closed."""
        while len(self.audio) < size and not self.half_closed:
            await self._next()

    async def hear_all(self) -> None:
        while not self.half_closed:
            await self._next()

    async def _next(self) -> None:
        try:
            request = await anext(self.requests)
        except StopAsyncIteration:
            self.half_closed = True
            return
        if request.streaming_config:
            self.config = request.streaming_config
            self.recognizer = getattr(request, "recognizer", "")
        audio = request.audio_content if self.version is v1 else request.audio
        if audio:
            self.audio += audio
            self.request_sizes.append(len(audio))

    async def say(self, *results: dict[str, Any]) -> None:
        """One response. A result: text, is_final, stability, confidence, end (seconds)."""
        end = "result_end_time" if self.version is v1 else "result_end_offset"
        response = self.version.StreamingRecognizeResponse(
            results=[
                {
                    "alternatives": [{"transcript": each["text"], "confidence": each.get("confidence", 0.0)}],
                    "is_final": each.get("is_final", False),
                    "stability": each.get("stability", 0.0),
                    **(
                        {end: {"seconds": int(each["end"]), "nanos": round(each["end"] % 1 * 1e9)}}
                        if "end" in each
                        else {}
                    ),
                }
                for each in results
            ]
        )
        await self.context.write(response)

    async def abort(self, code: grpc.StatusCode, details: str = "") -> None:
        await self.context.abort(code, details)


class FakeSpeechServer:
    """`script` is run for each streaming request; `single` answers single requests.

    It gives the response, or a status, or None to let the client wait.
    """

    def __init__(
        self, script: Script, single: Callable[[Any], Any] | None = None, streams_per_connection: int = 1000
    ) -> None:
        self.script = script
        self.streams_per_connection = streams_per_connection
        self.single = single
        self.streams: list[ServedStream] = []
        self.single_requests: list[Any] = []
        self.active = 0
        self.address = ""

    async def _stream(self, requests: AsyncIterator[Any], context: Any, version: Any) -> None:
        stream = ServedStream(requests, context, version)
        self.streams.append(stream)
        self.active += 1
        try:
            await self.script(stream)
        finally:
            self.active -= 1
            stream.ended.set()

    async def _single(self, request: Any, context: Any) -> Any:
        assert self.single is not None, "no single request was expected"
        self.single_requests.append(request)
        answer = self.single(request)
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, grpc.StatusCode):
            await context.abort(answer, "as scripted")
        return answer

    def handlers(self) -> list[Any]:
        def of(version: Any, service: str) -> Any:
            async def stream(requests: AsyncIterator[Any], context: Any) -> None:
                await self._stream(requests, context, version)

            return grpc.method_handlers_generic_handler(
                service,
                {
                    "StreamingRecognize": grpc.stream_stream_rpc_method_handler(
                        stream,
                        request_deserializer=version.StreamingRecognizeRequest.deserialize,
                        response_serializer=version.StreamingRecognizeResponse.serialize,
                    ),
                    "Recognize": grpc.unary_unary_rpc_method_handler(
                        self._single,
                        request_deserializer=version.RecognizeRequest.deserialize,
                        response_serializer=version.RecognizeResponse.serialize,
                    ),
                },
            )

        return [of(v1, "google.cloud.speech.v1.Speech"), of(v2, "google.cloud.speech.v2.Speech")]


@asynccontextmanager
async def serving(server: FakeSpeechServer) -> AsyncIterator[FakeSpeechServer]:
    grpc_server = grpc.aio.server(
        options=[("grpc.max_concurrent_streams", server.streams_per_connection), ("grpc.so_reuseport", 0)]
    )
    grpc_server.add_generic_rpc_handlers(server.handlers())
    server.address = f"127.0.0.1:{grpc_server.add_insecure_port('127.0.0.1:0')}"
    await grpc_server.start()
    try:
        yield server
    finally:
        await grpc_server.stop(grace=None)
