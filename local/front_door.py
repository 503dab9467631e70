"""One public port for what the cloud serves from three places, so that a tunnel needs to reach only this one.

Like a load balancer it looks at the path of a request and joins the connection to the part that serves it. From then
on bytes pass as they are, WebSocket frames included, because signatures cover bodies and nothing here should
understand audio. One request a connection: the request is passed on with `Connection: close`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

_LONGEST_HEAD_BYTES: Final = 64 * 1024
_HEAD_WITHIN_S: Final = 10.0
_CONNECTION_HEADER: Final = re.compile(rb"\r\nconnection:[^\r\n]*", re.IGNORECASE)
_UPGRADE_HEADER: Final = re.compile(rb"\r\nupgrade:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Route:
    """Paths that begin with `prefix` are served at `host:port`, with `replacement` in its place."""

    prefix: str
    address: str
    replacement: str


def routes(media_address: str, incoming_call_address: str, stream_status_address: str) -> tuple[Route, ...]:
    """The public paths. Functions see only what follows theirs, as behind Google's front end."""
    return (
        Route("/ws/twilio-media", media_address, "/ws/twilio-media"),
        Route("/webhook/incoming_call", incoming_call_address.removeprefix("http://"), ""),
        Route("/webhook/stream_status", stream_status_address.removeprefix("http://"), ""),
    )


def route_request(head: bytes, known: tuple[Route, ...]) -> tuple[str, bytes] | None:
    """Where a request goes and the head it goes there with; None for a path nobody serves.

    `head` is the request line and the headers, up to and with the empty line.
    """
    request_line, headers = head.split(b"\r\n", 1)
    method, _, target = request_line.decode("latin-1").partition(" ")
    path, _, version = target.rpartition(" ")
    for route in known:
        rest = path.removeprefix(route.prefix)
        if rest != path and rest[:1] in {"", "/", "?"}:
            inner = route.replacement + rest
            inner = inner if inner.startswith("/") else "/" + inner
            line = f"{method} {inner} {version}".encode("latin-1")
            headers = b"\r\n" + headers
            if not _UPGRADE_HEADER.search(headers):
                headers = b"\r\nConnection: close" + _CONNECTION_HEADER.sub(b"", headers)
            return route.address, line + headers
    return None


@contextlib.asynccontextmanager
async def serving(known: tuple[Route, ...], port: int) -> AsyncIterator[None]:
    """Listen on 127.0.0.1. Connections that are open at the end are cut."""
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- a coroutine runs in one
        connections.add(task)
        task.add_done_callback(connections.discard)
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await _serve(reader, writer, known)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port, limit=_LONGEST_HEAD_BYTES)
    try:
        yield
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, known: tuple[Route, ...]) -> None:
    try:
        async with asyncio.timeout(_HEAD_WITHIN_S):
            head = await reader.readuntil(b"\r\n\r\n")
    except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return
    routed = route_request(head, known)
    if routed is None:
        _answer(writer, "404 Not Found")
        return
    address, head = routed
    host, _, port = address.rpartition(":")
    try:
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
    except OSError:
        _answer(writer, "502 Bad Gateway")
        return
    try:
        inner_writer.write(head)
        await join(reader, writer, inner_reader, inner_writer)
    finally:
        inner_writer.close()


async def join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    inner_reader: asyncio.StreamReader,
    inner_writer: asyncio.StreamWriter,
) -> None:
    """Until the part behind closes or either side breaks off. A caller may finish first and still read the answer."""
    inward = asyncio.create_task(_pump(reader, inner_writer))
    outward = asyncio.create_task(_pump(inner_reader, writer))
    try:
        await asyncio.wait({inward, outward}, return_when=asyncio.FIRST_COMPLETED)
        if not outward.done() and inward.exception() is None:
            await asyncio.wait({outward})
    finally:
        inward.cancel()
        outward.cancel()
        await asyncio.gather(inward, outward, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while block := await source.read(1 << 16):
        sink.write(block)
        await sink.drain()
    if sink.can_write_eof():
        sink.write_eof()


def _answer(writer: asyncio.StreamWriter, status: str) -> None:
    writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
