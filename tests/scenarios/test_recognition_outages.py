"""Google refuses, is used up, or is gone. Calls share what one of them found out, and no caller meets silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from calls.events import UtteranceFinal
from evals import virtual_clock
from media_service.core import events
from media_service.core.events import RecognitionResult
from media_service.core.recognition.breaker import Breaker, BreakerSettings
from media_service.errors import VendorError, VendorExhausted, VendorRefused, VendorUnavailable
from media_service.ports import Recognition
from media_service.recognizers.guarded_recognizer import GuardedRecognizer
from media_service.recognizers.request_fallback import PersistentRecognizer
from tests.fakes import ANNOUNCED, FakeRecognizer, FakeReplies, RecognizedAudio, StreamPlan, Vocabulary
from tests.scenarios.telephone import Line, World, without_streaming

GIVEN_UP = "❌ [STT] All streaming attempts failed — using fallback single request"
DENIED = VendorRefused("streaming recognition: PERMISSION_DENIED")
USED_UP = VendorExhausted("streaming recognition: RESOURCE_EXHAUSTED")
GONE = VendorUnavailable("single recognition: UNAVAILABLE")
Script = Callable[[Line], Awaitable[None]]
NEED = "אני צריכה הצעת מחיר"


class FakeWhisper:
    """Implements `LocalRecognizer`."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.requests = 0

    async def recognize(self, audio: bytes) -> Recognition:
        self.requests += 1
        await asyncio.sleep(0.4)
        heard = RecognizedAudio(self._vocabulary)
        heard.feed(audio)
        result = RecognitionResult(" ".join(heard.words), True, confidence=0.6, recognizer="whisper")
        return Recognition([result] if heard.words else [], "whisper")


class Instance:
    """One process: what its calls share."""

    def __init__(self, *plans: StreamPlan, whisper: bool = False) -> None:
        self.vocabulary = Vocabulary()
        self.google = FakeRecognizer(self.vocabulary, *plans)
        self.whisper = FakeWhisper(self.vocabulary) if whisper else None
        self.worlds: list[World] = []

    def world(self, replies: int = 6) -> World:
        world = World(vocabulary=self.vocabulary, replies=FakeReplies(*["בסדר."] * replies))
        world.recognizer = self.google
        self.worlds.append(world)
        return world

    def run(self, *in_turn: tuple[float, World, Script]) -> None:
        """The calls one after the other, each with the seconds that pass before it."""

        async def calls() -> None:
            clock = asyncio.get_running_loop().time
            streams = GuardedRecognizer(self.google, Breaker(BreakerSettings(), lambda: 0.5), clock)
            requests = Breaker(BreakerSettings(failures=1, counts=(VendorError,)), lambda: 0.5)
            shared = PersistentRecognizer(streams, self.whisper, requests, clock)
            for pause_s, world, script in in_turn:
                await asyncio.sleep(pause_s)
                world.heard_through = shared
                await world.take_call(script)

        virtual_clock.run(calls())


def caller_lines(world: World) -> list[tuple[str, str]]:
    """(text, recognizer) of what the caller said."""
    said = [event for _, event in world.publisher.published if isinstance(event, UtteranceFinal)]
    return [(event.text, event.recognizer) for event in said if event.speaker == "caller"]


async def one_sentence(line: Line) -> None:
    await line.hear_out()
    await line.say(NEED)
    await line.hear_out()


def test_a_refusal_is_found_out_by_one_call_and_not_by_every_call(caplog: pytest.LogCaptureFixture) -> None:
    """The first tries three times; the second does not try at all, and loses no word."""
    caplog.set_level(logging.INFO)
    instance = Instance(StreamPlan(refusal=DENIED))
    first, second = instance.world(), instance.world()

    instance.run((0.0, first, one_sentence), (0.5, second, one_sentence))

    assert caller_lines(first) == caller_lines(second) == [(NEED, "google_single")]
    assert len(instance.google.streams) == 3
    assert caplog.text.count(GIVEN_UP) == 2
    assert caplog.text.count("stt_streaming_suspended") == 1


