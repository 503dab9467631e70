"""The text-to-speech stand-in: a gRPC server and the control port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import grpc
from google.cloud import texttospeech_v1 as api

from local.standins.control import change, serve_control
from local.standins.refusal import Refusal, Refused, end_with, take
from local.standins.tts.synthesis import synthesize

_STOP_GRACE_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Options:
    """How the stand-in is started. Ports of 0 take free ones."""

    port: int = 0
    control_port: int = 0
    delay_s: float = 0.08
    """From a request to its audio."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stand-in listens, on 127.0.0.1."""

    port: int
    control_port: int


@dataclass(slots=True)
class Hang:
    """Accept requests and never answer."""

    count: int | None = 1


@dataclass(slots=True)
class Faults:
    """Each may be set by its name at the control port; null, 0 or false takes it back."""

    refuse: Refusal | None = None
    hang: Hang | None = None
    delay_s: float = 0.0
    """Added to the ordinary delay."""
    empty_audio: bool = False
    """Answer well, and with nothing to hear."""


@dataclass(slots=True)
class Counts:
    """What the stand-in saw since the start or the last reset."""

    requests: int = 0
    active: int = 0
    refused: int = 0


class TtsStandIn:
    """Shared state of the process. `serving` opens the ports."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.faults = Faults()
        self.counts = Counts()
        self.texts: list[str] = []
        """What was asked for, in order, since the last reset."""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Address]:
        server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers((self._handlers(),))
        port = server.add_insecure_port(f"127.0.0.1:{self._options.port}")
        await server.start()
        try:
            async with serve_control(
                self._options.control_port, change_faults=self.change_faults, state=self.state, reset=self.reset
            ) as control_port:
                yield Address(port, control_port)
        finally:
            await server.stop(_STOP_GRACE_S)

    def change_faults(self, values: Mapping[str, Any]) -> None:
        self.faults = change(self.faults, values, {"refuse": Refusal, "hang": Hang})

    def state(self) -> Mapping[str, Any]:
        return asdict(self.counts) | {"texts": self.texts, "faults": asdict(self.faults)}

    def reset(self) -> None:
        """Counters to zero but for the requests that are going on, and no faults."""
        active = self.counts.active
        for counter in fields(Counts):
            setattr(self.counts, counter.name, 0)
        self.counts.active = active
        self.faults = Faults()
        self.texts.clear()

    def _handlers(self) -> grpc.GenericRpcHandler:
        return grpc.method_handlers_generic_handler(
            "google.cloud.texttospeech.v1.TextToSpeech",
            {
                "SynthesizeSpeech": grpc.unary_unary_rpc_method_handler(
                    self._synthesize_speech,
                    api.SynthesizeSpeechRequest.deserialize,
                    api.SynthesizeSpeechResponse.serialize,
                ),
            },
        )

    async def _synthesize_speech(self, request: Any, context: Any) -> Any:
        counts = self.counts
        counts.requests += 1
        counts.active += 1
        try:
            await self._start()
            self.texts.append(request.input.text or request.input.markup or request.input.ssml)
            # In a thread: espeak-ng takes tens of milliseconds for long texts and releases the interpreter.
            audio = b"" if self.faults.empty_audio else await asyncio.to_thread(synthesize, request)
            await asyncio.sleep(self._options.delay_s + self.faults.delay_s)
            return api.SynthesizeSpeechResponse(audio_content=audio)
        except Refused as refused:
            counts.refused += 1
            await end_with(refused, context)
        finally:
            counts.active -= 1

    async def _start(self) -> None:
        if self.faults.refuse:
            self.faults.refuse.strike()
        if self.faults.hang and take(self.faults.hang):
            await asyncio.Event().wait()
