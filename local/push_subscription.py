"""Make the topics, and the push subscription that stands in for Eventarc: events go to the summarize function."""

from __future__ import annotations

import contextlib
from typing import Final

import grpc
from google.api_core.exceptions import AlreadyExists
from google.pubsub_v1 import PublisherAsyncClient, PushConfig, SubscriberAsyncClient, Subscription
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcAsyncIOTransport

_TIMEOUT_S: Final = 10.0
_ACK_DEADLINE_S: Final = 60
"""How long the function may take before the event is delivered to it again."""


async def create_topic(pubsub_host: str, project: str, topic: str) -> None:
    """On the emulator or stand-in at `pubsub_host` (`host:port`). Doing it again changes nothing."""
    async with grpc.aio.insecure_channel(pubsub_host) as channel:
        publisher = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
        with contextlib.suppress(AlreadyExists):
            await publisher.create_topic(name=f"projects/{project}/topics/{topic}", retry=None, timeout=_TIMEOUT_S)


async def create_push_subscription(pubsub_host: str, project: str, topic: str, endpoint: str) -> None:
    """On the emulator or stand-in at `pubsub_host` (`host:port`). Doing it again changes nothing.

    No ordering, as with Eventarc. The path below `endpoint` is the topic's name: that is where functions-framework
    takes an event's source from.
    """
    topic_name = f"projects/{project}/topics/{topic}"
    subscription = Subscription(
        name=f"projects/{project}/subscriptions/{topic}-summarize",
        topic=topic_name,
        push_config=PushConfig(push_endpoint=f"{endpoint.rstrip('/')}/{topic_name}"),
        ack_deadline_seconds=_ACK_DEADLINE_S,
    )
    async with grpc.aio.insecure_channel(pubsub_host) as channel:
        publisher = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
        subscriber = SubscriberAsyncClient(transport=SubscriberGrpcAsyncIOTransport(channel=channel))
        with contextlib.suppress(AlreadyExists):
            await publisher.create_topic(name=topic_name, retry=None, timeout=_TIMEOUT_S)
        with contextlib.suppress(AlreadyExists):
            await subscriber.create_subscription(request=subscription, retry=None, timeout=_TIMEOUT_S)
