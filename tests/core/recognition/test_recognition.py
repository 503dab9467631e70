"""Frames in, words out: what streams and single requests have to do with each other."""

import math
from collections.abc import Sequence

import pytest

from media_service.core.actions import (
    CancelStream,
    FinishStream,
    RecognizeOnce,
    ReportRequestFailed,
    ReportStreamingGivenUp,
)
from media_service.core.events import RecognitionResult
from media_service.core.recognition.recognition import (
    FinalWords,
    InterimWords,
    Recognition,
    RecognitionSettings,
    RequestAnswered,
    RequestMade,
)
from media_service.core.vad.audio import BYTES_PER_S, FRAME_BYTES, FRAME_S
from media_service.core.vad.timeline import Timeline

STREAMING, SINGLE = RecognitionSettings(), RecognitionSettings(streaming=False)
VOICE, QUIET = b"\x10" * FRAME_BYTES, b"\xff" * FRAME_BYTES


def result(text: str, *, final: bool = True, confidence: float | None = 0.9) -> RecognitionResult:
    return RecognitionResult(text, final, confidence=confidence, recognizer="streaming")


class Ear:
    """A recognition whose first stream is open, if it streams."""

    def __init__(self, settings: RecognitionSettings = STREAMING) -> None:
        self.timeline = Timeline()
        self.recognition = Recognition("caller", settings, self.timeline, 0.0)
        self.now = 0.0
        self.all: list[object] = []
        self.take(self.recognition.start(0.0))
        self.take(self.recognition.opened("caller-1", 0.0))

    def take(self, step: Sequence[object]) -> list[object]:
        self.all += step
        return list(step)

    def feed(self, seconds: float, *, voiced: bool, in_utterance: bool = True) -> list[object]:
        step: list[object] = []
        self.timeline.spoken = (self.timeline.spoken or 0) if in_utterance else None
        for _ in range(round(seconds / FRAME_S)):
            self.now = round(self.now + FRAME_S, 6)
            frame = VOICE if voiced else QUIET
            self.timeline.advance(FRAME_BYTES, voiced=voiced)
            step += self.take(self.recognition.feed(frame, self.now, voiced=voiced))
        return step

    def result(self, text: str, *, final: bool = True, stream: str = "caller-1") -> list[object]:
        return self.take(self.recognition.result(stream, result(text, final=final)))

    def next_stream(self) -> None:
        """The live stream breaks, and another one takes over."""
        self.take(self.recognition.stream_ended("caller-1", "broke", self.now))
        self.take(self.recognition.on_timer(self.now))
        self.take(self.recognition.opened("caller-2", self.now))
        assert self.recognition.is_listening

    def give_up(self) -> list[object]:
        """The live stream breaks, and another one may not be had."""
        return self.take(self.recognition.stream_ended("caller-1", "refused", self.now, permanent=True))

    @property
    def asked(self) -> list[RecognizeOnce]:
        return [item for item in self.all if isinstance(item, RecognizeOnce)]


def asked_once() -> Ear:
    """Without streaming, a second of speech and the silence after it."""
    ear = Ear(SINGLE)
    ear.feed(1.0, voiced=True)
    ear.feed(0.5, voiced=False)
    assert len(ear.asked) == 1
    return ear


def test_results_become_words_until_they_are_taken() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    assert ear.result("שלום אני", final=False) == [InterimWords("streaming")]
    assert ear.recognition.text == "שלום אני"
    assert ear.recognition.take(ear.now) == "שלום אני"
    assert ear.result("שלום אני דנה") == [FinalWords("שלום אני", "דנה", 0.9, "streaming")]
    assert ear.recognition.decided == "דנה"
    assert ear.recognition.take_late() == "דנה"


def test_results_of_a_stream_that_is_not_live_are_none() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    assert ear.result("שלום", stream="caller-7") == []
    assert ear.recognition.text == ""


def test_the_final_of_words_that_were_taken_is_awaited_until_it_covers_them() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("שלום אני דנה", final=False)
    ear.recognition.take(ear.now)
    due = ear.now + STREAMING.finals.give_up_s
    assert ear.recognition.deadline() == due
    ear.result("שלום")
    assert (ear.recognition.owed, ear.recognition.deadline()) == ("אני דנה", due)
    ear.result("אני דנה")
    assert ear.recognition.owed == ""
    assert ear.recognition.deadline() > due


def test_nothing_is_awaited_for_words_that_were_final_when_they_were_taken() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("שלום")
    ear.recognition.take(ear.now)
    assert not ear.recognition.awaits_final
    assert ear.recognition.deadline() > ear.now + STREAMING.finals.give_up_s