def test_when_streams_are_accepted_again_the_calls_go_back_to_them(caplog: pytest.LogCaptureFixture) -> None:
    """One stream is let through as a trial; it works, and the next call streams from its first word."""
    caplog.set_level(logging.INFO)
    instance = Instance(*[StreamPlan(refusal=DENIED)] * 3, StreamPlan())
    first, second, third = (instance.world() for _ in range(3))

    instance.run((0.0, first, one_sentence), (6.0, second, one_sentence), (0.0, third, one_sentence))

    assert caller_lines(first) == [(NEED, "google_single")]
    assert caller_lines(second) == caller_lines(third) == [(NEED, "google_streaming")]
    assert caplog.text.count("stt_streaming_suspended") == caplog.text.count("stt_streaming_resumed") == 1


def test_a_trial_that_fails_costs_its_caller_no_word() -> None:
    instance = Instance(StreamPlan(refusal=DENIED))
    first, second = instance.world(), instance.world()

    async def talkative(line: Line) -> None:
        for text in (NEED, "קוראים לי דנה לוי", "מחר בבוקר"):
            await line.hear_out()
            await line.say(text)
        await line.hear_out()

    instance.run((0.0, first, one_sentence), (6.0, second, talkative))

    assert [text for text, _ in caller_lines(second)] == [NEED, "קוראים לי דנה לוי", "מחר בבוקר"]
    assert len(instance.google.streams) == 4


def test_a_used_up_quota_is_not_asked_again_within_a_second() -> None:
    """[STT-22] The call that does not get a stream goes to single requests at once."""
    instance = Instance(StreamPlan(refusal=USED_UP))
    world = instance.world()

    instance.run((0.0, world, one_sentence))

    assert caller_lines(world) == [(NEED, "google_single")]
    assert len(instance.google.streams) == 1


def test_a_request_that_fails_once_is_made_again() -> None:
    """The caller notices a fraction of a second."""
    instance = Instance(StreamPlan(opens=False))
    world = instance.world()
    instance.google.single_fails = GONE

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say(NEED)
        await line.wait(0.85)
        instance.google.single_fails = None
        await line.hear_out()

    instance.run((0.0, world, script))

    assert caller_lines(world) == [(NEED, "google_single")]
    assert len(instance.google.requests) == 2


def test_whisper_takes_over_when_google_fails_altogether_and_gives_back(caplog: pytest.LogCaptureFixture) -> None:
    """It is said once for the whole outage, and an utterance does not wait for a Google that is known to fail."""
    caplog.set_level(logging.INFO)
    instance = Instance(StreamPlan(opens=False), whisper=True)
    first, second, third = (instance.world() for _ in range(3))
    instance.google.single_fails = DENIED

    async def google_is_back(line: Line) -> None:
        instance.google.single_fails = None
        await one_sentence(line)

    instance.run((0.0, first, one_sentence), (0.0, second, one_sentence), (30.0, third, google_is_back))

    assert caller_lines(first) == caller_lines(second) == [(NEED, "whisper")]
    assert first.publisher.ended.recognizer == "whisper"
    assert caller_lines(third) == [(NEED, "google_single")]
    assert [record.getMessage() for record in caplog.records].count("Whisper fallback active") == 1
    assert caplog.text.count("whisper_fallback_over") == 1
    assert len(instance.google.requests) == 2


def longest_silence_s(world: World, since: float, until: float) -> float:
    """Between two moments of the call, in seconds from its beginning."""
    longest, quiet_from = 0.0, since
    for began, ended in ((began - 1000.0, ended - 1000.0) for began, ended in world.phone.audible):
        longest = max(longest, min(began, until) - quiet_from)
        quiet_from = max(quiet_from, min(ended, until))
    return max(longest, until - quiet_from)


