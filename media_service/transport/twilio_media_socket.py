"""One media WebSocket: who may open it, what may come over it, and how audio leaves by it.

Before the upgrade the signature is checked; in `start`, the token. Whatever is wrong in between is counted and
left out: a bad message costs itself, not the call.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import assert_never

from aiohttp import WebSocketError, WSCloseCode, WSMessage, WSMsgType, web

from calls import caller_parameter, log_context
from calls.events import Parties, is_call_sid
from calls.stream_token import InvalidToken, verify
from calls.twilio_signature import is_signed
from media_service.adapters import twilio_media
from media_service.call_runner import CallRunner
from media_service.core import events
from media_service.errors import MediaProtocolError, reason_of
from media_service.operations.telemetry import CallTelemetry
from media_service.settings import TwilioSettings
from media_service.transport.call_registry import CallRegistry

log = logging.getLogger(__name__)

PATH = "/ws/twilio-media"
SUBPROTOCOL = "audio.twilio.com"

_LARGEST_MESSAGE_BYTES = 65_536
_START_WITHIN_S = 10.0
"""Twilio sends `start` at once; whoever does not holds a place for nothing."""
_CLOSE_WITHIN_S = 1.0
_MANY_BAD_MESSAGES = 500
"""In a row, without a good one between: the peer is not Twilio, or has gone mad."""


@dataclass(frozen=True, slots=True)
class NewCall:
    """A stream that may start."""

    call_sid: str
    stream_sid: str
    leg: int
    parties: Parties | None = None
    """Where `incoming_call` could not write them down; else the records have them."""


OpenCall = Callable[[NewCall, "SocketPhone"], Awaitable[tuple[CallRunner, CallTelemetry]]]


class SocketPhone:
    """Sends to Twilio in order, by one task; bounded by the playback's own bound on audio ahead."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, stream_sid: str) -> None:
        self._socket = socket
        self._transport = transport
        self._stream_sid = stream_sid
        self._waiting: deque[str] = deque()
        self._changed = asyncio.Event()

    def play(self, audio: bytes) -> None:
        self._send(twilio_media.media_message(self._stream_sid, audio))

    def mark(self, name: str) -> None:
        self._send(twilio_media.mark_message(self._stream_sid, name))

    def clear(self) -> None:
        # What has not left yet is dropped here; marks among it will never come back, and are not waited for.
        self._waiting.clear()
        self._send(twilio_media.clear_message(self._stream_sid))

    async def write(self, keepalive_s: float) -> None:
        """Send what is queued, and a ping now and then. Ends when the socket does."""
        ping_at = time.monotonic() + keepalive_s
        with suppress(ConnectionError):
            while not self._socket.closed:
                self._changed.clear()
                while self._waiting:
                    await self._socket.send_str(self._waiting.popleft())
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, ping_at - time.monotonic())):
                        await self._changed.wait()
                if time.monotonic() >= ping_at:
                    ping_at += keepalive_s
                    await self._socket.ping()

    async def close(self) -> None:
        try:
            async with asyncio.timeout(_CLOSE_WITHIN_S):
                await self._socket.close()
        except TimeoutError:
            # A peer that reads nothing would hold the closing handshake, and any blocked send, for ever.
            if self._transport is not None:
                self._transport.abort()

    def _send(self, message: str) -> None:
        self._waiting.append(message)
        self._changed.set()


