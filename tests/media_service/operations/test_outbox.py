"""None of a call's events is lost, and none makes the call wait."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.event_wire import decode
from calls.events import CallEnded, CallEvent, OtherEvent, Parties, UtteranceFinal
from media_service.errors import VendorError, VendorRefused, VendorUnavailable
from media_service.operations.outbox import EVENT_UNDELIVERED, Outbox, pause_after
from tests.media_service.operations.late_topic import Topic, VirtualTime

AT = datetime(2026, 1, 1, 10, tzinfo=UTC)
FIRST = UtteranceFinal("CA1", 1, 1, "caller", "שלום", AT, AT, 0.9, "google_streaming", "iw-IL")


def events(count: int) -> list[CallEvent]:
    return [replace(FIRST, seq=seq) for seq in range(1, count + 1)]


DOWN = VendorUnavailable("Pub/Sub is down")


def outbox(topic: Topic, time: VirtualTime) -> Outbox:
    return Outbox(topic, sleep=time.sleep, jitter=lambda: 1.0)


async def test_events_leave_in_the_order_in_which_they_were_added() -> None:
    time, topic = VirtualTime(), Topic()
    box = outbox(topic, time)
    async with asyncio.TaskGroup() as call:
        call.create_task(box.run())
        for event in events(3):
            box.add(event)
        await time.pass_s(0.0)
        assert (topic.received, box.pending) == ([1, 2, 3], 0)
        assert await box.close(5.0) == []


@pytest.mark.parametrize("failure", [DOWN, VendorRefused("no such topic"), RuntimeError("our own mistake")])
async def test_a_failed_event_is_sent_again_before_the_next(failure: Exception) -> None:
    """A topic that was missing for a moment costs nothing, and a bug in publishing does not end the call."""
    time, topic = VirtualTime(), Topic(["accepted", failure, failure])
    box = outbox(topic, time)
    async with asyncio.TaskGroup() as call:
        call.create_task(box.run())
        for event in events(3):
            box.add(event)
        await time.pass_s(0.59)
        assert topic.received == [1]
        await time.pass_s(0.02)
        assert topic.received == [1, 2, 3]
        await box.close(5.0)


async def test_what_is_not_published_by_the_deadline_is_logged_whole_and_returned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    time, topic = VirtualTime(), Topic(["accepted", *[DOWN] * 100])
    box = outbox(topic, time)
    for event in events(3):
        box.add(event)
    closing = asyncio.create_task(box.close(8.0))
    await time.pass_s(7.9)
    assert not closing.done()
    await time.pass_s(0.2)
    assert closing.done()
    assert await closing == events(3)[1:]
    entries = [record for record in caplog.records if record.message == EVENT_UNDELIVERED]
    assert [decode(vars(record)["event"].encode()) for record in entries] == events(3)[1:]
    assert box.pending == 0


async def test_a_publisher_that_hangs_does_not_hold_up_the_end_of_the_call() -> None:
    time, topic = VirtualTime(), Topic(["hangs"])
    box = outbox(topic, time)
    async with asyncio.TaskGroup() as call:
        call.create_task(box.run())
        box.add(FIRST)
        await time.pass_s(0.0)
        closing = call.create_task(box.close(2.0))
        await time.pass_s(2.0)
        assert closing.done()
    assert closing.result() == [FIRST]


async def test_closing_goes_on_where_a_cancelled_call_stopped() -> None:
    time, topic = VirtualTime(), Topic(["hangs"])
    box = outbox(topic, time)
    running = asyncio.create_task(box.run())
    for event in events(2):
        box.add(event)
    await time.pass_s(0.0)
    running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()
    assert await box.close(5.0) == []
    assert topic.received == [1, 2]


async def test_a_cancelled_close_still_logs_what_is_left(caplog: pytest.LogCaptureFixture) -> None:
    time, topic = VirtualTime(), Topic(["hangs"])
    box = outbox(topic, time)
    box.add(FIRST)
    closing = asyncio.create_task(box.close(60.0))
    await time.pass_s(1.0)
    closing.cancel()
    await asyncio.wait([closing])
    assert closing.cancelled()
    assert [record.message for record in caplog.records] == [EVENT_UNDELIVERED]


async def test_an_event_after_the_end_is_logged_at_once(caplog: pytest.LogCaptureFixture) -> None:
    box = outbox(Topic(), VirtualTime())
    await box.close(1.0)
    box.add(FIRST)
    assert [record.message for record in caplog.records] == [EVENT_UNDELIVERED]
    assert box.pending == 0


async def test_what_is_not_published_in_the_calls_time_is_left_to_whoever_goes_on_with_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The instance lives on, and so may the events."""
    left: list[list[CallEvent]] = []
    time = VirtualTime()
    box = Outbox(Topic([DOWN] * 100), leave_to=lambda events: left.append(list(events)), sleep=time.sleep)
    for event in events(2):
        box.add(event)
    closing = asyncio.create_task(box.close(4.0))
    await time.pass_s(4.0)
    assert await closing == events(2)
    box.add(events(3)[2])
    assert left == [events(2), events(3)[2:]]
    assert EVENT_UNDELIVERED not in [record.message for record in caplog.records]


async def test_the_first_event_and_the_last_tell_who_calls_and_the_log_does_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    numbers = Parties("+972501234567", "+97231234567")
    ending = CallEnded("CA1", 1, 3, AT, "silence", 1.0, "google_streaming")
    time, topic = VirtualTime(), Topic()
    box = Outbox(topic, parties=numbers, sleep=time.sleep)
    for event in (*events(2), ending):
        box.add(event)
    await box.close(5.0)
    told = [event.parties for event in topic.events if not isinstance(event, OtherEvent)]
    assert told == [numbers, None, numbers]
    box.add(ending)
    (line,) = [vars(record)["event"] for record in caplog.records]
    assert decode(line.encode()) == ending


async def test_an_outage_is_one_line_in_the_log_and_not_one_an_attempt(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    time, topic = VirtualTime(), Topic([DOWN] * 5)
    box = outbox(topic, time)
    box.add(FIRST)
    closing = asyncio.create_task(box.close(60.0))
    await time.pass_s(60.0)
    assert await closing == []
    assert [record.message for record in caplog.records] == ["event_publish_failed", "event_published_late"]


def test_pauses_double_up_to_five_seconds_and_are_spread_over_their_second_half() -> None:
    assert [pause_after(failures, jitter=1.0) for failures in (1, 2, 3, 10, 10_000)] == [0.2, 0.4, 0.8, 5.0, 5.0]
    assert pause_after(10, jitter=0.0) == 2.5


_OUTCOMES = st.sampled_from(["accepted", "answer lost", DOWN, VendorRefused("not now")])


@settings(max_examples=60, deadline=None)
@given(count=st.integers(1, 8), script=st.lists(_OUTCOMES, max_size=30))
def test_whatever_fails_a_consumer_sees_every_event_once_and_in_order(
    count: int, script: list[VendorError | str]
) -> None:
    """Retries and lost answers only ever repeat the event they are about."""

    async def scenario() -> list[int]:
        time, topic = VirtualTime(), Topic(script)
        box = outbox(topic, time)
        for event in events(count):
            box.add(event)
        closing = asyncio.create_task(box.close(10_000.0))
        await time.pass_s(10_000.0)
        assert await closing == []
        return topic.received

    received = asyncio.run(scenario())
    assert list(dict.fromkeys(received)) == list(range(1, count + 1))
    assert received == sorted(received)
