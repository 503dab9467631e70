"""Whole calls in which something breaks. The caller notices as little as can be, and nothing said is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from calls.events import OtherEvent, Parties
from media_service.core import events
from media_service.core.turns.endpointing import EndpointingSettings
from media_service.core.vad.audio import FRAME_BYTES, FRAME_S
from media_service.errors import VendorUnavailable
from media_service.ports import CallSoFar
from tests.fakes import ANNOUNCED, FakePhone, FakeRecognizer, FakeReplies, FakeVoice, StreamPlan
from tests.scenarios.telephone import CALL_SID, Line, World

SENTENCES = ("אני צריכה הצעת מחיר", "קוראים לי דנה לוי", "מחר בבוקר אחרי תשע")


async def three_sentences(line: Line) -> None:
    for text in SENTENCES:
        await line.hear_out()
        await line.say(text)
    await line.hear_out()


def caller_words(world: World) -> str:
    return " ".join(text for speaker, text in world.publisher.lines if speaker == "caller")


@pytest.mark.parametrize("breaks_after_s", [0.5, 2.5, 3.0, 3.3, 3.6, 4.0, 5.0])
def test_a_stream_that_breaks_costs_no_word(breaks_after_s: float) -> None:
    """Before, within and after an utterance: the next stream hears the unheard audio again, and each word once."""
    world = World(replies=FakeReplies(*["בסדר."] * 6))
    world.recognizer = FakeRecognizer(world.vocabulary, StreamPlan(breaks_after_s=breaks_after_s), StreamPlan())

    world.play(three_sentences)

    assert caller_words(world) == " ".join(SENTENCES)
    assert len(world.recognizer.streams) == 2


def test_streams_that_break_again_and_again_cost_no_word() -> None:
    world = World(replies=FakeReplies(*["בסדר."] * 12))
    world.recognizer = FakeRecognizer(world.vocabulary, StreamPlan(breaks_after_s=1.1))

    world.play(three_sentences)

    assert caller_words(world) == " ".join(SENTENCES)


def test_a_stream_that_says_nothing_is_replaced_and_its_audio_heard_again() -> None:
    """No error tells of it: only speech without results."""
    world = World(replies=FakeReplies(*["בסדר."] * 3))
    world.recognizer = FakeRecognizer(world.vocabulary, StreamPlan(mute=True), StreamPlan())
    text = "אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע עשר עוד ועוד ומשם הלאה"

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say(text)
        await line.wait(6.0)

    world.play(script)

    assert caller_words(world) == text


@pytest.mark.parametrize("listen", [False, True])
def test_a_network_that_stalls_in_the_middle_of_a_word_leaves_it_whole(listen: bool) -> None:
    """The rest of the word comes a second late; silence put in meanwhile would make two words of it."""
    world = World(replies=FakeReplies(*["בסדר."] * 3), listen=listen)

    async def script(line: Line) -> None:
        await line.wait(4.0)
        speaking = asyncio.create_task(line.say("אני צריכה הצעת מחיר"))
        await line.wait(0.45)
        line.stalled = True
        await line.wait(1.2)
        line.stalled = False
        await speaking
        await line.wait(4.0)

    world.play(script)

    assert caller_words(world) == "אני צריכה הצעת מחיר"


def test_refused_streams_fall_back_to_single_requests_with_the_first_words_kept() -> None:
    """What was said while streaming was being tried is in the first single request."""
    world = World(replies=FakeReplies(*["בסדר."] * 3))
    world.recognizer = FakeRecognizer(world.vocabulary, StreamPlan(opens=False))

    async def script(line: Line) -> None:
        await line.say("שלום אני צריכה הצעת מחיר")
        await line.hear_out()
        await line.say("קוראים לי דנה")
        await line.hear_out()

    world.play(script)

    assert caller_words(world) == "שלום אני צריכה הצעת מחיר קוראים לי דנה"
    assert world.publisher.ended.recognizer == "google_single"


def test_a_call_returns_to_streaming_when_it_works_again() -> None:
    world = World(replies=FakeReplies(*["בסדר."] * 4))
    refused = [StreamPlan(opens=False)] * 3
    world.recognizer = FakeRecognizer(world.vocabulary, *refused, StreamPlan())

    async def script(line: Line) -> None:
        await line.say("אני צריכה הצעת מחיר")
        await line.wait(25.0)
        await line.say("מחר בבוקר אחרי תשע")
        await line.hear_out()

    world.play(script)

    assert caller_words(world) == "אני צריכה הצעת מחיר מחר בבוקר אחרי תשע"
    assert world.publisher.ended.recognizer == "google_streaming"


def test_a_ten_minute_call_rotates_its_streams_without_a_gap() -> None:
    """Three streams, each word once, and every byte of the caller's audio sent to one of them."""
    sentences = [f"{first} {second}" for first in ("אחת", "שתיים", "שלוש") for second in ("כן", "לא", "אולי")] * 5
    world = World(replies=FakeReplies(*["בסדר."] * len(sentences)))

    async def script(line: Line) -> None:
        for text in sentences:
            await line.wait(12.0)
            await line.say(text)

    world.play(script)

    assert caller_words(world) == " ".join(sentences)
    assert len(world.recognizer.streams) == 3
    sent_s = sum(len(stream.audio) for stream in world.recognizer.streams) / FRAME_BYTES * FRAME_S
    assert sent_s >= len(sentences) * 12.6 - 1


