"""The WebSocket of a media stream, from Twilio's side: opening it signed, and every way of ending it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp

from calls.twilio_signature import signature
from local.twilio.target import CallTarget

_HANDSHAKE_TIMEOUT_S = 10.0
# The closing handshake is a courtesy; a service that does not answer it must not hold up the caller.
_CLOSE_TIMEOUT_S = 1.0
_LOOK_EVERY_S = 0.05
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class StreamRefused(Exception):
    """There is no stream. `code` is what Twilio's debugger would show."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class ConnectionLost(Exception):
    """The socket can no longer be written to."""


class MediaSocket:
    def __init__(self, session: aiohttp.ClientSession, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._session = session
        self._ws = ws
        self.close_code: int | None = None
        """From the service's close frame; None while open, and when the connection ended without one."""

    @property
    def subprotocol(self) -> str | None:
        return self._ws.protocol

    async def send(self, message: str | bytes) -> None:
        """Waits while the service reads too slowly. Raises `ConnectionLost`."""
        try:
            if isinstance(message, str):
                await self._ws.send_str(message)
            else:
                await self._ws.send_bytes(message)
        except (aiohttp.ClientError, OSError) as exc:
            raise ConnectionLost(str(exc)) from exc

    async def messages(self) -> AsyncIterator[str | bytes]:
        """What the service sends, until the connection ends in whatever way. Pings are answered meanwhile."""
        while True:
            message = await self._ws.receive()
            match message.type:
                case aiohttp.WSMsgType.TEXT | aiohttp.WSMsgType.BINARY:
                    yield message.data
                case aiohttp.WSMsgType.CLOSE:
                    self.close_code = message.data
                    return
                case _:
                    return

    async def wait_until_gone(self, at_most_s: float) -> None:
        """Leave everything unread until the service drops the TCP connection."""
        for _ in range(int(at_most_s / _LOOK_EVERY_S)):
            if self._ws.get_extra_info("socket") is None:
                return
            await asyncio.sleep(_LOOK_EVERY_S)

    async def close(self) -> None:
        """Say goodbye if the service reads it, and let go in any case."""
        # aiohttp's own limit covers the wait for the answer, but not the sending to a peer that reads nothing.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._ws.close()
        await self._session.close()

    async def reset(self) -> None:
        """Drop the connection with a TCP reset, as a machine that disappears."""
        connection = self._ws.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        await self._session.close()
        # The connection is closing by now, so this sends nothing; it lets go of what aiohttp still holds.
        await self._ws.close()


async def open_media_socket(url: str, target: CallTarget) -> MediaSocket:
    """Connect to the stream's public `wss://` URL. Raises `StreamRefused`.

    Each socket has a session of its own, so that ending one connection abruptly concerns no other.
    """
    session = aiohttp.ClientSession()
    try:
        ws = await _handshake(session, url, target)
    except BaseException:
        await session.close()
        raise
    return MediaSocket(session, ws)


async def _handshake(session: aiohttp.ClientSession, url: str, target: CallTarget) -> aiohttp.ClientWebSocketResponse:
    signed_url = f"{url.rstrip('/')}/" if target.signed_trailing_slash else url
    headers = {
        "Host": urlsplit(url).netloc,
        "User-Agent": "Twilio.TmeWs/1.0",
        "x-twilio-signature": signature(target.auth_token, signed_url),
    }
    try:
        async with asyncio.timeout(_HANDSHAKE_TIMEOUT_S):
            return await session.ws_connect(
                target.routes.connect_url(url),
                protocols=(target.subprotocol,) if target.subprotocol else (),
                headers=headers,
                max_msg_size=0,
            )
    except TimeoutError as exc:
        raise StreamRefused(31901, "connect timeout") from exc
    except aiohttp.WSServerHandshakeError as exc:
        raise StreamRefused(31920, f"handshake error: the server answered {exc.status}") from exc
    except aiohttp.ClientSSLError as exc:
        raise StreamRefused(31910, "SSL protocol error") from exc
    except aiohttp.ClientError as exc:
        raise StreamRefused(31902, f"connection refused: {type(exc).__name__}") from exc
