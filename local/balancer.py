"""One address for several instances of the media service: what Cloud Run's front end is in the cloud."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from local import front_door
from local.processes import free_ports


@contextlib.asynccontextmanager
async def balanced(instances: Sequence[str]) -> AsyncIterator[str]:
    """An address that connects to the first of them, as they are at that moment; where it is gone, to nobody."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = instances[0].rpartition(":")
        with contextlib.closing(writer):
            try:
                inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
            except OSError:
                return
            with contextlib.closing(inner_writer):
                await front_door.join(reader, writer, inner_reader, inner_writer)

    (port,) = free_ports(1)
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.close()