class MediaSocket:
    """The handler of `GET /ws/twilio-media`."""

    def __init__(
        self,
        twilio: TwilioSettings,
        registry: CallRegistry,
        keepalive_s: float,
        open_call: OpenCall,
        is_ready: Callable[[], bool],
        tracks: Collection[str],
    ) -> None:
        """`tracks` are those whose audio is wanted, of `inbound` and `outbound`."""
        self._twilio = twilio
        self._registry = registry
        self._keepalive_s = keepalive_s
        self._open_call = open_call
        self._is_ready = is_ready
        self._tracks = tracks

    async def handle(self, request: web.Request) -> web.StreamResponse:
        # A connection's requests share one context, so it is put back when this one ends.
        with log_context.handling(log_context.trace_in(request.headers)):
            return await self._handle(request)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return web.Response(status=HTTPStatus.UPGRADE_REQUIRED, headers={"Upgrade": "websocket"})
        if not self._is_twilio(request):
            log.warning("signature_refused", extra={"path": PATH})
            return web.Response(status=HTTPStatus.FORBIDDEN)
        if not self._registry.has_room or not self._is_ready():
            log.warning("[WS] no room", extra={"calls": self._registry.calls, "draining": self._registry.draining})
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        with self._registry.socket():
            # No heartbeat of aiohttp's: it closes a peer that does not answer pings, and that is Twilio's right.
            socket = web.WebSocketResponse(
                protocols=(SUBPROTOCOL,),
                compress=False,
                max_msg_size=_LARGEST_MESSAGE_BYTES,
                timeout=_CLOSE_WITHIN_S,
            )
            await socket.prepare(request)
            await self._serve(socket, request.transport)
            return socket

    def _is_twilio(self, request: web.Request) -> bool:
        if not self._twilio.auth_tokens:
            return self._twilio.allow_unsigned
        url = f"wss://{self._twilio.public_host}{PATH}"
        header = request.headers.get("X-Twilio-Signature")
        return is_signed(self._twilio.auth_tokens, (url, f"{url}/"), header)

    async def _serve(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        try:
            async with asyncio.timeout(_START_WITHIN_S):
                call = await self._starting(socket)
        except TimeoutError:
            log.warning("media_stream_refused", extra={"why": "no start message"})
            call = None
        if call is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_WITHIN_S):
                    await socket.close(code=WSCloseCode.POLICY_VIOLATION)
            return
        with log_context.handling(call_sid=call.call_sid):
            await self._carry(call, socket, transport)

    async def _carry(self, call: NewCall, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        phone = SocketPhone(socket, transport, call.stream_sid)
        runner, telemetry = await self._open_call(call, phone)
        if not self._registry.admit(call.call_sid, runner):
            log.warning("media_stream_refused", extra={"why": "second stream", "call_sid": call.call_sid})
            await socket.close(code=WSCloseCode.POLICY_VIOLATION)
            return
        telemetry.connected()
        writing = asyncio.create_task(phone.write(self._keepalive_s), name=f"{call.call_sid} write")
        try:
            async with runner:
                runner.take(await _read(socket, call, self._tracks, runner, telemetry))
        finally:
            self._registry.leave(call.call_sid, runner)
            writing.cancel()
            await asyncio.wait([writing])

    async def _starting(self, socket: web.WebSocketResponse) -> NewCall | None:
        """Read up to `start`; None if what comes does not admit a call."""
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                log.warning("bad_media_message", extra={"kind": f"{_kind_of(message)} before start"})
                continue
            try:
                parsed = twilio_media.parse(message.data)
            except MediaProtocolError as error:
                log.warning("bad_media_message", extra={"kind": f"before start: {error}"})
                if message.data.startswith('{"event":"start"'):
                    return None
                continue
            if isinstance(parsed, twilio_media.Start):
                return self._admitted(parsed)
            if not isinstance(parsed, twilio_media.Connected):
                log.warning("bad_media_message", extra={"kind": f"{type(parsed).__name__.lower()} before start"})
        return None

    def _admitted(self, start: twilio_media.Start) -> NewCall | None:
        why = ""
        leg = 1
        if not is_call_sid(start.call_sid):
            why = "call SID"
        elif self._twilio.stream_token_secret:
            try:
                token = start.parameters.get("token", "")
                leg = verify(self._twilio.stream_token_secret, token, start.call_sid, time.time())
            except InvalidToken as error:
                why = f"token: {error}"
        if why:
            log.warning("media_stream_refused", extra={"why": why})
            return None
        return NewCall(start.call_sid, start.stream_sid, leg, self._parties(start))

    def _parties(self, start: twilio_media.Start) -> Parties | None:
        sealed = start.parameters.get(caller_parameter.NAME, "")
        if not sealed or not self._twilio.stream_token_secret:
            return None
        try:
            return caller_parameter.unseal(self._twilio.stream_token_secret, sealed, start.call_sid)
        except InvalidToken as error:
            # The token admits the call; that it is not known who calls is no reason to hang up on them.
            log.warning("caller_parameter_ignored", extra={"why": str(error), "call_sid": start.call_sid})
            return None


async def _read(
    socket: web.WebSocketResponse,
    call: NewCall,
    tracks: Collection[str],
    runner: CallRunner,
    telemetry: CallTelemetry,
) -> events.Event:
    """Hand over what Twilio sends until `stop`, or until the socket ends; how it ended is the event returned."""
    bad_in_a_row = 0
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            telemetry.warn(_kind_of(message))
            continue
        try:
            parsed = twilio_media.parse(message.data)
            event = _event(parsed, call, tracks)
        except MediaProtocolError as error:
            telemetry.warn(reason_of(error))
            bad_in_a_row += 1
            if bad_in_a_row >= _MANY_BAD_MESSAGES:
                log.warning("media_stream_abandoned", extra={"call_sid": call.call_sid})
                return events.SocketLost(because_of_us=True)
            continue
        bad_in_a_row = 0
        if isinstance(event, events.CallerHungUp):
            return event
        runner.take(event)
    return events.SocketLost(because_of_us=socket.close_code == WSCloseCode.MESSAGE_TOO_BIG)


def _kind_of(message: WSMessage) -> str:
    """What is wrong with a message that is not text. After an error of the protocol the socket is closed."""
    if message.type is not WSMsgType.ERROR:
        return message.type.name.lower()
    too_big = isinstance(message.data, WebSocketError) and message.data.code == WSCloseCode.MESSAGE_TOO_BIG
    return "oversized" if too_big else "broken frame"


def _event(message: twilio_media.MediaMessage, call: NewCall, tracks: Collection[str]) -> events.Event:
    """What a message means to the call. Raises `MediaProtocolError` if it means nothing."""
    match message:
        case twilio_media.Media(stream_sid, track, audio):
            if stream_sid != call.stream_sid:
                raise MediaProtocolError("media of another stream")
            if track not in tracks:
                raise MediaProtocolError("media of another track")
            return events.CallerAudio(audio, track)
        case twilio_media.Mark(stream_sid, name):
            if stream_sid != call.stream_sid:
                raise MediaProtocolError("mark of another stream")
            return events.MarkReached(name)
        case twilio_media.Dtmf(_, digit):
            return events.DigitPressed(digit)
        case twilio_media.Stop():
            return events.CallerHungUp()
        case twilio_media.Connected() | twilio_media.Start() | twilio_media.UnknownMessage():
            raise MediaProtocolError(f"unexpected {type(message).__name__.lower()}")
        case _:
            assert_never(message)
