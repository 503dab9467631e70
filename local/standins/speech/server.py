"""The speech stand-in: a gRPC server for both API versions, a relay before it, and the control port."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast

import grpc

from local.standins.control import serve_control
from local.standins.refusal import Refused, end_with, invalid, take
from local.standins.relay import Relay
from local.standins.speech import api_v1, api_v2
from local.standins.speech.decoder import Lexicon
from local.standins.speech.faults import Break, Faults, Stall
from local.standins.speech.phrasebook import known_phrases
from local.standins.speech.recognition import Timing, Whisper, recognize_at_once
from local.standins.speech.request_config import AudioReader
from local.standins.speech.stream import Api, Counts, Stream, Surroundings
from local.standins.speech.stream_limits import StreamLimits
from local.standins.speech.tapes import Tapes
from local.standins.speech.unknown_speech import UnknownSpeech

_LONGEST_REQUEST_S: Final = 60.0
_STOP_GRACE_S: Final = 0.2
_TIMINGS: Final = tuple(field.name for field in fields(Timing))


@dataclass(frozen=True, slots=True)
class Options:
    """How the stand-in is started. Ports of 0 take free ones."""

    port: int = 0
    control_port: int = 0
    timing: Timing = Timing()
    stream_limit_s: float | None = None
    """In place of 305 s (v1) and 300 s (v2); the messages stay the same."""
    audio_timeout_s: float | None = None
    """In place of 10 s."""
    streams_per_connection: int = 100
    """More wait, as with the real service."""
    keep_audio: Path | None = None
    """A folder for what each stream is sent."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stand-in listens, on 127.0.0.1."""

    port: int
    control_port: int


