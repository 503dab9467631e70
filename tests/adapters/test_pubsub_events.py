"""Publishing against a Pub/Sub that fails on purpose: a gRPC server in this process, scripted attempt by attempt."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from google.pubsub_v1 import types
from grpc import StatusCode as Status

from calls.event_wire import decode
from calls.events import UtteranceFinal
from media_service.adapters.pubsub_events import PubsubEvents
from media_service.errors import VendorError, VendorExhausted, VendorRefused, VendorUnavailable

AT = datetime(2026, 1, 1, 10, tzinfo=UTC)
SAID = UtteranceFinal("CA1", 1, 1, "caller", "קוראים לי דנה", AT, AT, 0.9, "google_streaming", "iw-IL")
HANG = "hang"


class Server:
    """Answers each attempt as scripted, and accepts everything after that."""

    def __init__(self, *script: Status | str) -> None:
        self._script = list(script)
        self.attempts = 0
        self.accepted: list[Any] = []
        self.host = ""

    async def publish(self, request: Any, context: Any) -> Any:
        self.attempts += 1
        outcome = self._script.pop(0) if self._script else None
        if outcome == HANG:
            await asyncio.Event().wait()
        if outcome is not None:
            await context.abort(outcome, "as scripted")
        self.accepted.extend(request.messages)
        return types.PublishResponse.pb()(message_ids=["1"])

    @contextlib.asynccontextmanager
    async def serving(self, request_timeout_s: float = 5.0) -> AsyncIterator[PubsubEvents]:
        server = grpc.aio.server()
        method = grpc.unary_unary_rpc_method_handler(
            self.publish, types.PublishRequest.pb().FromString, lambda message: message.SerializeToString()
        )
        server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler("google.pubsub.v1.Publisher", {"Publish": method})]
        )
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            async with PubsubEvents.opened(
                "a-project", "call-events", request_timeout_s, f"127.0.0.1:{port}"
            ) as events:
                yield events
        finally:
            await server.stop(None)


async def test_an_event_carries_its_call_as_ordering_key_and_nothing_personal_outside_its_body() -> None:
    server = Server()
    async with server.serving() as events:
        await events.publish(SAID)
    (message,) = server.accepted
    assert decode(message.data) == SAID
    assert message.ordering_key == "CA1"
    assert dict(message.attributes) == {"type": "utterance.final", "call_sid": "CA1"}


@pytest.mark.parametrize("broken", [Status.UNAVAILABLE, Status.INTERNAL, Status.DEADLINE_EXCEEDED, Status.ABORTED])
async def test_a_request_that_broke_is_sent_again(broken: Status) -> None:
    server = Server(broken, broken)
    async with server.serving() as events:
        await events.publish(SAID)
    assert (server.attempts, len(server.accepted)) == (3, 1)


@pytest.mark.parametrize(
    ("status", "error", "attempts"),
    [
        (Status.NOT_FOUND, VendorRefused, 1),
        (Status.PERMISSION_DENIED, VendorRefused, 1),
        (Status.INVALID_ARGUMENT, VendorRefused, 1),
        (Status.RESOURCE_EXHAUSTED, VendorExhausted, 1),
        (Status.UNAVAILABLE, VendorUnavailable, 3),
    ],
)
async def test_a_failure_says_whose_fault_it_is(status: Status, error: type[VendorError], attempts: int) -> None:
    """What will fail again at once is not tried again at once."""
    server = Server(*[status] * attempts)
    async with server.serving() as events:
        with pytest.raises(error) as caught:
            await events.publish(SAID)
    assert server.attempts == attempts
    assert caught.value.__cause__ is not None


async def test_a_failed_publish_does_not_pause_its_call() -> None:
    """Nothing has to be resumed: the next event of the call goes out."""
    server = Server(Status.NOT_FOUND)
    async with server.serving() as events:
        with pytest.raises(VendorRefused):
            await events.publish(SAID)
        await events.publish(replace(SAID, seq=2))
    assert [decode(message.data).seq for message in server.accepted] == [2]


async def test_an_answer_that_never_comes_is_waited_for_only_so_long_and_tried_again() -> None:
    server = Server(HANG)
    async with server.serving(request_timeout_s=0.6) as events:
        await events.publish(SAID)
    assert (server.attempts, len(server.accepted)) == (2, 1)


async def test_a_server_that_never_answers_costs_no_more_than_the_request_timeout() -> None:
    server = Server(*[HANG] * 10)
    async with server.serving(request_timeout_s=0.3) as events:
        started = time.monotonic()
        with pytest.raises(VendorUnavailable):
            await events.publish(SAID)
        assert time.monotonic() - started < 1.0


async def test_nobody_listening_is_found_out_quickly() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{unused.getsockname()[1]}"
        async with PubsubEvents.opened("a-project", "call-events", 5.0, nobody) as events:
            started = time.monotonic()
            with pytest.raises(VendorUnavailable):
                await events.publish(SAID)
            assert time.monotonic() - started < 2.0


async def test_events_of_one_call_arrive_in_the_order_of_the_calls_even_if_the_first_is_slow() -> None:
    server = Server(Status.UNAVAILABLE, Status.UNAVAILABLE)
    async with server.serving() as events, asyncio.TaskGroup() as publishing:
        for seq in (1, 2, 3):
            publishing.create_task(events.publish(replace(SAID, seq=seq)))
    assert [decode(message.data).seq for message in server.accepted] == [1, 2, 3]


async def test_calls_do_not_wait_for_each_other_and_need_no_threads() -> None:
    server = Server(HANG)
    async with server.serving(request_timeout_s=5.0) as events:
        stuck = asyncio.create_task(events.publish(SAID))
        while server.attempts == 0:  # noqa: ASYNC110 -- the server is a plain object
            await asyncio.sleep(0)
        await events.publish(replace(SAID, call_sid="CA2"))
        threads = threading.active_count()
        await asyncio.gather(*(events.publish(replace(SAID, call_sid=f"CA{number}")) for number in range(3, 60)))
        assert threading.active_count() == threads
        stuck.cancel()
    assert len(server.accepted) == 58