def test_words_whose_final_never_came_are_not_recognized_again_by_the_next_stream() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("שלום אני דנה", final=False)
    ear.recognition.take(ear.now)
    ear.feed(1.0, voiced=False, in_utterance=False)
    ear.result("שלום אני דנה", final=False)
    ear.recognition.on_timer(ear.recognition.deadline())
    assert ear.timeline.published_to == BYTES_PER_S


def test_while_no_stream_listens_nobody_can_send_a_final() -> None:
    """The audio of its words is kept for a stream that can."""
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("שלום", final=False)
    ear.recognition.take(ear.now)
    ear.feed(1.0, voiced=False, in_utterance=False)
    ear.result("שלום", final=False)
    ear.take(ear.recognition.stream_ended("caller-1", "broke", ear.now))
    ear.recognition.on_timer(ear.now + STREAMING.finals.give_up_s)
    assert ear.timeline.published_to == 0


def test_a_stream_that_takes_over_has_as_long_for_the_final_as_the_one_before_it() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("שלום אני דנה", final=False)
    ear.recognition.take(ear.now)
    ear.now += 2.0
    ear.next_stream()
    assert ear.recognition.deadline() == ear.now + STREAMING.finals.give_up_s


def test_words_that_were_taken_do_not_come_again_from_the_stream_that_takes_over() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("שלום אני דנה", final=False)
    ear.recognition.take(ear.now)
    ear.next_stream()
    assert ear.result("שלום אני דנה צריכה", final=False, stream="caller-2") == [InterimWords("streaming")]
    assert ear.recognition.text == "צריכה"


def test_a_stream_that_gets_only_what_came_after_published_words_begins_with_other_words() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("כן", final=False)
    ear.recognition.take(ear.now)
    ear.feed(1.0, voiced=False, in_utterance=False)
    ear.result("כן", final=False)
    ear.recognition.on_timer(ear.recognition.deadline())
    ear.feed(1.0, voiced=True)
    ear.result("כן צריכה מזגן", final=False)
    ear.next_stream()
    assert ear.recognition.text == "", "it is recognized again"
    ear.result("כן", final=False, stream="caller-2")
    assert ear.recognition.text == "כן", "said a second time"


def test_words_without_any_speech_stand_when_another_stream_takes_over() -> None:
    """It does not get their audio: there is no speech in it that anybody would have to recognize."""
    ear = Ear()
    ear.feed(3.0, voiced=False, in_utterance=False)
    ear.result("שלום", final=False)
    ear.next_stream()
    assert (ear.recognition.text, ear.recognition.awaits_final) == ("שלום", False)
    ear.result("לך", final=False, stream="caller-2")
    assert ear.recognition.text == "שלום לך"


def test_without_streaming_an_utterance_is_asked_for_when_it_is_over() -> None:
    ear = asked_once()
    assert ear.recognition.start(0.0) == ()
    assert ear.all == [RecognizeOnce("caller-request-1", VOICE * 50 + QUIET * 25), RequestMade("caller-request-1", 1.5)]
    assert ear.timeline.final_end == ear.timeline.fed
    assert ear.timeline.unanswered == 0, "no stream owes anything for it"
    assert ear.recognition.awaits_request


def test_an_answer_has_the_words_of_all_results_and_the_confidence_of_the_weakest() -> None:
    ear = asked_once()
    results = [result("שלום", confidence=0.8), result("אני דנה", confidence=0.6)]
    (answer,) = ear.recognition.recognized("caller-request-1", results, "whisper")
    assert answer == RequestAnswered("caller-request-1", "שלום אני דנה", 0.6, "whisper")
    assert not ear.recognition.awaits_request


def test_no_results_mean_that_nothing_was_said_and_a_failure_that_it_is_not_known() -> None:
    ear = asked_once()
    assert ear.recognition.recognized("caller-request-1", [], "whisper") == (
        RequestAnswered("caller-request-1", "", None, "whisper"),
    )
    assert asked_once().recognition.request_failed("caller-request-1", "503") == (
        ReportRequestFailed("503"),
        RequestAnswered("caller-request-1", "", None, None),
    )


@pytest.mark.parametrize("first", ["answered", "failed"])
@pytest.mark.parametrize("second", ["answered", "failed"])
def test_a_request_counts_once_however_often_it_is_answered(first: str, second: str) -> None:
    """Words of a second answer, and a failure after an answer, would be another utterance that nobody spoke."""
    ear = asked_once()
    outcome = {
        "answered": lambda: ear.recognition.recognized("caller-request-1", [result("שלום")], "whisper"),
        "failed": lambda: ear.recognition.request_failed("caller-request-1", "503"),
    }
    assert outcome[first]()
    assert outcome[second]() == ()


def test_giving_streaming_up_in_mid_utterance_asks_for_all_of_it_when_it_is_over() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    assert ReportStreamingGivenUp("caller-1") in ear.give_up()
    assert not ear.recognition.is_streaming
    assert not ear.asked
    ear.feed(0.4, voiced=True)
    ear.feed(0.5, voiced=False)
    assert [request.audio for request in ear.asked] == [VOICE * 70 + QUIET * 25]


