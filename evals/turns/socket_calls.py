"""Play turns in real time through the media service's own WebSocket, several at once.

The transport, the runner and the core are the service's; what is recognized, answered and spoken is simulated, as on
the clock that jumps. This is Twilio's side: frames every 20 ms, and marks that come back when they were heard.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from aiohttp import web

from evals.turns.caller import Caller
from evals.turns.handset import Handset
from evals.turns.items import Turn
from evals.turns.simulation import Conditions, SimulatedCall, speak_ahead
from evals.turns.trace import Trace
from local.twilio.media_messages import CONNECTED, ClearBuffer, PlayMedia, SetMark, StreamMessages, read_message
from media_service.call_runner import CallRunner
from media_service.core.vad.audio import FRAME_S
from media_service.operations.telemetry import CallTelemetry
from media_service.settings import TwilioSettings
from media_service.transport.call_registry import CallRegistry
from media_service.transport.twilio_media_socket import PATH, MediaSocket, NewCall, SocketPhone

_ACCOUNT: Final = f"AC{9:032}"
_KEEPALIVE_S: Final = 18.0
_PLACES: Final = 10
"""For each call at a time."""
_APART_S: Final = 0.13
"""Between the beginnings of two calls, so that their frames do not all fall together."""


async def play(turns: Sequence[Turn], conditions: Conditions, at_once: int) -> list[Trace]:
    """The calls' traces, in the order of the turns."""
    return await _Exchange(conditions, at_once).play(turns)


class _Exchange:
    def __init__(self, conditions: Conditions, at_once: int) -> None:
        self._conditions = conditions
        self._room = asyncio.Semaphore(at_once)
        self._at_once = at_once
        # A call that has hung up is wound up while the next is placed.
        self._registry = CallRegistry(_PLACES * at_once)
        self._waiting: dict[str, tuple[SimulatedCall, Caller]] = {}
        """Calls whose stream is being opened, by call SID."""

    async def play(self, turns: Sequence[Turn]) -> list[Trace]:
        for turn in turns:
            speak_ahead(turn)
        async with self._served() as url, aiohttp.ClientSession() as session:
            calls = (self._call(number, turn, url, session) for number, turn in enumerate(turns, start=1))
            return list(await asyncio.gather(*calls))

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[str]:
        """The service's socket on a port of the loopback interface."""
        twilio = TwilioSettings("localhost", auth_tokens=(), stream_token_secret="", allow_unsigned=True)
        socket = MediaSocket(twilio, self._registry, _KEEPALIVE_S, self._open_call, lambda: True, ("inbound",))
        app = web.Application()
        app.router.add_get(PATH, socket.handle)
        serving = web.AppRunner(app)
        await serving.setup()
        try:
            site = web.TCPSite(serving, "127.0.0.1", 0)
            await site.start()
            host, port = serving.addresses[0][:2]
            yield f"http://{host}:{port}{PATH}"
        finally:
            await serving.cleanup()

    async def _open_call(self, new: NewCall, phone: SocketPhone) -> tuple[CallRunner, CallTelemetry]:
        call, caller = self._waiting.pop(new.call_sid)
        return call.runner(new.call_sid, phone, caller), CallTelemetry(new.call_sid, 1, log_transcripts=False)

    async def _call(self, number: int, turn: Turn, url: str, session: aiohttp.ClientSession) -> Trace:
        async with self._room:
            await asyncio.sleep(_APART_S * (number % self._at_once))
            call_sid, stream_sid = f"CA{number:032}", f"MZ{number:032}"
            messages = StreamMessages(_ACCOUNT, call_sid, stream_sid)
            async with session.ws_connect(url, max_msg_size=0) as socket:
                call = SimulatedCall(turn, self._conditions)
                sending: asyncio.Queue[str] = asyncio.Queue()
                handset = Handset(call.clips, call.rng, lambda name: sending.put_nowait(messages.mark(name)))
                caller = call.caller(handset)
                self._waiting[call_sid] = call, caller
                sending.put_nowait(CONNECTED)
                sending.put_nowait(messages.start("inbound_track", ()))
                async with asyncio.TaskGroup() as tasks:
                    writing = tasks.create_task(_write(socket, sending))
                    reading = tasks.create_task(_read(socket, stream_sid, handset))
                    frames = tasks.create_task(_send_frames(call, caller, messages, sending))
                    await caller.call(call.recognizer.invent)
                    call.trace.ended_at = call.now
                    frames.cancel()
                    sending.put_nowait(messages.stop())
                    await reading  # until the service has closed it
                    writing.cancel()
            return call.ended(handset)


async def _write(socket: aiohttp.ClientWebSocketResponse, sending: asyncio.Queue[str]) -> None:
    while not socket.closed:
        try:
            await socket.send_str(await sending.get())
        except ConnectionError:
            return


async def _read(socket: aiohttp.ClientWebSocketResponse, stream_sid: str, handset: Handset) -> None:
    async for message in socket:
        if message.type is not aiohttp.WSMsgType.TEXT:
            continue
        match read_message(message.data, stream_sid):
            case PlayMedia(audio):
                handset.play(audio)
            case SetMark(name):
                handset.mark(name)
            case ClearBuffer():
                handset.clear()
    await handset.close()


async def _send_frames(
    call: SimulatedCall, caller: Caller, messages: StreamMessages, sending: asyncio.Queue[str]
) -> None:
    loop = asyncio.get_running_loop()
    delay_s = float(call.rng.uniform(0.04, 0.08))
    for number in itertools.count():
        due = call.began + (number + 1) * FRAME_S
        await asyncio.sleep(max(0.0, due - loop.time()))
        call.trace.late_s = max(call.trace.late_s, loop.time() - due)
        payload = base64.b64encode(caller.frame(number)).decode()
        # In order: delays are all the same, and the socket adds its own.
        loop.call_later(delay_s, sending.put_nowait, messages.media(payload, number * 20))