def test_a_caller_without_pauses_is_still_heard_across_a_rotation() -> None:
    """No pause comes, so the stream is changed in mid-sentence and the sentence replayed."""
    world = World(replies=FakeReplies(*["בסדר."] * 9))
    streams = replace(world.settings.listening.streams, look_for_pause_after_s=3.0, rotate_after_s=4.0)
    world.settings = replace(world.settings, listening=replace(world.settings.listening, streams=streams))
    text = "אלף בית גימל דלת הא וו זין חית טית יוד כף למד מם נון סמך עין פא צדי קוף ריש שין תו"

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say(text)
        await line.wait(6.0)

    world.play(script)

    assert caller_words(world) == text
    assert len(world.recognizer.streams) >= 2


def test_a_failing_reply_engine_is_replaced_by_the_script() -> None:
    world = World(replies=FakeReplies(VendorUnavailable("down"), VendorUnavailable("down")))

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר")
        await line.hear_out()
        await line.say("קוראים לי דנה")
        await line.hear_out()

    world.play(script)

    assert [text for speaker, text in world.publisher.lines if speaker == "assistant"][1:] == [
        "הבנתי. איך קוראים לכם?",
        "נעים מאוד, דנה. אפשר לחזור אליכם למספר שממנו התקשרתם?",
    ]


def test_without_synthesis_the_prompts_from_memory_still_answer() -> None:
    world = World(voice=FakeVoice(fails=True), replies=FakeReplies("בסדר."))

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר")
        await line.hear_out()

    world.play(script)

    assert world.publisher.lines[-1] == ("assistant", ANNOUNCED["trouble"])


def test_a_caller_who_goes_on_after_a_pause_gets_one_answer_to_all_of_it() -> None:
    """The first answer was not audible yet: it is given up, and the one that is heard knows every word."""
    world = World(replies=FakeReplies("ראשון.", "שני.", delay_s=0.5))

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר")
        await line.wait(0.7)
        await line.say("למזגן חדש בסלון")
        await line.hear_out()

    world.play(script)

    assert caller_words(world) == "אני צריכה הצעת מחיר למזגן חדש בסלון"
    assert [text for speaker, text in world.publisher.lines if speaker == "assistant"][1:] == ["שני."]


def test_frames_that_stop_coming_do_not_starve_the_recognizer() -> None:
    """Silence is fed in their place, about as fast as time passes."""
    world = World(replies=FakeReplies("בסדר."))

    async def script(line: Line) -> None:
        await line.hear_out()
        line.muted = True
        await line.wait(12.0)
        line.muted = False
        await line.say("אני עוד כאן איתכם")
        await line.hear_out()

    world.play(script)

    (stream,) = world.recognizer.streams
    assert len(stream.audio) / FRAME_BYTES * FRAME_S > 12.0
    assert caller_words(world) == "אני עוד כאן איתכם"


