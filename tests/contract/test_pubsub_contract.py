"""What our code relies on in Pub/Sub, through the real client libraries. Emulator and stand-in must agree."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from aiohttp import web
from google.api_core import exceptions
from google.cloud.pubsub_v1 import PublisherClient
from google.pubsub_v1 import PublisherAsyncClient, PubsubMessage, SubscriberAsyncClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcAsyncIOTransport

from local.emulators import Emulators
from local.push_subscription import create_push_subscription

pytestmark = pytest.mark.emulator


class Clients:
    def __init__(self, channel: Any, project: str) -> None:
        self.publisher = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
        self.subscriber = SubscriberAsyncClient(transport=SubscriberGrpcAsyncIOTransport(channel=channel))
        self.topic = f"projects/{project}/topics/call-events"
        self.subscription = f"projects/{project}/subscriptions/call-events-test"

    async def publish(self, *data: bytes, key: str = "CA1") -> list[str]:
        messages = [PubsubMessage(data=each, ordering_key=key, attributes={"call_sid": key}) for each in data]
        return list((await self.publisher.publish(topic=self.topic, messages=messages)).message_ids)


@pytest.fixture
async def clients(either_pair: Emulators, project: str) -> AsyncIterator[Clients]:
    async with grpc.aio.insecure_channel(either_pair.pubsub_host) as channel:
        yield Clients(channel, project)


class Endpoint:
    """An HTTP endpoint that refuses the first deliveries and accepts the rest."""

    def __init__(self, refuse: int = 0) -> None:
        self._refuse = refuse
        self.deliveries: asyncio.Queue[tuple[str, dict[str, Any], bool]] = asyncio.Queue()

    async def _take(self, request: web.Request) -> web.Response:
        refused = self._refuse > 0
        self._refuse -= refused
        self.deliveries.put_nowait((request.path, await request.json(), not refused))
        return web.Response(status=500 if refused else 204)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def next(self) -> tuple[str, dict[str, Any], bool]:
        async with asyncio.timeout(15.0):
            return await self.deliveries.get()


async def test_names_are_taken_once_and_have_to_exist(clients: Clients) -> None:
    with pytest.raises(exceptions.NotFound):
        await clients.publisher.get_topic(topic=clients.topic)
    with pytest.raises(exceptions.NotFound):
        await clients.publish(b"a")
    with pytest.raises(exceptions.NotFound):
        await clients.subscriber.create_subscription(name=clients.subscription, topic=clients.topic)
    await clients.publisher.create_topic(name=clients.topic)
    await clients.subscriber.create_subscription(name=clients.subscription, topic=clients.topic)
    with pytest.raises(exceptions.AlreadyExists):
        await clients.publisher.create_topic(name=clients.topic)
    with pytest.raises(exceptions.AlreadyExists):
        await clients.subscriber.create_subscription(name=clients.subscription, topic=clients.topic)
    assert (await clients.publisher.get_topic(topic=clients.topic)).name == clients.topic


@pytest.mark.parametrize("name", ["t", "1topic", "goog-topic", "a topic"])
async def test_a_topic_needs_a_proper_name(clients: Clients, project: str, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        await clients.publisher.create_topic(name=f"projects/{project}/topics/{name}")


async def test_what_is_published_is_pulled_until_it_is_acknowledged(clients: Clients) -> None:
    await clients.publisher.create_topic(name=clients.topic)
    await clients.subscriber.create_subscription(
        request={"name": clients.subscription, "topic": clients.topic, "enable_message_ordering": True}
    )
    ids = [*await clients.publish(b"1"), *await clients.publish(b"2")]
    assert len(set(ids)) == 2
    first = await _pull(clients, 2)
    assert [each.message.data for each in first] == [b"1", b"2"]
    assert [each.message.message_id for each in first] == ids
    assert (first[0].message.ordering_key, dict(first[0].message.attributes)) == ("CA1", {"call_sid": "CA1"})
    await clients.subscriber.modify_ack_deadline(
        subscription=clients.subscription, ack_ids=[each.ack_id for each in first], ack_deadline_seconds=0
    )
    again = await _pull(clients, 2)
    assert [each.message.message_id for each in again] == ids
    await clients.subscriber.acknowledge(subscription=clients.subscription, ack_ids=[each.ack_id for each in again])
    await clients.publish(b"3")
    assert [each.message.data for each in await _pull(clients, 1)] == [b"3"]


async def _pull(clients: Clients, count: int) -> list[Any]:
    received: list[Any] = []
    async with asyncio.timeout(15.0):
        while len(received) < count:
            request = {"subscription": clients.subscription, "max_messages": count}
            received.extend((await clients.subscriber.pull(request=request)).received_messages)
    return received


async def test_an_empty_message_is_refused(clients: Clients) -> None:
    await clients.publisher.create_topic(name=clients.topic)
    with pytest.raises(exceptions.InvalidArgument):
        await clients.publisher.publish(topic=clients.topic, messages=[PubsubMessage()])


async def test_a_pushed_event_arrives_in_the_clouds_wrapping(
    clients: Clients, either_pair: Emulators, project: str
) -> None:
    endpoint = Endpoint()
    async with endpoint.serving() as address:
        for _ in range(2):
            await create_push_subscription(either_pair.pubsub_host, project, "call-events", address)
        (message_id,) = await clients.publish("שלום".encode())
        path, body, _ = await endpoint.next()
        await _unsubscribe(clients, project)
    message = body["message"]
    assert path == f"/projects/{project}/topics/call-events"
    assert body["subscription"] == f"projects/{project}/subscriptions/call-events-summarize"
    assert base64.b64decode(message["data"]).decode() == "שלום"
    assert message["messageId"] == message["message_id"] == message_id
    assert message["publishTime"] == message["publish_time"]
    assert message["attributes"] == {"call_sid": "CA1"}


async def test_a_refused_event_is_pushed_again_until_it_is_accepted(
    clients: Clients, either_pair: Emulators, project: str
) -> None:
    endpoint = Endpoint(refuse=2)
    async with endpoint.serving() as address:
        await create_push_subscription(either_pair.pubsub_host, project, "call-events", address)
        await clients.publish(b"1")
        deliveries = [await endpoint.next() for _ in range(3)]
        await clients.publish(b"2")
        deliveries.append(await endpoint.next())
        await _unsubscribe(clients, project)
    assert [accepted for _, _, accepted in deliveries] == [False, False, True, True]
    assert len({body["message"]["messageId"] for _, body, _ in deliveries[:3]}) == 1
    assert base64.b64decode(deliveries[3][1]["message"]["data"]) == b"2"


async def _unsubscribe(clients: Clients, project: str) -> None:
    """So that nobody goes on pushing to an endpoint that is gone."""
    await clients.subscriber.delete_subscription(subscription=f"projects/{project}/subscriptions/call-events-summarize")


def test_the_threaded_publisher_works_too(
    either_pair: Emulators, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not ours, but what a person at a prompt would use."""
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", either_pair.pubsub_host)
    publisher: Any = PublisherClient()
    topic = publisher.topic_path(project, "call-events")
    publisher.create_topic(name=topic)
    assert publisher.publish(topic, b"a").result(timeout=10)
    publisher.stop()
    publisher.transport.close()
