"""Whole calls in which every vendor does its part."""

from __future__ import annotations

from itertools import pairwise

import pytest

from calls.events import FieldValue, UtteranceFinal
from media_service.core import events
from media_service.core.conversation import Turn
from media_service.errors import VendorUnavailable
from media_service.ports import CallSoFar
from tests.fakes import ANNOUNCED, FakeReplies
from tests.scenarios.telephone import CALL_SID, STARTED, Line, World, without_streaming


def test_a_caller_is_greeted_answered_and_heard() -> None:
    """Each side's words are published in the order spoken, and the goodbye ends the call."""
    world = World(replies=FakeReplies("הבנתי. איך קוראים לכם?", "תודה דנה, להתראות.|"))

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר")
        await line.hear_out()
        await line.say("קוראים לי דנה")
        await line.hung_up_on()

    world.play(script)

    assert world.publisher.lines == [
        ("assistant", ANNOUNCED["greeting"]),
        ("caller", "אני צריכה הצעת מחיר"),
        ("assistant", "הבנתי. איך קוראים לכם?"),
        ("caller", "קוראים לי דנה"),
        ("assistant", "תודה דנה, להתראות."),
    ]
    ended = world.publisher.ended
    assert (ended.reason, ended.seq, ended.latency.turns) == ("assistant_goodbye", 6, 2)
    assert ended.fields["need"].value == "אני צריכה הצעת מחיר"
    assert ended.fields["name"].value == "דנה"
    assert world.records.ends == [(CALL_SID, "assistant_goodbye")]
    assert world.tasks_left == set()


def test_the_reason_is_on_record_before_the_socket_closes() -> None:
    """Twilio asks what to do the moment it is closed; without a reason it would connect the call again."""
    world = World(replies=FakeReplies("להתראות.|"))
    closed_before = []

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("תודה רבה ולהתראות לכם")
        await line.hung_up_on()
        closed_before.extend(world.records.ends)

    world.play(script)

    assert closed_before == [(CALL_SID, "assistant_goodbye")]


def test_the_greeting_leaves_at_once() -> None:
    world = World()

    async def script(line: Line) -> None:
        await line.wait(0.5)

    world.play(script)

    assert world.phone.times("audio")[0] == pytest.approx(1000.0, abs=0.001)


def test_the_caller_waits_less_than_a_second_for_an_answer() -> None:
    """With replies and speech that take 0.3 s each, the first sound comes well within the second promised."""
    world = World(replies=FakeReplies("בסדר.", delay_s=0.3))
    world.voice.delay_s = 0.3
    stopped = []

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר למזגן")
        stopped.append(line.now)
        await line.hear_out()

    world.play(script)

    answered = next(at for at in world.phone.times("audio") if at - 1000.0 > stopped[0]) - 1000.0
    assert answered - stopped[0] < 0.95
    assert world.publisher.ended.latency.total_p50_s == pytest.approx(answered - stopped[0], abs=0.03)


def test_speaking_over_the_assistant_stops_it() -> None:
    """The phone is cleared within half a second, and only what was heard goes into the transcript."""
    long_reply = "יש לנו הרבה מאוד אפשרויות שונות ומגוונות ואני אספר לכם על כולן לפי הסדר"
    world = World(replies=FakeReplies(long_reply, "בסדר."))
    interrupted = []

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("מה יש לכם להציע")
        await line.wait(2.0)
        interrupted.append(line.now)
        await line.say("רגע אחד בבקשה")
        await line.hear_out()

    world.play(script)

    (cleared,) = world.phone.times("clear")
    assert cleared - 1000.0 - interrupted[0] < 0.5
    _, _, (speaker, heard), interruption, *_ = world.publisher.lines
    assert speaker == "assistant"
    assert heard
    assert long_reply.startswith(heard)
    assert len(heard) < len(long_reply) / 2
    assert interruption == ("caller", "רגע אחד בבקשה")


def test_an_answer_waits_for_words_that_the_recognizer_has_not_got_to_yet() -> None:
    """The interim that is there at the time-out ends before the voice did: a reply would be to half a sentence."""
    world = World(replies=FakeReplies("בסדר.", delay_s=0.6))
    world.recognizer._plans[0].interim_lag_s = 0.4
    world.recognizer._plans[0].final_lag_s = 0.05

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר דחופה", word_s=0.2)
        await line.hear_out()

    world.play(script)

    assert world.publisher.lines[1] == ("caller", "אני צריכה הצעת מחיר דחופה")
    (asked,) = world.replies.conversations
    assert asked.turns[-1].text == "אני צריכה הצעת מחיר דחופה"


def test_a_guess_at_the_beginning_is_not_taken_for_the_whole() -> None:
    """The recognizer is most of a second behind: at the timeout it has heard the first words only."""
    world = World(replies=FakeReplies("בסדר."))
    world.recognizer._plans[0].interim_lag_s = 0.9
    world.recognizer._plans[0].final_lag_s = 0.2

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר דחופה")
        await line.hear_out()

    world.play(script)

    assert world.publisher.lines[1] == ("caller", "אני צריכה הצעת מחיר דחופה")
    (answered,) = world.replies.conversations
    assert answered.turns[-1].text == "אני צריכה הצעת מחיר דחופה"
    slowest_s = world.publisher.ended.latency.total_p95_s
    assert slowest_s is not None
    assert slowest_s < 1.0


