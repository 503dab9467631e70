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
from local.standins.refusal import Refusal, Refused, end_with, invalid, take
from local.standins.tts.synthesis import StreamedSynthesis, out_of_input, streamed_text, synthesize
from local.standins.tts.voices import LANGUAGE, VOICES

_STOP_GRACE_S: Final = 0.2
_CHUNK_BYTES: Final = 4_000
_NATURAL_RATE_HZ: Final = 24_000


@dataclass(frozen=True, slots=True)
class Options:
    """How the stand-in is started. Ports of 0 take free ones."""

    port: int = 0
    control_port: int = 0
    delay_s: float = 0.08
    """From a request, or a sentence of a stream, to its audio."""
    longest_without_input_s: float = 5.0


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
    streams_opened: int = 0
    active: int = 0
    refused: int = 0
    text_bytes: int = 0
    audio_bytes: int = 0


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
                "ListVoices": grpc.unary_unary_rpc_method_handler(
                    self._list_voices, api.ListVoicesRequest.deserialize, api.ListVoicesResponse.serialize
                ),
                "StreamingSynthesize": grpc.stream_stream_rpc_method_handler(
                    self._streaming_synthesize,
                    api.StreamingSynthesizeRequest.deserialize,
                    api.StreamingSynthesizeResponse.serialize,
                ),
            },
        )

    async def _synthesize_speech(self, request: Any, context: Any) -> Any:
        counts = self.counts
        counts.requests += 1
        counts.active += 1
        try:
            await self._start()
            self._note(request.input.text or request.input.markup or request.input.ssml)
            # In a thread: espeak-ng takes tens of milliseconds for long texts and releases the interpreter.
            audio = b"" if self.faults.empty_audio else await asyncio.to_thread(synthesize, request)
            await asyncio.sleep(self._options.delay_s + self.faults.delay_s)
            counts.audio_bytes += len(audio)
            return api.SynthesizeSpeechResponse(audio_content=audio)
        except Refused as refused:
            counts.refused += 1
            await end_with(refused, context)
        finally:
            counts.active -= 1

    async def _list_voices(self, request: Any, _: Any) -> Any:
        wanted = request.language_code.lower()
        gender = {True: api.SsmlVoiceGender.FEMALE, False: api.SsmlVoiceGender.MALE}
        voices = [
            api.Voice(
                language_codes=[LANGUAGE],
                name=voice.name,
                ssml_gender=gender[voice.female],
                natural_sample_rate_hertz=_NATURAL_RATE_HZ,
            )
            for voice in VOICES.values()
            if LANGUAGE.lower().startswith(wanted)
        ]
        return api.ListVoicesResponse(voices=voices)

    async def _streaming_synthesize(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        counts = self.counts
        counts.streams_opened += 1
        counts.active += 1
        try:
            await self._start()
            async for audio in self._streamed(requests):
                counts.audio_bytes += len(audio)
                yield api.StreamingSynthesizeResponse(audio_content=audio)
        except Refused as refused:
            counts.refused += 1
            await end_with(refused, context)
        finally:
            counts.active -= 1

    async def _streamed(self, requests: AsyncIterator[Any]) -> AsyncIterator[bytes]:
        first = await self._next(requests)
        if first is None or "streaming_config" not in first:
            raise invalid("Invalid request: the first message must carry 'streaming_config'.")
        synthesis = StreamedSynthesis(first.streaming_config)
        while (request := await self._next(requests)) is not None:
            if "streaming_config" in request:
                raise invalid("Invalid request: only the first message may carry 'streaming_config'.")
            text = streamed_text(request)
            self._note(text)
            for sentence in synthesis.on_text(text):
                async for chunk in self._spoken(synthesis, sentence):
                    yield chunk
        for sentence in synthesis.on_end():
            async for chunk in self._spoken(synthesis, sentence):
                yield chunk

    async def _spoken(self, synthesis: StreamedSynthesis, sentence: str) -> AsyncIterator[bytes]:
        audio = b"" if self.faults.empty_audio else await asyncio.to_thread(synthesis.audio, sentence)
        await asyncio.sleep(self._options.delay_s + self.faults.delay_s)
        for start in range(0, len(audio), _CHUNK_BYTES):
            yield audio[start : start + _CHUNK_BYTES]

    async def _next(self, requests: AsyncIterator[Any]) -> Any | None:
        """The next message; None at the half-close. Raises `Refused` when none comes in time."""
        try:
            async with asyncio.timeout(self._options.longest_without_input_s):
                return await anext(requests, None)
        except TimeoutError as exc:
            raise out_of_input() from exc

    async def _start(self) -> None:
        if self.faults.refuse:
            self.faults.refuse.strike()
        if self.faults.hang and take(self.faults.hang):
            await asyncio.Event().wait()

    def _note(self, text: str) -> None:
        self.texts.append(text)
        self.counts.text_bytes += len(text.encode())