@pytest.mark.parametrize("single_takes_s", [0.05, 2.0, 8.0])
@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize("text", [NEED, "כן"])
def test_with_everything_off_the_caller_leaves_a_number_on_the_keypad(
    streaming: bool, single_takes_s: float, text: str
) -> None:
    """Refused at once, refused slowly, or not answered at all: it is never silent for three seconds."""
    instance = Instance(StreamPlan(opens=False))
    world = instance.world()
    if not streaming:
        world.settings = without_streaming(world.settings)
    instance.google.single_fails, instance.google.single_takes_s = GONE, single_takes_s
    times: list[float] = []

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say(text)
        times.append(line.now)
        await line.until(lambda: world.publisher.lines[-1][1].endswith(ANNOUNCED["keypad"]))
        times.append(line.now)
        await line.wait(1.0)
        for key in "0521234567#":
            line.take(events.DigitPressed(key))
            await line.wait(0.3)
        await line.hung_up_on()

    instance.run((0.0, world, script))

    assert longest_silence_s(world, times[0], times[1]) < 3.0
    ended = world.publisher.ended
    assert ended.reason == "assistant_goodbye"
    assert ended.fields["phone"].value == "+972521234567"
    assert ended.fields["phone"].confirmed
    assert world.publisher.lines[-1] == ("assistant", ANNOUNCED["goodbye_keypad"])
    assert world.tasks_left == set()


def test_a_google_that_answers_nothing_at_all_leaves_nobody_in_silence() -> None:
    """Streams do not even open, requests hang: no error tells of it for many seconds."""
    instance = Instance(StreamPlan(opens=False, open_takes_s=60.0))
    world = instance.world()
    instance.google.single_fails, instance.google.single_takes_s = GONE, 8.0
    times: list[float] = []

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say(NEED)
        times.append(line.now)
        await line.until(lambda: world.publisher.lines[-1][1].endswith(ANNOUNCED["keypad"]))
        times.append(line.now)
        for key in "0521234567#":
            line.take(events.DigitPressed(key))
        await line.hung_up_on()

    instance.run((0.0, world, script))

    assert longest_silence_s(world, times[0], times[1]) < 3.0
    assert world.publisher.ended.fields["phone"].value == "+972521234567"


@pytest.mark.parametrize(("text", "silent_s"), [(NEED, 3.0), ("כן", 4.0)])
def test_a_recognizer_that_falls_silent_in_mid_call_is_noticed(text: str, silent_s: float) -> None:
    """It had answered before, so nothing tells of it but speech without results. A word as short as a cough is answered
    a little later: nobody says "one moment" to a cough."""
    instance = Instance(StreamPlan(mute_after_s=6.0), StreamPlan())
    world = instance.world()
    times: list[float] = []

    async def script(line: Line) -> None:
        await one_sentence(line)
        await line.wait(6.5 - line.now)
        await line.say(text)
        times.append(line.now)
        await line.until(lambda: world.publisher.lines.count(("assistant", "בסדר.")) == 2)
        times.append(line.now)

    instance.run((0.0, world, script))

    assert caller_lines(world) == [(NEED, "google_streaming"), (text, "google_streaming")]
    assert longest_silence_s(world, times[0], times[1]) < silent_s


def test_a_number_may_be_typed_over_the_apology_and_without_the_last_key() -> None:
    instance = Instance(StreamPlan(opens=False))
    world = instance.world()
    instance.google.single_fails = DENIED

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say(NEED)
        await line.wait(1.5)
        for key in "036123456":
            line.take(events.DigitPressed(key))
            await line.wait(0.3)
        await line.hung_up_on()

    instance.run((0.0, world, script))

    assert world.publisher.ended.fields["phone"].value == "+97236123456"
    (apology,) = [text for speaker, text in world.publisher.lines[1:-1] if speaker == "assistant"]
    assert ANNOUNCED["keypad"].startswith(apology)
    assert apology != ANNOUNCED["keypad"]


