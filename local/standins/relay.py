"""A TCP relay in front of a server, to break connections the way networks do.

gRPC servers end a request with a status; a reset connection or one that swallows everything can only be made below.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

_PIECE_BYTES: Final = 65_536
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, with no time to linger: closing sends RST."""


class Relay:
    """Passes connections on to `target_port` on 127.0.0.1. Open it with `serving`."""

    def __init__(self, target_port: int) -> None:
        self.accept_delay_s = 0.0
        """Wait this long before passing on a new connection."""
        self.swallowing = False
        """While set, bytes are read and go nowhere, in both directions."""
        self._target_port = target_port
        self._clients: dict[int, asyncio.StreamWriter] = {}
        """Client connections by the port from which the relay speaks to the server."""
        self._connections: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def serving(self, port: int) -> AsyncIterator[int]:
        """Listen on 127.0.0.1; port 0 takes a free one. Gives the port. Closes every connection on leaving."""
        server = await asyncio.start_server(self._on_connection, "127.0.0.1", port)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            ending = list(self._connections)
            for connection in ending:
                connection.cancel()
            await asyncio.gather(*ending)
            await server.wait_closed()

    def reset(self, server_side_port: int) -> None:
        """Reset the client's connection that reaches the server from this port. Unknown ports are ignored."""
        if writer := self._clients.get(server_side_port):
            raw: socket.socket = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            writer.transport.abort()

    async def _on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a connection callback that is a coroutine runs as a task
        self._connections.add(task)
        # A cancelled callback would be reported as an error of the loop; leaving is the only one who cancels.
        with contextlib.suppress(OSError, asyncio.CancelledError):
            try:
                await self._pass_on(reader, writer)
            finally:
                self._connections.discard(task)
                writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.accept_delay_s)
        target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        port = target_writer.get_extra_info("sockname")[1]
        self._clients[port] = writer
        try:
            async with asyncio.TaskGroup() as both_ways:
                both_ways.create_task(self._pump(reader, target_writer))
                both_ways.create_task(self._pump(target_reader, writer))
        finally:
            del self._clients[port]
            target_writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(_PIECE_BYTES):
                if not self.swallowing:
                    writer.write(piece)
                    await writer.drain()
        writer.close()
