"""The topics and subscriptions of the Pub/Sub stand-in: names, identities, what a puller is given. No I/O."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
from google.pubsub_v1 import types

_PubsubMessage: Final[Any] = types.PubsubMessage.pb()
_ReceivedMessage: Final[Any] = types.ReceivedMessage.pb()
_NAME: Final = re.compile(r"projects/[^/]+/(topics|subscriptions)/(?!goog)[A-Za-z][A-Za-z0-9\-_.~+%]{2,254}")
_LARGEST_REQUEST: Final = 10_000_000
_DEFAULT_ACK_DEADLINE_S: Final = 10


class PubsubError(Exception):
    """What the caller is told: a gRPC status and a text."""

    def __init__(self, status: grpc.StatusCode, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(slots=True)
class Subscription:
    config: Any
    """The API's `Subscription`, defaults filled in."""
    waiting: dict[str, Any] = field(default_factory=dict)
    """Messages not acknowledged, by message id, oldest first."""
    leased_until: dict[str, float] = field(default_factory=dict)

    def pull(self, most: int, now: float) -> list[Any]:
        """Messages that nobody holds at `now`, in seconds. The message id serves as the acknowledgement id."""
        due = (message_id for message_id in self.waiting if self.leased_until.get(message_id, now) <= now)
        taken = list(itertools.islice(due, most))
        for message_id in taken:
            self.leased_until[message_id] = now + self.config.ack_deadline_seconds
        return [_ReceivedMessage(ack_id=message_id, message=self.waiting[message_id]) for message_id in taken]

    def acknowledge(self, ack_ids: Iterable[str]) -> None:
        for ack_id in ack_ids:
            self.waiting.pop(ack_id, None)
            self.leased_until.pop(ack_id, None)

    def hold(self, ack_ids: Iterable[str], until: float) -> None:
        self.leased_until.update({ack_id: until for ack_id in ack_ids if ack_id in self.waiting})


class Topics:
    """All projects' topics with their subscriptions. `now` gives microseconds since 1970."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._topics: dict[str, Any] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._message_ids = itertools.count(1)

    def create_topic(self, topic: Any) -> Any:
        _check_name(topic.name, "topics")
        if topic.name in self._topics:
            raise PubsubError(grpc.StatusCode.ALREADY_EXISTS, "Topic already exists")
        self._topics[topic.name] = topic
        return topic

    def topic(self, name: str) -> Any:
        if name not in self._topics:
            raise PubsubError(grpc.StatusCode.NOT_FOUND, "Topic not found")
        return self._topics[name]

    def delete_topic(self, name: str) -> None:
        """Its subscriptions stay, and receive nothing more."""
        self.topic(name)
        del self._topics[name]
        for subscription in self._subscriptions.values():
            if subscription.config.topic == name:
                subscription.config.topic = "_deleted-topic_"

    def create_subscription(self, config: Any) -> Subscription:
        _check_name(config.name, "subscriptions")
        if config.name in self._subscriptions:
            raise PubsubError(grpc.StatusCode.ALREADY_EXISTS, "Subscription already exists")
        if config.topic not in self._topics:
            raise PubsubError(grpc.StatusCode.NOT_FOUND, "Subscription topic does not exist")
        config.ack_deadline_seconds = config.ack_deadline_seconds or _DEFAULT_ACK_DEADLINE_S
        self._subscriptions[config.name] = Subscription(config)
        return self._subscriptions[config.name]

    def subscription(self, name: str) -> Subscription:
        if name not in self._subscriptions:
            raise PubsubError(grpc.StatusCode.NOT_FOUND, "Subscription does not exist")
        return self._subscriptions[name]

    def delete_subscription(self, name: str) -> None:
        self.subscription(name)
        del self._subscriptions[name]

    def publish(self, topic: str, messages: Sequence[Any]) -> tuple[list[Any], list[Subscription]]:
        """The messages with their identities, and the subscriptions that now hold them."""
        self.topic(topic)
        if not messages or any(not message.data and not message.attributes for message in messages):
            raise PubsubError(grpc.StatusCode.INVALID_ARGUMENT, "Some messages are empty")
        if sum(message.ByteSize() for message in messages) > _LARGEST_REQUEST:
            raise PubsubError(grpc.StatusCode.INVALID_ARGUMENT, "Request payload size exceeds the limit")
        published = [self._identified(message) for message in messages]
        receivers = [each for each in self._subscriptions.values() if each.config.topic == topic]
        for subscription in receivers:
            subscription.waiting.update({message.message_id: message for message in published})
        return published, receivers

    def _identified(self, given: Any) -> Any:
        message = _PubsubMessage()
        message.CopyFrom(given)
        message.message_id = str(next(self._message_ids))
        message.publish_time.seconds, micros = divmod(self._now(), 1_000_000)
        message.publish_time.nanos = micros // 1_000 * 1_000_000
        return message


def _check_name(name: str, kind: str) -> None:
    match = _NAME.fullmatch(name)
    if not match or match[1] != kind:
        raise PubsubError(grpc.StatusCode.INVALID_ARGUMENT, f"Invalid [{kind}] name: (name={name})")