def test_the_sound_of_the_keys_is_not_taken_for_speech_that_was_missed() -> None:
    instance = Instance(StreamPlan(opens=False))
    world = instance.world()
    instance.google.single_fails = DENIED

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say(NEED)
        await line.hear_out()
        for key in "0521234567":
            line.take(events.DigitPressed(key))
            await line.say("ביפ", word_s=0.1)
            await line.wait(1.0)
        line.take(events.DigitPressed("#"))
        await line.hung_up_on()

    instance.run((0.0, world, script))

    assert [text for speaker, text in world.publisher.lines if speaker == "assistant"] == [
        ANNOUNCED["greeting"],
        ANNOUNCED["keypad"],
        ANNOUNCED["goodbye_keypad"],
    ]


def test_half_a_number_is_asked_for_again() -> None:
    instance = Instance(StreamPlan(opens=False))
    world = instance.world()
    instance.google.single_fails = DENIED

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say(NEED)
        await line.hear_out()
        for keys in ("052#", "0521234567#"):
            for key in keys:
                line.take(events.DigitPressed(key))
                await line.wait(0.3)
            await line.hear_out()

    instance.run((0.0, world, script))

    assert [text for speaker, text in world.publisher.lines if speaker == "assistant"][1:] == [
        ANNOUNCED["keypad"],
        ANNOUNCED["keypad"],
        ANNOUNCED["goodbye_keypad"],
    ]


def test_a_caller_who_only_goes_on_speaking_is_asked_three_times_and_then_let_go() -> None:
    instance = Instance(StreamPlan(opens=False))
    world = instance.world()
    instance.google.single_fails = DENIED

    async def script(line: Line) -> None:
        for _ in range(4):
            await line.hear_out()
            await line.say(NEED)
        await line.say("לא שמעתם אותי")  # over the goodbye, which goes on
        await line.hung_up_on()

    instance.run((0.0, world, script))

    said = [text for speaker, text in world.publisher.lines if speaker == "assistant"]
    assert said == [
        ANNOUNCED["greeting"],
        *[ANNOUNCED["keypad"]] * 3,
        ANNOUNCED["goodbye_unrecognized"],
    ]
    assert world.publisher.ended.reason == "error"


def test_a_caller_who_types_nothing_is_asked_again_and_then_told_goodbye() -> None:
    instance = Instance(StreamPlan(opens=False))
    world = instance.world()
    instance.google.single_fails = DENIED

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say(NEED)
        await line.hung_up_on()

    instance.run((0.0, world, script))

    said = [text for speaker, text in world.publisher.lines if speaker == "assistant"]
    assert said == [
        ANNOUNCED["greeting"],
        *[ANNOUNCED["keypad"]] * 3,
        ANNOUNCED["goodbye_silence"],
    ]
    assert world.publisher.ended.reason == "silence"


def test_a_caller_who_is_understood_after_all_is_answered() -> None:
    """The outage is over: the conversation goes on, and a number typed later is one more answer."""
    instance = Instance(StreamPlan(opens=False))
    world = instance.world()
    instance.google.single_fails = DENIED

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say(NEED)
        await line.hear_out()
        instance.google.single_fails = None
        await line.say("קוראים לי דנה לוי")
        await line.hear_out()
        for key in "0521234567#":
            line.take(events.DigitPressed(key))
        await line.hear_out()

    instance.run((0.0, world, script))

    assert world.publisher.lines[-4:] == [
        ("caller", "קוראים לי דנה לוי"),
        ("assistant", "בסדר."),
        ("caller", "0521234567"),
        ("assistant", "בסדר."),
    ]
    assert world.publisher.ended.reason == "caller_hangup"


def test_words_that_come_after_the_opener_are_answered() -> None:
    """A slow recognizer: the caller hears that somebody is there, and then the answer."""
    instance = Instance(StreamPlan(opens=False))
    world = instance.world()
    instance.google.single_takes_s = 4.0

    async def script(line: Line) -> None:
        await line.hear_out()
        await line.say(NEED)
        await line.hear_out()
        await line.hear_out()

    instance.run((0.0, world, script))

    assert world.publisher.lines == [
        ("assistant", ANNOUNCED["greeting"]),
        ("assistant", ANNOUNCED["opener"]),
        ("caller", NEED),
        ("assistant", "בסדר."),
    ]
