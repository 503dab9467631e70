"""Events on a real Pub/Sub API: from the outbox to a subscriber, through an outage, and out of the log again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from google.pubsub_v1 import PublisherAsyncClient, SubscriberAsyncClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcAsyncIOTransport

from calls.event_wire import decode, encode
from calls.events import UtteranceFinal
from local.emulators import Emulators
from media_service.adapters.pubsub_events import PubsubEvents
from media_service.operations.outbox import Outbox
from media_service.republish import republish

pytestmark = pytest.mark.emulator
AT = datetime(2026, 1, 1, 10, tzinfo=UTC)
SAID = UtteranceFinal("CA1", 1, 1, "caller", "קוראים לי דנה", AT, AT, 0.9, "google_streaming", "iw-IL")


class Consumer:
    def __init__(self, channel: Any, project: str) -> None:
        self._publisher = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
        self._subscriber = SubscriberAsyncClient(transport=SubscriberGrpcAsyncIOTransport(channel=channel))
        self._topic = f"projects/{project}/topics/call-events"
        self._subscription = f"projects/{project}/subscriptions/call-events-test"

    async def subscribe(self) -> None:
        await self._publisher.create_topic(name=self._topic)
        await self._subscriber.create_subscription(
            request={"name": self._subscription, "topic": self._topic, "enable_message_ordering": True}
        )

    async def received(self, count: int) -> list[int]:
        """The `seq` of the next events, in the order in which they come."""
        seqs: list[int] = []
        async with asyncio.timeout(15.0):
            while len(seqs) < count:
                request = {"subscription": self._subscription, "max_messages": count}
                pulled = (await self._subscriber.pull(request=request)).received_messages
                seqs.extend(decode(each.message.data).seq for each in pulled)
                if pulled:
                    ack_ids = [each.ack_id for each in pulled]
                    await self._subscriber.acknowledge(subscription=self._subscription, ack_ids=ack_ids)
        return seqs


@pytest.fixture
async def consumer(emulator_pair: Emulators, pubsub_project: str) -> AsyncIterator[Consumer]:
    async with grpc.aio.insecure_channel(emulator_pair.pubsub_host) as channel:
        yield Consumer(channel, pubsub_project)


@pytest.fixture
async def publisher(emulator_pair: Emulators, pubsub_project: str) -> AsyncIterator[PubsubEvents]:
    async with PubsubEvents.opened(pubsub_project, "call-events", 5.0, emulator_pair.pubsub_host) as publisher:
        yield publisher


async def test_a_calls_events_arrive_in_order(publisher: PubsubEvents, consumer: Consumer) -> None:
    await consumer.subscribe()
    for seq in range(1, 6):
        await publisher.publish(replace(SAID, seq=seq))
    assert await consumer.received(5) == [1, 2, 3, 4, 5]


async def test_events_wait_for_a_topic_that_is_missing(publisher: PubsubEvents, consumer: Consumer) -> None:
    """An operator who forgot the topic, or deleted it, loses nothing by making it during the call."""
    box = Outbox(publisher, jitter=lambda: 0.0)
    async with asyncio.TaskGroup() as call:
        call.create_task(box.run())
        for seq in range(1, 4):
            box.add(replace(SAID, seq=seq))
        await asyncio.sleep(0.05)
        assert box.pending == 3
        await consumer.subscribe()
        assert await box.close(10.0) == []
    assert await consumer.received(3) == [1, 2, 3]


async def test_republishing_publishes_what_the_log_holds(
    consumer: Consumer, emulator_pair: Emulators, pubsub_project: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"GOOGLE_CLOUD_PROJECT": pubsub_project, "PUBSUB_EMULATOR_HOST": emulator_pair.pubsub_host}
    log = "\n".join(
        json.dumps({"message": "event_undelivered", "event": encode(replace(SAID, seq=seq)).decode()}) for seq in (2, 1)
    )
    assert await republish(log, environ) == 1
    assert "2 events found, 0 published, 2 failed, 0 unreadable" in capsys.readouterr().out
    await consumer.subscribe()
    assert await republish(log, environ) == 0
    assert "2 events found, 2 published, 0 failed, 0 unreadable" in capsys.readouterr().out
    assert await consumer.received(2) == [1, 2]
