"""Whole calls in which a person answers and the service only hears."""

from __future__ import annotations

import asyncio

from media_service.core import events
from tests.fakes import FakeRecognizer, StreamPlan
from tests.scenarios.telephone import CALL_SID, Line, World, without_streaming


async def conversation(line: Line) -> None:
    """The callee asks, the caller answers; at one point both speak at once."""
    await line.wait(1.0)
    await line.say("שלום איך אפשר לעזור", track="outbound")
    await line.wait(1.0)
    await line.say("אני צריכה הצעת מחיר")
    await line.wait(1.0)
    await line.say("איך קוראים לך", track="outbound")
    await line.wait(1.0)
    await asyncio.gather(line.say("דנה לוי"), line.say("אה רגע", track="outbound"))
    await line.wait(2.0)


def test_both_sides_are_told_apart_and_nothing_is_played() -> None:
    """Each track has a recognition session of its own, and the caller's words make the lead's fields."""
    world = World(listen=True).play(conversation)

    lines = world.publisher.lines
    assert lines[:3] == [
        ("callee", "שלום איך אפשר לעזור"),
        ("caller", "אני צריכה הצעת מחיר"),
        ("callee", "איך קוראים לך"),
    ]
    assert sorted(lines[3:]) == [("callee", "אה רגע"), ("caller", "דנה לוי")]
    ended = world.publisher.ended
    assert ended.fields["need"].value == "אני צריכה הצעת מחיר"
    assert ended.fields["name"].value == "דנה לוי"
    assert (ended.reason, ended.seq, ended.latency.turns) == ("caller_hangup", 6, 0)
    assert world.phone.log == [(world.phone.closed_at, "closed")]
    assert len(world.recognizer.streams) == 2
    assert world.records.ends == [(CALL_SID, "caller_hangup")]
    assert world.tasks_left == set()


def test_a_broken_stream_of_one_side_leaves_the_other_alone() -> None:
    world = World(listen=True)
    world.recognizer = FakeRecognizer(world.vocabulary, StreamPlan(breaks_after_s=3.9), StreamPlan())

    world.play(conversation)

    assert sorted(text for _, text in world.publisher.lines) == sorted(
        ["שלום איך אפשר לעזור", "אני צריכה הצעת מחיר", "איך קוראים לך", "דנה לוי", "אה רגע"]
    )
    assert len(world.recognizer.streams) == 3


def test_single_requests_hear_both_sides_as_well() -> None:
    world = World(listen=True)
    world.settings = without_streaming(world.settings)

    world.play(conversation)

    assert {"אני צריכה הצעת מחיר", "דנה לוי"} <= {text for who, text in world.publisher.lines if who == "caller"}
    assert {"איך קוראים לך", "אה רגע"} <= {text for who, text in world.publisher.lines if who == "callee"}


def test_a_drain_and_a_lost_socket_end_it_as_they_end_any_call() -> None:
    for ending, reason in ((events.DrainStarted(), "drained"), (events.SocketLost(), "caller_hangup")):
        world = World(listen=True)

        async def script(line: Line, ending: events.Event = ending) -> None:
            await line.say("אני צריכה הצעת מחיר")
            line.take(ending)
            await line.hung_up_on()

        world.play(script)

        assert world.publisher.lines == [("caller", "אני צריכה הצעת מחיר")]
        assert world.publisher.ended.reason == reason


def test_a_line_without_frames_is_given_up() -> None:
    world = World(listen=True)

    async def script(line: Line) -> None:
        line.muted = True
        await line.hung_up_on()
        assert 30.0 <= line.now < 32.0

    world.play(script)

    assert world.publisher.ended.reason == "error"


def test_a_recognizer_that_is_behind_is_waited_for() -> None:
    """Nobody waits for an answer, so what it has guessed so far is not taken for what was said."""
    world = World(listen=True)
    world.recognizer = FakeRecognizer(world.vocabulary, StreamPlan(interim_lag_s=1.5, final_lag_s=2.0))

    async def script(line: Line) -> None:
        await line.wait(1.0)
        await line.say("אני צריכה הצעת מחיר דחופה")
        await line.wait(4.0)

    world.play(script)

    assert world.publisher.lines == [("caller", "אני צריכה הצעת מחיר דחופה")]
    (said, _) = [event for _, event in world.publisher.published]
    assert said.seq == 1