def test_a_silent_caller_is_asked_twice_and_then_let_go() -> None:
    world = World()

    async def script(line: Line) -> None:
        await line.hung_up_on()

    world.play(script)

    assert [text for _, text in world.publisher.lines] == [
        ANNOUNCED["greeting"],
        ANNOUNCED["still_there"],
        ANNOUNCED["still_there"],
        ANNOUNCED["goodbye_silence"],
    ]
    assert world.publisher.ended.reason == "silence"


def test_a_slow_answer_is_introduced() -> None:
    """Nothing to hear after 0.7 s: the opener is played, and counts as the answer's beginning."""
    world = World(replies=FakeReplies("הנה התשובה.", delay_s=2.0))

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר למזגן")
        await line.wait(6.0)

    world.play(script)

    assert world.publisher.lines[2] == ("assistant", f"{ANNOUNCED['opener']} הנה התשובה.")
    total = world.publisher.ended.latency.total_p50_s
    assert total is not None
    assert total <= 1.0


def test_hanging_up_in_mid_sentence_keeps_the_sentence() -> None:
    world = World()

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר")

    world.play(script)

    assert world.publisher.lines[-1] == ("caller", "אני צריכה הצעת מחיר")
    assert world.publisher.ended.reason == "caller_hangup"


def test_a_lost_socket_leaves_no_reason_so_that_the_call_can_come_back() -> None:
    world = World()

    async def script(line: Line) -> None:
        await line.wait(1.0)
        line.ending = events.SocketLost()

    world.play(script)

    assert world.records.ends == []
    assert world.publisher.ended.reason == "caller_hangup"


def test_a_later_leg_goes_on_where_the_call_was() -> None:
    """It says that the line was lost and asks what is missing; the reply engine knows what was said before."""
    world = World(leg=2, replies=FakeReplies("מתי לחזור?"))
    world.records.so_far = CallSoFar("+972501234567", (Turn("assistant", "איך קוראים לכם?"), Turn("caller", "דנה לוי")))

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני פה שוב איתכם")
        await line.hear_out()

    world.play(script)

    assert world.publisher.lines[0] == ("assistant", f"{ANNOUNCED['line_was_lost']} איך אפשר לעזור?")
    (conversation,) = world.replies.conversations
    assert [turn.text for turn in conversation.turns[:2]] == ["איך קוראים לכם?", "דנה לוי"]
    assert conversation.fields["name"].value == "דנה לוי"
    assert world.publisher.ended.leg == 2
    assert world.records.legs == [(CALL_SID, 2)]


def test_a_returning_caller_is_greeted_by_name_behind_a_greeting_that_waited_for_nobody() -> None:
    """The records tell who calls while the greeting plays from memory; the first answer has the name."""
    world = World(replies=FakeReplies(VendorUnavailable("down"), VendorUnavailable("down"), VendorUnavailable("down")))
    known = {"name": FieldValue("דנה לוי", 1, confirmed=True)}
    world.records.so_far = CallSoFar("+972501234567", earlier=known)

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה טכנאי למזגן")
        await line.hear_out()
        await line.say("כן בבקשה")
        await line.hear_out()
        await line.say("מחר בבוקר")
        await line.hung_up_on()

    world.play(script)

    assert world.publisher.lines[0] == ("assistant", ANNOUNCED["greeting"])
    assert world.publisher.lines[2] == (
        "assistant",
        "שלום דנה לוי. הבנתי. אפשר לחזור אליכם למספר שממנו התקשרתם?",
    )
    assert not any(text.endswith("איך קוראים לכם?") for _, text in world.publisher.lines)


def test_single_requests_serve_a_whole_call() -> None:
    """With streaming switched off the same call leaves the same words."""
    world = World(replies=FakeReplies("הבנתי. איך קוראים לכם?", "תודה, להתראות.|"))
    world.settings = without_streaming(world.settings)

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר")
        await line.hear_out()
        await line.say("דנה")
        await line.hung_up_on()

    world.play(script)

    assert [text for speaker, text in world.publisher.lines if speaker == "caller"] == ["אני צריכה הצעת מחיר", "דנה"]
    assert world.recognizer.streams == []
    assert world.publisher.ended.recognizer == "google_single"


def test_what_was_said_is_safe_within_a_second() -> None:
    """Every final is acknowledged by Pub/Sub less than a second after its utterance was closed."""
    world = World(replies=FakeReplies(*["בסדר."] * 4))

    async def script(line: Line) -> None:
        for text in ("אני צריכה הצעת מחיר", "כן", "מחר בבוקר", "לא"):
            await line.hear_out()
            await line.say(text)
        await line.hear_out()

    world.play(script)

    for at, event in world.publisher.published[:-1]:
        assert isinstance(event, UtteranceFinal)
        assert at - 1000.0 - (event.ended_at - STARTED).total_seconds() < 1.0 + 0.45


def test_events_are_numbered_in_the_order_spoken() -> None:
    world = World(replies=FakeReplies(*["בסדר גמור, נמשיך."] * 3))

    async def script(line: Line) -> None:
        for text in ("אני צריכה הצעת מחיר", "כן", "מחר בבוקר"):
            await line.wait(2.0)
            await line.say(text)
        await line.wait(3.0)

    world.play(script)

    events_in_order = [event for _, event in world.publisher.published]
    assert [event.seq for event in events_in_order] == list(range(1, len(events_in_order) + 1))
    times = [event.started_at for event in events_in_order if isinstance(event, UtteranceFinal)]
    assert all(earlier <= later for earlier, later in pairwise(times))
