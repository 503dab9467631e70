from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from local.front_door import Route, route_request, routes, serving
from local.processes import free_ports

ROUTES = routes("127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3")
SERVED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def head(target: str, *headers: str) -> bytes:
    return "\r\n".join([f"POST {target} HTTP/1.1", "Host: public.example", *headers, "", ""]).encode()


@pytest.mark.parametrize(
    ("target", "address", "inner"),
    [
        ("/webhook/incoming_call", "127.0.0.1:2", "/"),
        ("/webhook/incoming_call/after-stream", "127.0.0.1:2", "/after-stream"),
        ("/webhook/incoming_call?bodySHA256=0", "127.0.0.1:2", "/?bodySHA256=0"),
        ("/webhook/stream_status", "127.0.0.1:3", "/"),
        ("/ws/twilio-media", "127.0.0.1:1", "/ws/twilio-media"),
        ("/ws/twilio-media/", "127.0.0.1:1", "/ws/twilio-media/"),
    ],
)
def test_each_public_path_reaches_the_part_that_serves_it(target: str, address: str, inner: str) -> None:
    routed = route_request(head(target), ROUTES)

    assert routed is not None
    assert routed[0] == address
    assert routed[1].startswith(f"POST {inner} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize("target", ["/", "/status", "/webhook/incoming_calls", "/webhook", "/ws/twilio-media2"])
def test_other_paths_reach_nothing(target: str) -> None:
    assert route_request(head(target), ROUTES) is None


def test_headers_pass_unchanged_but_for_the_connection() -> None:
    """One request a connection, or a second one would follow the first to the wrong part."""
    sent = head("/webhook/stream_status", "X-Twilio-Signature: abc=", "connection: keep-alive", "Content-Length: 3")

    routed = route_request(sent, ROUTES)

    assert routed is not None
    assert routed[1].split(b"\r\n")[1:] == [
        b"Connection: close",
        b"Host: public.example",
        b"X-Twilio-Signature: abc=",
        b"Content-Length: 3",
        b"",
        b"",
    ]


def test_a_websocket_handshake_keeps_its_connection_header() -> None:
    sent = head("/ws/twilio-media", "Connection: Upgrade", "Upgrade: websocket")

    assert route_request(sent, ROUTES) == ("127.0.0.1:1", sent)


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def door(serve: Serve) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a front door with this server behind `/part`."""
    behind, front = free_ports(2)
    async with await asyncio.start_server(serve, "127.0.0.1", behind) as server:
        async with serving((Route("/part", f"127.0.0.1:{behind}", ""),), front):
            reader, writer = await asyncio.open_connection("127.0.0.1", front)
            yield reader, writer
            writer.close()
        server.close()


async def test_a_request_and_its_answer_pass_whole() -> None:
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(100_000))
        writer.write(SERVED)
        writer.close()

    async with door(serve) as (reader, writer):
        writer.write(head("/part/x", "Content-Length: 100000") + b"a" * 100_000)
        answer = await reader.read()

    assert answer == SERVED
    assert received[0].endswith(b"a" * 100_000)


async def test_bytes_pass_both_ways_until_either_side_breaks_off() -> None:
    """A phone that drops its connection is noticed behind the door at once."""
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"there"
        assert await reader.read() == b""
        gone.set()
        writer.close()

    async with door(serve) as (reader, writer):
        writer.write(head("/part", "Upgrade: websocket", "Connection: Upgrade"))
        assert await reader.readexactly(5) == b"hello"
        writer.write(b"there")
        writer.close()

        async with asyncio.timeout(5.0):
            await gone.wait()


async def test_a_part_that_is_down_is_a_bad_gateway() -> None:
    nobody, front = free_ports(2)
    async with serving((Route("/part", f"127.0.0.1:{nobody}", ""),), front):
        reader, writer = await asyncio.open_connection("127.0.0.1", front)
        writer.write(head("/part"))
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 502 ")