class SpeechStandIn:
    """Shared state of the process. `serving` opens the ports."""

    def __init__(self, options: Options, whisper: Whisper | None = None) -> None:
        self._options = options
        self._unknown = UnknownSpeech(whisper, lambda line: print(line, flush=True), time.monotonic)
        self._lexicon = Lexicon(known_phrases())
        self.counts = Counts()
        self.faults = Faults()
        self._timing = options.timing
        self._muted_until = 0.0
        self._relay: Relay | None = None
        self._open: dict[Stream, None] = {}
        """In the order of opening."""
        self._tapes = Tapes(options.keep_audio) if options.keep_audio else None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Address]:
        server = grpc.aio.server(
            options=[("grpc.max_concurrent_streams", self._options.streams_per_connection), ("grpc.so_reuseport", 0)]
        )
        for api in (api_v1, api_v2):
            server.add_generic_rpc_handlers((self._handlers(api),))
        relay = self._relay = Relay(server.add_insecure_port("127.0.0.1:0"))
        await server.start()
        try:
            async with (
                relay.serving(self._options.port) as port,
                serve_control(
                    self._options.control_port, change_faults=self.change_faults, state=self.state, reset=self.reset
                ) as control_port,
            ):
                yield Address(port, control_port)
        finally:
            await server.stop(_STOP_GRACE_S)

    def change_faults(self, values: Mapping[str, Any]) -> None:
        """Fault settings, and the timings by their names (`final_delay_s`); timings count for streams opened later.

        `cut_open` and `stall_open` are not settings: they strike streams that are open now, the oldest first.
        """
        values = dict(values)
        cut, stall = values.pop("cut_open", None), values.pop("stall_open", None)
        timings = {name: float(value) for name, value in values.items() if name in _TIMINGS}
        self.faults = self.faults.changed({name: value for name, value in values.items() if name not in _TIMINGS})
        self._timing = replace(self._timing, **timings)
        if "mute_s" in values:
            self._muted_until = asyncio.get_running_loop().time() + self.faults.mute_s
        self._tell_relay()
        self._strike_open(Break(**cut) if cut else None, Stall(**stall) if stall else None)

    def _strike_open(self, cut: Break | None, stall: Stall | None) -> None:
        for stream in self._open:
            if cut and cut.count != 0 and stream.cut_now(cut):
                take(cut)
            elif stall and stall.count != 0 and stream.stall_now(stall):
                take(stall)

    def state(self) -> Mapping[str, Any]:
        told = {"utterances_unknown": self._unknown.count}
        return asdict(self.counts) | told | {"faults": asdict(self.faults), "timing": asdict(self._timing)}

    def reset(self) -> None:
        """Counters to zero but for the streams that are open, and no faults."""
        active = self.counts.streams_active
        for counter in fields(Counts):
            setattr(self.counts, counter.name, 0)
        self.counts.streams_active = self.counts.streams_active_peak = active
        self._unknown.count = 0
        self.faults = Faults()
        self._timing = self._options.timing
        self._muted_until = 0.0
        self._tell_relay()

    def _tell_relay(self) -> None:
        if self._relay:
            self._relay.accept_delay_s = self.faults.accept_delay_s
            self._relay.swallowing = self.faults.swallow

    def _handlers(self, module: ModuleType) -> grpc.GenericRpcHandler:
        api = cast(Api, module)
        options = self._options
        limits = replace(
            api.LIMITS,
            longest_s=options.stream_limit_s or api.LIMITS.longest_s,
            longest_silence_s=options.audio_timeout_s or api.LIMITS.longest_silence_s,
        )

        async def streaming_recognize(requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
            try:
                async for response in self._stream(api, limits, requests, context):
                    yield response
            except Refused as refused:
                self.counts.streams_refused += 1
                await end_with(refused, context)

        async def recognize(request: Any, context: Any) -> Any:
            try:
                return await self._recognize(api, request)
            except Refused as refused:
                await end_with(refused, context)

        return grpc.method_handlers_generic_handler(
            api.SERVICE,
            {
                "StreamingRecognize": grpc.stream_stream_rpc_method_handler(
                    streaming_recognize, api.STREAM_REQUEST.deserialize, api.STREAM_RESPONSE.serialize
                ),
                "Recognize": grpc.unary_unary_rpc_method_handler(
                    recognize, api.REQUEST.deserialize, api.RESPONSE.serialize
                ),
            },
        )

    async def _stream(
        self, api: Api, limits: StreamLimits, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Any]:
        counts = self.counts
        counts.streams_opened += 1
        if self.faults.refuse:
            self.faults.refuse.strike()
        counts.streams_active += 1
        counts.streams_active_peak = max(counts.streams_active_peak, counts.streams_active)
        try:
            stream = Stream(api, limits, self._surroundings(), context.peer())
            self._open[stream] = None
            try:
                async for response in stream.responses(requests):
                    yield response
            finally:
                del self._open[stream]
        finally:
            counts.streams_active -= 1

    async def _recognize(self, api: Api, request: Any) -> Any:
        if self.faults.refuse:
            self.faults.refuse.strike()
        config = api.request_config(request, self.faults.unsupported_models)
        audio = api.request_audio(request)
        duration_s = config.duration_s(audio)
        if duration_s > _LONGEST_REQUEST_S:
            raise invalid(
                "Sync input too long. For audio longer than 1 min use LongRunningRecognize with a 'uri' parameter."
            )
        samples = AudioReader(config).read(audio)
        await asyncio.sleep(self._timing.final_delay_s + self.faults.delay_finals_s)
        deaf = not config.hebrew or self._muted()
        finals = [] if deaf else recognize_at_once(samples, self._lexicon, config.wishes, self._unknown.words)
        return api.response(finals, duration_s)

    def _muted(self) -> bool:
        return asyncio.get_running_loop().time() < self._muted_until

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            lexicon=self._lexicon,
            timing=self._timing,
            counts=self.counts,
            faults=lambda: self.faults,
            muted=self._muted,
            reset_connection=self._reset_connection,
            unknown=self._unknown.words,
            tape=lambda: self._tapes.new() if self._tapes else None,
        )

    def _reset_connection(self, peer: str) -> None:
        if self._relay:
            self._relay.reset(int(peer.rsplit(":", 1)[1]))