def test_giving_it_up_after_an_utterance_asks_at_once_for_what_no_final_covers() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("שלום", final=False)
    ear.recognition.take(ear.now)
    ear.timeline.spoken = None
    ear.give_up()
    assert [request.audio for request in ear.asked] == [VOICE * 50]


def test_a_stream_that_takes_over_in_mid_utterance_gets_it_and_no_request_does() -> None:
    ear = Ear()
    ear.give_up()
    ear.now = ear.recognition.deadline()
    ear.take(ear.recognition.on_timer(ear.now))
    ear.feed(1.0, voiced=True)
    ear.take(ear.recognition.opened("caller-2", ear.now))
    ear.timeline.spoken = None
    assert ear.recognition.is_streaming
    ear.take(ear.recognition.stream_ended("caller-2", "refused", ear.now, permanent=True))
    assert [request.audio for request in ear.asked] == [VOICE * 50]
    ear.take(ear.recognition.finish(ear.now))
    assert len(ear.asked) == 1, "the same audio is not asked for twice"


def test_giving_it_up_in_silence_asks_for_nothing() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=False, in_utterance=False)
    ear.give_up()
    assert not ear.asked


def test_what_streaming_had_given_goes_with_the_request_and_not_to_the_next_utterance() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("אני צריכה")
    ear.give_up()
    ear.feed(0.4, voiced=True)
    ear.feed(0.5, voiced=False)
    assert ear.recognition.text == ""
    (request,) = ear.asked
    assert ear.recognition.recognized(request.request, [result("מזגן", confidence=None)], "whisper") == (
        RequestAnswered(request.request, "אני צריכה מזגן", None, "whisper"),
    )


def test_what_streaming_had_given_is_all_there_is_of_a_request_that_failed() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("אני צריכה", final=False)
    ear.give_up()
    ear.feed(0.5, voiced=False)
    (request,) = ear.asked
    _, answer = ear.recognition.request_failed(request.request, "503")
    assert answer == RequestAnswered(request.request, "אני צריכה", None, None)


def test_hanging_up_without_streaming_asks_for_the_utterance_that_is_open() -> None:
    ear = Ear(SINGLE)
    ear.feed(0.4, voiced=True)
    assert RequestMade("caller-request-1", 0.4) in ear.recognition.finish(ear.now)
    assert ear.recognition.may_still_give_words


def test_hanging_up_between_two_streams_asks_for_what_nobody_got() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.take(ear.recognition.stream_ended("caller-1", "broke", ear.now))
    assert ear.recognition.is_streaming
    ear.take(ear.recognition.finish(ear.now))
    assert [request.audio for request in ear.asked] == [VOICE * 50]


def test_a_finished_stream_may_say_its_last_and_then_somebody_else_is_asked() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    assert ear.take(ear.recognition.finish(ear.now))[-1] == FinishStream("caller-1")
    assert ear.recognition.awaits_last_words
    assert not ear.recognition.has_said_all()
    due = ear.recognition.deadline()
    assert due == ear.now + STREAMING.finals.last_s
    assert ear.recognition.on_timer(due - 0.01) == []
    ear.take(ear.recognition.on_timer(due))
    assert CancelStream("caller-1") in ear.all
    assert len(ear.asked) == 1
    assert ear.recognition.on_timer(due + 1.0) == []


def test_a_finished_stream_that_breaks_is_not_waited_for() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.take(ear.recognition.finish(ear.now))
    ear.take(ear.recognition.stream_ended("caller-1", "broke", ear.now))
    assert len(ear.asked) == 1
    assert not ear.recognition.awaits_last_words


def test_a_finished_stream_that_comes_to_its_end_has_said_all() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("שלום", final=False)
    ear.take(ear.recognition.finish(ear.now))
    ear.take(ear.recognition.stream_ended("caller-1", "", ear.now))
    assert not ear.asked
    assert not ear.recognition.may_still_give_words


def test_a_final_for_everything_ends_the_wait_for_last_words() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    assert not ear.recognition.has_said_all(), "more audio may come"
    ear.take(ear.recognition.finish(ear.now))
    ear.result("תחזרו אליי")
    assert ear.recognition.has_said_all()
    assert ear.recognition.deadline() == math.inf


def test_closing_lets_the_words_stand_and_the_stream_go() -> None:
    ear = Ear()
    ear.feed(1.0, voiced=True)
    ear.result("תחזרו אליי", final=False)
    assert ear.recognition.close() == [CancelStream("caller-1")]
    assert (ear.recognition.text, ear.recognition.awaits_final) == ("תחזרו אליי", False)
