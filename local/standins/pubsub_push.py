"""Deliver messages to push endpoints as the cloud does: wrapped in JSON, at least once, again until accepted."""

from __future__ import annotations

import asyncio
import base64
from typing import Any, Final

import aiohttp

from local.standins.pubsub_topics import Subscription

_ACCEPTED: Final = frozenset({102, 200, 201, 202, 204})
_AT_ONCE: Final = 10
"""Requests at a time for one subscription."""
# The cloud waits ten seconds and more. A machine that nobody else shares has no reason to.
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0


def push_body(message: Any, subscription: str) -> dict[str, Any]:
    """What is posted. Both spellings of the names are really sent."""
    published = message.publish_time.ToJsonString()
    wrapped: dict[str, Any] = {
        "data": base64.b64encode(message.data).decode(),
        "messageId": message.message_id,
        "message_id": message.message_id,
        "publishTime": published,
        "publish_time": published,
    }
    if message.attributes:
        wrapped["attributes"] = dict(message.attributes)
    if message.ordering_key:
        wrapped["orderingKey"] = message.ordering_key
    return {"message": wrapped, "subscription": subscription}


class PushDelivery:
    """Delivery to the endpoint of one subscription. `close` abandons what is not delivered."""

    def __init__(self, subscription: Subscription, session: aiohttp.ClientSession) -> None:
        self._subscription = subscription
        self._session = session
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._turns: dict[str, asyncio.Lock] = {}
        self._deliveries: set[asyncio.Task[None]] = set()

    def deliver(self, message: Any) -> None:
        """Returns at once. With ordering, a message waits until those before it with its key are accepted."""
        task = asyncio.create_task(self._deliver(message))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def close(self) -> None:
        for task in self._deliveries:
            task.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)

    async def _deliver(self, message: Any) -> None:
        if self._subscription.config.enable_message_ordering and message.ordering_key:
            async with self._turns.setdefault(message.ordering_key, asyncio.Lock()):
                await self._until_accepted(message)
        else:
            await self._until_accepted(message)

    async def _until_accepted(self, message: Any) -> None:
        pause_s = _FIRST_PAUSE_S
        while not await self._accepted(message):
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        self._subscription.acknowledge([message.message_id])

    async def _accepted(self, message: Any) -> bool:
        config = self._subscription.config
        timeout = aiohttp.ClientTimeout(total=config.ack_deadline_seconds)
        async with self._places:
            try:
                async with self._session.post(
                    config.push_config.push_endpoint, json=push_body(message, config.name), timeout=timeout
                ) as response:
                    return response.status in _ACCEPTED
            except (aiohttp.ClientError, TimeoutError):
                return False