def test_a_peer_that_sends_nothing_for_half_a_minute_is_let_go() -> None:
    world = World()

    async def script(line: Line) -> None:
        line.muted = True
        world.phone.reads = False
        await line.hung_up_on()
        assert 30.0 <= line.now < 32.0

    world.play(script)

    assert world.publisher.ended.reason == "error"
    assert world.records.ends == [(CALL_SID, "error")]


def test_a_drain_ends_the_call_in_time_and_says_so() -> None:
    """SIGTERM leaves ten seconds; with every vendor well the call is wound up in two."""
    world = World(replies=FakeReplies("בסדר."))
    took = []

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר")
        began = line.now
        line.take(events.DrainStarted())
        await line.hung_up_on()
        took.append(line.now - began)

    world.play(script)

    assert took[0] < 2.0
    assert caller_words(world) == "אני צריכה הצעת מחיר"
    assert world.publisher.ended.reason == "drained"
    assert world.records.ends == [(CALL_SID, "drained")]


def test_records_that_do_not_answer_hold_up_nothing() -> None:
    world = World(replies=FakeReplies("להתראות.|"))
    world.records.fails = True

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("תודה רבה ולהתראות לכם")
        await line.hung_up_on()

    world.play(script)

    assert world.publisher.ended.reason == "assistant_goodbye"


@pytest.mark.parametrize("away", [True, False])
def test_the_events_tell_who_calls_whether_the_records_do_or_the_stream_alone(away: bool) -> None:
    """With Firestore away for the whole call, nobody else can tell it once it is back."""
    numbers = Parties("+972501234567", "+97231234567")
    world = World(replies=FakeReplies("בסדר."), parties=numbers if away else None)
    world.records.fails = away
    world.records.so_far = CallSoFar(numbers.from_number, parties=numbers)

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה טכנאי")
        await line.wait(3.0)

    world.play(script)

    told = [event.parties for _, event in world.publisher.published if not isinstance(event, OtherEvent)]
    assert (told[0], told[-1]) == (numbers, numbers)
    assert not any(told[1:-1])
    assert world.replies.conversations[-1].caller_number == "+972501234567"


def test_a_reason_that_could_not_be_written_in_time_is_told_with_why(caplog: pytest.LogCaptureFixture) -> None:
    """A time-out of asyncio's has no text; the line names its class instead of ending in nothing."""
    world = World()
    world.records.hangs = True

    async def script(line: Line) -> None:
        await line.hear_out()
        line.ending = events.DrainStarted()

    world.play(script)

    (line,) = [vars(each) for each in caplog.records if each.message == "end_reason_not_written"]
    assert line["error"] == "TimeoutError"


def test_events_wait_for_pubsub_to_come_back() -> None:
    """Everything said during the outage arrives afterwards, in order."""
    world = World(replies=FakeReplies(*["בסדר."] * 3))
    world.publisher.down_until = 1005.0

    world.play(three_sentences)

    assert caller_words(world) == " ".join(SENTENCES)
    assert [event.seq for _, event in world.publisher.published] == list(range(1, len(world.publisher.published) + 1))


def test_events_that_cannot_be_published_go_to_the_log_whole(caplog: pytest.LogCaptureFixture) -> None:
    world = World(replies=FakeReplies("בסדר."))
    world.publisher.down_until = 1e9

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say("אני צריכה הצעת מחיר")
        await line.hear_out()

    world.play(script)

    logged = [record for record in caplog.records if record.message == "event_undelivered"]
    assert [getattr(record, "seq", None) for record in logged] == [1, 2, 3, 4]


def test_a_bug_in_the_core_ends_its_call_cleanly(caplog: pytest.LogCaptureFixture) -> None:
    world = World()

    async def script(line: Line) -> None:
        await line.wait(0.5)
        line.take(events.CallerAudio(audio=None))  # type: ignore[arg-type]
        await line.hung_up_on()

    world.play(script)

    assert world.publisher.ended.reason == "error"
    assert "call_logic_broke" in caplog.text
    assert world.tasks_left == set()


def test_settling_is_quicker_than_the_promise_of_a_second() -> None:
    assert EndpointingSettings().settle_s < 1.0
    assert FakePhone().closed_at is None
