from typing import Any

import google.auth
import google.auth.exceptions
import grpc
import pytest
from google.oauth2.credentials import Credentials

from media_service.adapters.google_channels import (
    KEEPALIVE,
    STREAMS_PER_CHANNEL,
    ChannelPool,
    GoogleEndpoint,
    channel_opener,
)
from media_service.errors import VendorExhausted, VendorRefused


class FakeChannel:
    def __init__(self, options: Any) -> None:
        self.options = options
        self.connecting = False
        self.closed = False

    def get_state(self, try_to_connect: bool) -> None:
        self.connecting = try_to_connect

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("max_streams", "channels"), [(1, 2), (100, 2), (101, 3), (120, 3), (500, 10)])
async def test_there_are_channels_for_all_streams_and_never_fewer_than_two(max_streams: int, channels: int) -> None:
    made: list[FakeChannel] = []

    def opener(options: Any) -> FakeChannel:
        made.append(FakeChannel(options))
        return made[-1]

    pool = ChannelPool(opener, max_streams)
    assert len({each.options[0] for each in made}) == len(made) == channels
    pool.connect()
    assert all(each.connecting for each in made)
    await pool.close()
    assert all(each.closed for each in made)


def test_streams_are_spread_and_bounded() -> None:
    """[STT-12] A hundred and first stream on a connection would wait without an error."""
    pool = ChannelPool(FakeChannel, max_streams=100)
    leases = [pool.lease() for _ in range(2 * STREAMS_PER_CHANNEL)]
    counts = {id(each.channel): sum(other.channel is each.channel for other in leases) for each in leases}
    assert set(counts.values()) == {STREAMS_PER_CHANNEL}
    with pytest.raises(VendorExhausted):
        pool.lease()
    leases[0].release()
    leases[0].release()
    assert pool.open_streams == 99
    assert pool.lease().channel is leases[0].channel


def test_a_retry_goes_to_another_channel_than_the_failed_attempt() -> None:
    pool = ChannelPool(FakeChannel, max_streams=2)
    first = pool.lease()
    first.release()
    assert pool.lease().channel is not first.channel


def test_a_dead_connection_is_looked_for() -> None:
    """[STT-09] All three are needed; any two of them leave a call waiting for over a minute."""
    assert dict(KEEPALIVE) == {
        "grpc.keepalive_time_ms": 10_000,
        "grpc.keepalive_timeout_ms": 5_000,
        "grpc.http2.ping_timeout_ms": 5_000,
    }


async def test_every_channel_gets_the_keepalive(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(grpc.aio, "insecure_channel", lambda host, options: seen.append((host, options)))
    opener = await channel_opener(GoogleEndpoint("127.0.0.1:1", plain=True))
    opener([("maane.channel", 7)])
    assert seen == [("127.0.0.1:1", [*KEEPALIVE, ("maane.channel", 7)])]


def test_an_emulator_goes_before_google() -> None:
    assert GoogleEndpoint.of("speech.googleapis.com", "") == GoogleEndpoint("speech.googleapis.com")
    assert GoogleEndpoint.of("speech.googleapis.com", "127.0.0.1:9") == GoogleEndpoint("127.0.0.1:9", plain=True)


async def test_google_itself_is_reached_with_tls_and_the_credentials_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google.auth, "default", lambda scopes: (Credentials(token="t"), None))
    opener = await channel_opener(GoogleEndpoint("127.0.0.1:1"))
    channel = opener([])
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await channel.unary_unary("/a/b")(b"", timeout=5)
    assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
    await channel.close()


async def test_without_credentials_the_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(scopes: Any) -> None:
        raise google.auth.exceptions.DefaultCredentialsError("none")

    monkeypatch.setattr(google.auth, "default", none)
    with pytest.raises(VendorRefused, match="finding the credentials"):
        await channel_opener(GoogleEndpoint("speech.googleapis.com"))
