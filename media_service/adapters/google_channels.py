"""gRPC channels to Google's APIs: where they lead, how a dead one is noticed, how many requests share one.

Channels belong to the application: opened while it starts, closed when it ends, in the same event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import google.auth
import grpc
from google.api_core import grpc_helpers_async

from media_service.adapters.google_errors import GOOGLE_FAILURES, vendor_error
from media_service.errors import VendorExhausted

ChannelOptions = Sequence[tuple[str, Any]]

_SCOPES: Final = ("https://www.googleapis.com/auth/cloud-platform",)

# A peer that vanished without a word is noticed after about 15 s (measured), and only with all three: with the
# first two alone it took 70 s, without any of them the request hung on. Pings go out only while a request is open.
KEEPALIVE: Final[ChannelOptions] = (
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),
)

# An HTTP/2 server allows about 100 streams on a connection; one more waits without an error, and with grpc.aio some
# of those waiting never start. Half of it leaves room for streams that are still being closed.
STREAMS_PER_CHANNEL: Final = 50


@dataclass(frozen=True, slots=True)
class GoogleEndpoint:
    """Where an API is."""

    host: str
    """Host name; `host:port` where `plain`."""
    plain: bool = False
    """No TLS and no credentials: a process on this machine."""

    @classmethod
    def of(cls, host: str, emulator_host: str) -> GoogleEndpoint:
        """The emulator if there is one, else the real API."""
        return cls(emulator_host, plain=True) if emulator_host else cls(host)


OpenChannel = Callable[[ChannelOptions], Any]
"""Makes one `grpc.aio.Channel` with these options besides its own. Making it does not connect."""


async def channel_opener(endpoint: GoogleEndpoint) -> OpenChannel:
    """What opens channels to `endpoint`. Looks for the credentials once, here, and not in the event loop's thread."""
    if endpoint.plain:
        return lambda options: grpc.aio.insecure_channel(endpoint.host, options=[*KEEPALIVE, *options])
    try:
        credentials, _ = await asyncio.to_thread(google.auth.default, scopes=_SCOPES)
    except GOOGLE_FAILURES as error:
        raise vendor_error(error, "finding the credentials") from error
    target = endpoint.host if ":" in endpoint.host else f"{endpoint.host}:443"
    return lambda options: grpc_helpers_async.create_channel(
        target, credentials=credentials, options=[*KEEPALIVE, *options]
    )


class ChannelLease(Protocol):
    """A place on a channel, for one request at a time."""

    @property
    def channel(self) -> Any:
        """The `grpc.aio.Channel`."""

    def release(self) -> None:
        """Give the place back. Repeating it is harmless."""


class ChannelPool:
    """A fixed number of connections with at most `STREAMS_PER_CHANNEL` requests on each."""

    def __init__(self, opener: OpenChannel, max_streams: int) -> None:
        """`max_streams` is how many requests the application will have open at the same time at the most."""
        # Never fewer than two: a retry then has another connection to go to than the one that failed.
        size = max(2, -(-max_streams // STREAMS_PER_CHANNEL))
        # Channels with equal options share one connection, so each has a number that means nothing else.
        self._channels = [_PooledChannel(opener([("maane.channel", index)])) for index in range(size)]
        self._leases = 0

    @property
    def open_streams(self) -> int:
        return sum(each.streams for each in self._channels)

    def connect(self) -> None:
        """Start connecting all channels, so that the first call does not wait for it."""
        for each in self._channels:
            each.channel.get_state(try_to_connect=True)

    def lease(self) -> ChannelLease:
        """A place on the emptiest channel, and of equally empty ones on the one unused for longest.

        Raises `VendorExhausted` when all are full.
        """
        emptiest = min(self._channels, key=lambda each: (each.streams, each.last_lease))
        if emptiest.streams >= STREAMS_PER_CHANNEL:
            raise VendorExhausted(f"all {self.open_streams} places on the channels are taken")
        self._leases += 1
        emptiest.last_lease = self._leases
        emptiest.streams += 1
        return _Lease(emptiest)

    async def close(self) -> None:
        """Close the connections; requests still open on them end with an error."""
        for each in self._channels:
            await each.channel.close()


class _PooledChannel:
    def __init__(self, channel: Any) -> None:
        self.channel = channel
        self.streams = 0
        self.last_lease = 0


class _Lease:
    def __init__(self, pooled: _PooledChannel) -> None:
        self._pooled = pooled
        self._released = False

    @property
    def channel(self) -> Any:
        return self._pooled.channel

    def release(self) -> None:
        if not self._released:
            self._released = True
            self._pooled.streams -= 1
