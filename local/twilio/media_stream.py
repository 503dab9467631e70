"""One media stream of a call: its socket, its messages and its status callbacks, opened and ended together."""

from __future__ import annotations

import asyncio
import contextlib

from local.twilio.call_parameters import new_sid
from local.twilio.context import CallContext
from local.twilio.faults import FaultKind, message_for
from local.twilio.media_messages import CONNECTED, StreamMessages
from local.twilio.media_socket import ConnectionLost, MediaSocket, StreamRefused, open_media_socket
from local.twilio.timeline import Kind
from local.twilio.twiml import Stream
from local.utterance_audio import Frame

_STOP_TIMEOUT_S = 2.0


class MediaStream:
    def __init__(self, verb: Stream, context: CallContext, socket: MediaSocket, messages: StreamMessages) -> None:
        self.verb = verb
        self.socket = socket
        self.messages = messages
        self.started_at = context.now()
        """When the start message was sent, on the call's clock."""
        self._context = context

    @property
    def sid(self) -> str:
        return self.messages.stream_sid

    async def send_frame(self, frame: Frame, number: int, track: str = "inbound") -> None:
        """`number` counts the 20 ms since the stream began, from 0. Raises `ConnectionLost`."""
        await self.socket.send(self.messages.media(frame.payload, number * 20, track))

    async def stop(self, *, say_so: bool = True) -> None:
        """The call is over: tell the service, if it still listens, and close."""
        if say_so:
            with contextlib.suppress(ConnectionLost, TimeoutError):
                async with asyncio.timeout(_STOP_TIMEOUT_S):
                    await self.socket.send(self.messages.stop())
        await self.socket.close()
        self._context.report_stream(self.verb, self.sid, "stream-stopped")

    async def ended_by_service(self) -> None:
        """The service closed the socket properly."""
        await self.socket.close()
        self._context.report_stream(self.verb, self.sid, "stream-stopped")

    async def lost(self, why: str) -> None:
        """The connection ended in any other way."""
        self._context.timeline.warn(self._context.now(), 31921, f"stream close error: {why}")
        await self.socket.reset()
        self._context.report_stream(self.verb, self.sid, "stream-error", f"31921 - {why}")


async def open_stream(verb: Stream, context: CallContext, faults: frozenset[FaultKind]) -> MediaStream:
    """Open the socket and send `connected` and `start`. Raises `StreamRefused`, which has been reported then.

    `faults` are those of this leg; only the ones that concern the beginning matter here.
    """
    stream_sid = new_sid("MZ")
    try:
        if verb.error is not None:
            raise StreamRefused(*verb.error)
        socket = await open_media_socket(verb.url, context.target)
    except StreamRefused as exc:
        context.timeline.warn(context.now(), exc.code, str(exc))
        context.report_stream(verb, stream_sid, "stream-error", f"{exc.code} - {exc}")
        raise
    messages = StreamMessages(context.identity.account_sid, context.identity.call_sid, stream_sid)
    opening: list[str | bytes] = [CONNECTED]
    if FaultKind.MEDIA_BEFORE_START in faults:
        opening.append(message_for(FaultKind.MEDIA_BEFORE_START, messages) or b"")
    opening.append(messages.start(verb.track, verb.parameters))
    with contextlib.suppress(ConnectionLost):  # whoever reads next finds the connection closed and says why
        for message in opening:
            await socket.send(message)
    context.report_stream(verb, stream_sid, "stream-started")
    context.timeline.note(context.now(), Kind.LEG_STARTED, f"{stream_sid} subprotocol={socket.subprotocol}")
    return MediaStream(verb, context, socket, messages)
