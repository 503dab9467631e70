"""What a call could not publish is published once Pub/Sub is back, and is in the log if it never is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.event_wire import decode, encode
from calls.events import CallEvent, UtteranceFinal
from media_service.errors import VendorRefused, VendorUnavailable
from media_service.operations.backlog import Backlog, Bounds
from media_service.operations.outbox import EVENT_UNDELIVERED
from tests.media_service.operations.late_topic import Topic, VirtualTime

AT = datetime(2026, 1, 1, 10, tzinfo=UTC)
FIRST = UtteranceFinal("CA1", 1, 1, "caller", "שלום", AT, AT, 0.9, "google_streaming", "iw-IL")
ROOMY = Bounds(100, 100_000)
DOWN = VendorUnavailable("Pub/Sub is down")


def events(count: int, call_sid: str = "CA1") -> list[CallEvent]:
    return [replace(FIRST, call_sid=call_sid, seq=seq) for seq in range(1, count + 1)]


def backlog(topic: Topic, time: VirtualTime, bounds: Bounds = ROOMY) -> Backlog:
    return Backlog(topic, bounds, sleep=time.sleep, jitter=lambda: 1.0)


def logged(caplog: pytest.LogCaptureFixture) -> list[CallEvent]:
    return [decode(vars(record)["event"].encode()) for record in caplog.records if record.message == EVENT_UNDELIVERED]


async def test_after_minutes_without_pubsub_the_events_of_a_call_are_published_in_order(
    caplog: pytest.LogCaptureFixture,
) -> None:
    time, topic = VirtualTime(), Topic([DOWN] * 60)
    waiting = backlog(topic, time)
    waiting.take(events(3))
    await time.pass_s(200.0)
    assert (topic.received, waiting.pending) == ([], 3)
    await time.pass_s(200.0)
    assert (topic.received, waiting.pending) == ([1, 2, 3], 0)
    await waiting.close(5.0)
    assert logged(caplog) == []


async def test_events_that_come_while_others_wait_follow_them() -> None:
    time, topic = VirtualTime(), Topic([DOWN] * 3)
    waiting = backlog(topic, time)
    waiting.take(events(1))
    await time.pass_s(0.1)
    waiting.take(events(3)[1:])
    await time.pass_s(60.0)
    assert topic.received == [1, 2, 3]
    waiting.take(events(4)[3:])
    await time.pass_s(0.0)
    assert topic.received == [1, 2, 3, 4], "what was idle has woken up"


class RefusesOneCall:
    def __init__(self, call_sid: str) -> None:
        self.received: list[str] = []
        self._refused = call_sid

    async def publish(self, event: CallEvent) -> None:
        if event.call_sid == self._refused:
            raise VendorRefused("too large")
        self.received.append(event.call_sid)


async def test_an_event_that_is_refused_for_good_holds_up_its_own_call_only() -> None:
    time, topic = VirtualTime(), RefusesOneCall("CA1")
    waiting = Backlog(topic, ROOMY, sleep=time.sleep, jitter=lambda: 1.0)
    for call_sid in ("CA1", "CA2", "CA3"):
        waiting.take(events(2, call_sid))
    await time.pass_s(10.0)
    assert topic.received == ["CA2", "CA2", "CA3", "CA3"]
    assert waiting.pending == 2


@pytest.mark.parametrize("bounds", [Bounds(2, 100_000), Bounds(100, 2 * len(encode(FIRST)))])
async def test_what_there_is_no_room_for_goes_to_the_log_at_once(
    bounds: Bounds, caplog: pytest.LogCaptureFixture
) -> None:
    """An instance out of memory would lose every call it has."""
    time, topic = VirtualTime(), Topic([DOWN] * 3)
    waiting = backlog(topic, time, bounds)
    waiting.take(events(4))
    assert waiting.pending == 2
    assert logged(caplog) == events(4)[2:]
    await time.pass_s(60.0)
    assert topic.received == [1, 2]
    waiting.take(events(1, "CA2"))
    await time.pass_s(0.0)
    assert topic.received == [1, 2, 1], "there is room again"


async def test_when_the_instance_is_taken_away_it_is_tried_at_once_and_until_the_limit() -> None:
    time, topic = VirtualTime(), Topic([DOWN] * 10)
    waiting = backlog(topic, time)
    waiting.take(events(2))
    await time.pass_s(12.0)  # five failures, and the next try is 5 s away
    closing = asyncio.create_task(waiting.close(8.0))
    await time.pass_s(8.0)
    assert closing.done()
    assert topic.received == [1, 2]


@pytest.mark.parametrize("failure", [DOWN, "hangs"])
async def test_only_what_the_drain_did_not_get_rid_of_is_in_the_log(
    failure: Exception | str, caplog: pytest.LogCaptureFixture
) -> None:
    time, topic = VirtualTime(), Topic([DOWN, "accepted", *[failure] * 1000])
    waiting = backlog(topic, time)
    waiting.take(events(3))
    await time.pass_s(30.0)
    closing = asyncio.create_task(waiting.close(8.0))
    await time.pass_s(7.9)
    assert not closing.done()
    assert logged(caplog) == []
    await time.pass_s(0.2)
    assert closing.done()
    assert logged(caplog) == events(3)[1:]
    assert waiting.pending == 0


async def test_what_a_call_leaves_after_the_end_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    waiting = backlog(Topic(), VirtualTime())
    await waiting.close(8.0)
    waiting.take(events(1))
    assert logged(caplog) == events(1)


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    script=st.lists(st.sampled_from(["accepted", "answer lost", DOWN]), max_size=30),
)
def test_whatever_fails_each_call_is_published_whole_and_in_order(
    counts: list[int], script: list[Exception | str]
) -> None:
    async def scenario() -> None:
        time, topic = VirtualTime(), Topic(script)
        waiting = backlog(topic, time)
        for number, count in enumerate(counts):
            waiting.take(events(count, f"CA{number}"))
        await time.pass_s(10_000.0)
        assert waiting.pending == 0
        for number, count in enumerate(counts):
            of_call = [event.seq for event in topic.events if event.call_sid == f"CA{number}"]
            assert list(dict.fromkeys(of_call)) == list(range(1, count + 1))
            assert of_call == sorted(of_call)

    asyncio.run(scenario())
