"""Pub/Sub on this machine, as far as our code uses it: `python -m local.standins.pubsub --port P`.

For machines without Google's emulator. Topics and subscriptions can be created, looked up and deleted; messages are
published, pushed over HTTP, and pulled one request at a time (no streaming pull). Everything else is answered
UNIMPLEMENTED by gRPC. Nothing is kept when it ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import aiohttp
import grpc
from google.protobuf import empty_pb2
from google.pubsub_v1 import types

from local.standins.process import serve_until_stopped
from local.standins.pubsub_push import PushDelivery
from local.standins.pubsub_topics import PubsubError, Topics

_PULL_WAITS_S: Final = 0.5
_POLL_S: Final = 0.02

_Method = tuple[Any, Callable[[Any], Awaitable[Any]]]
"""The class of its request, and what answers it."""


class PubsubStandin:
    """The methods of both services, each for one request message."""

    def __init__(self, topics: Topics, session: aiohttp.ClientSession) -> None:
        self._topics = topics
        self._session = session
        self._pushing: dict[str, PushDelivery] = {}

    async def create_topic(self, request: Any) -> Any:
        return self._topics.create_topic(request)

    async def get_topic(self, request: Any) -> Any:
        return self._topics.topic(request.topic)

    async def delete_topic(self, request: Any) -> Any:
        self._topics.delete_topic(request.topic)
        return empty_pb2.Empty()

    async def publish(self, request: Any) -> Any:
        published, receivers = self._topics.publish(request.topic, request.messages)
        for subscription in receivers:
            delivery = self._pushing.get(subscription.config.name)
            if delivery is not None:
                for message in published:
                    delivery.deliver(message)
        return types.PublishResponse.pb()(message_ids=[message.message_id for message in published])

    async def create_subscription(self, request: Any) -> Any:
        subscription = self._topics.create_subscription(request)
        if request.push_config.push_endpoint:
            self._pushing[request.name] = PushDelivery(subscription, self._session)
        return subscription.config

    async def get_subscription(self, request: Any) -> Any:
        return self._topics.subscription(request.subscription).config

    async def delete_subscription(self, request: Any) -> Any:
        self._topics.delete_subscription(request.subscription)
        delivery = self._pushing.pop(request.subscription, None)
        if delivery is not None:
            await delivery.close()
        return empty_pb2.Empty()

    async def pull(self, request: Any) -> Any:
        """Waits a moment for a first message, as Google's does."""
        subscription = self._topics.subscription(request.subscription)
        waits_until = time.monotonic() + _PULL_WAITS_S
        while True:
            received = subscription.pull(request.max_messages, time.monotonic())
            if received or time.monotonic() > waits_until:
                return types.PullResponse.pb()(received_messages=received)
            await asyncio.sleep(_POLL_S)

    async def acknowledge(self, request: Any) -> Any:
        self._topics.subscription(request.subscription).acknowledge(request.ack_ids)
        return empty_pb2.Empty()

    async def modify_ack_deadline(self, request: Any) -> Any:
        until = time.monotonic() + request.ack_deadline_seconds
        self._topics.subscription(request.subscription).hold(request.ack_ids, until)
        return empty_pb2.Empty()

    async def close(self) -> None:
        for delivery in self._pushing.values():
            await delivery.close()


def _handlers(service: PubsubStandin) -> list[grpc.GenericRpcHandler]:
    publisher: dict[str, _Method] = {
        "CreateTopic": (types.Topic, service.create_topic),
        "GetTopic": (types.GetTopicRequest, service.get_topic),
        "DeleteTopic": (types.DeleteTopicRequest, service.delete_topic),
        "Publish": (types.PublishRequest, service.publish),
    }
    subscriber: dict[str, _Method] = {
        "CreateSubscription": (types.Subscription, service.create_subscription),
        "GetSubscription": (types.GetSubscriptionRequest, service.get_subscription),
        "DeleteSubscription": (types.DeleteSubscriptionRequest, service.delete_subscription),
        "Pull": (types.PullRequest, service.pull),
        "Acknowledge": (types.AcknowledgeRequest, service.acknowledge),
        "ModifyAckDeadline": (types.ModifyAckDeadlineRequest, service.modify_ack_deadline),
    }
    return [
        grpc.method_handlers_generic_handler(
            f"google.pubsub.v1.{name}",
            {
                method: grpc.unary_unary_rpc_method_handler(
                    _answering(answer), request.pb().FromString, lambda message: message.SerializeToString()
                )
                for method, (request, answer) in methods.items()
            },
        )
        for name, methods in (("Publisher", publisher), ("Subscriber", subscriber))
    ]


def _answering(method: Callable[[Any], Awaitable[Any]]) -> Callable[[Any, Any], Awaitable[Any]]:
    async def answer(request: Any, context: Any) -> Any:
        try:
            return await method(request)
        except PubsubError as error:
            return await context.abort(error.status, error.text)

    return answer


@contextlib.asynccontextmanager
async def serving(port: int) -> AsyncIterator[int]:
    """Serve on 127.0.0.1; port 0 takes a free one. Yields the port."""
    async with aiohttp.ClientSession() as session:
        service = PubsubStandin(Topics(lambda: time.time_ns() // 1_000), session)
        server = grpc.aio.server(options=[("grpc.max_receive_message_length", 32 << 20), ("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers(_handlers(service))
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
        await server.start()
        try:
            yield bound
        finally:
            await server.stop(0.2)
            await service.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.standins.pubsub", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(serve_until_stopped(serving(parser.parse_args().port)))


if __name__ == "__main__":
    main()
