"""What a leg of either mode has: an ear for each speaker, and an end."""

import math
from collections.abc import Sequence

import pytest

from media_service.core import events as ev
from media_service.core.actions import CancelStream, FinishStream, OpenStream, SendAudio
from media_service.core.call_settings import CallSettings
from media_service.core.ending import Ending, LastWords, ending_of
from media_service.core.leg import Leg, LegEnding, LegOver
from media_service.core.turns.utterance import InterimArrived, UtteranceClosed, UtteranceSettled
from media_service.core.vad.audio import BYTES_PER_S, FRAME_BYTES, FRAME_S

VOICE, QUIET = b"\x10\x90" * (FRAME_BYTES // 2), b"\xff" * FRAME_BYTES
SETTINGS = CallSettings(media_timeout_s=10.0, last_words=LastWords(wait_s=2.0, after_hang_up_s=8.0))
BOTH = {"inbound": "caller", "outbound": "callee"}
HUNG_UP = Ending("caller_hangup", 0.0, 8.0)


class Line:
    """A leg of which every stream is open."""

    def __init__(self) -> None:
        self.leg = Leg(BOTH, SETTINGS, SETTINGS.listening, 0.0)
        self.now = 0.0
        self.started = list(self.leg.start(0.0))
        for speaker in BOTH.values():
            self.tell(ev.StreamOpened(f"{speaker}-1"))

    def tell(self, event: ev.RecognitionEvent) -> list[object]:
        return list(self.leg.take(event, self.now))

    def says(self, speaker: str, text: str, *, final: bool = True) -> list[object]:
        return self.tell(ev.StreamResult(f"{speaker}-1", ev.RecognitionResult(text, final)))

    def hear(self, seconds: float, frame: bytes, track: str = "inbound") -> list[object]:
        step: list[object] = []
        for _ in range(round(seconds / FRAME_S)):
            self.now = round(self.now + FRAME_S, 6)
            step += self.leg.take(ev.CallerAudio(frame, track), self.now)
        return step

    def end(self, ending: Ending = HUNG_UP) -> list[object]:
        return list(self.leg.end(ending, self.now))


def sent_to(step: Sequence[object]) -> dict[str, int]:
    """Bytes of audio by stream."""
    sent = [item for item in step if isinstance(item, SendAudio)]
    return {item.stream: sum(len(each.audio) for each in sent if each.stream == item.stream) for item in sent}


def test_each_speaker_has_streams_of_their_own() -> None:
    line = Line()
    assert line.started == [OpenStream("caller-1"), OpenStream("callee-1")]
    assert sent_to(line.hear(0.8, VOICE, "outbound")) == {"callee-1": int(0.8 * BYTES_PER_S)}
    assert line.leg.listener("callee").is_speaking
    assert not line.leg.listener("caller").is_speaking
    assert InterimArrived() in line.says("callee", "שלום", final=False)
    assert (line.leg.listener("callee").text, line.leg.listener("caller").text) == ("שלום", "")


def test_what_recognition_came_to_goes_to_the_speaker_it_is_named_after() -> None:
    line = Line()
    line.hear(0.6, VOICE)
    line.tell(ev.StreamEnded("caller-1", "refused", permanent=True))
    step = line.hear(0.6, QUIET)
    assert line.leg.listener("callee").waiting_since is None
    (request,) = {item.request for item in step if hasattr(item, "request")}
    (closed, settled) = line.tell(ev.RequestRecognized(request, (ev.RecognitionResult("שלום", True),), "google_single"))
    assert isinstance(closed, UtteranceClosed)
    assert closed.utterance.speaker == "caller"
    assert isinstance(settled, UtteranceSettled)
    assert line.tell(ev.RequestFailed(request, "503")) == []


def test_a_leg_that_owes_no_words_is_over_at_once() -> None:
    line = Line()
    line.hear(1.0, QUIET)
    step = line.end()
    assert step[0] == LegEnding()
    assert step[-1] == LegOver(HUNG_UP)
    assert line.leg.is_over
    assert line.leg.deadline() == math.inf
    assert line.end(Ending("drained", 1.0, 1.0)) == []


def test_the_last_words_are_waited_for_and_then_it_is_over() -> None:
    line = Line()
    line.hear(1.0, VOICE)
    step = line.end()
    assert step[0] == LegEnding()
    assert FinishStream("caller-1") in step
    assert line.leg.is_ending
    assert not line.leg.is_over
    step = line.says("caller", "תחזרו אליי")
    (settled,) = [item.utterance for item in step if isinstance(item, UtteranceSettled)]
    assert settled.text == "תחזרו אליי"
    assert step[-1] == LegOver(HUNG_UP)


def test_words_that_do_not_come_are_not_waited_for_beyond_the_end() -> None:
    line = Line()
    line.hear(1.0, VOICE)
    line.says("caller", "תחזרו", final=False)
    line.end()
    assert line.leg.deadline() <= HUNG_UP.over_at
    assert not any(isinstance(item, LegOver) for item in line.leg.on_timer(7.9))
    step = line.leg.on_timer(8.0)
    assert step[-1] == LegOver(HUNG_UP)
    assert line.leg.on_timer(9.0) == []


def test_either_speaker_may_have_last_words() -> None:
    line = Line()
    line.hear(1.0, VOICE, "outbound")
    line.end()
    assert not line.leg.is_over
    assert isinstance(line.says("callee", "להתראות")[-1], LegOver)


def test_the_first_ending_stands_and_a_drain_makes_it_shorter() -> None:
    line = Line()
    line.hear(1.0, VOICE)
    line.end()
    assert line.end(Ending("drained", 1.0, 3.0)) == []
    (*_, over) = line.leg.on_timer(3.0)
    assert isinstance(over, LegOver)
    assert (over.ending.reason, over.ending.over_at) == ("caller_hangup", 3.0)


def test_an_ending_that_waits_for_nothing_is_over_whatever_is_owed() -> None:
    line = Line()
    line.hear(1.0, VOICE)
    failed = ending_of(ev.RunnerFailed(), line.now, SETTINGS.last_words)
    assert line.end(failed)[-1] == LegOver(failed)

    waiting = Line()
    waiting.hear(1.0, VOICE)
    waiting.end()
    assert waiting.end(failed)[-1] == LegOver(HUNG_UP)


def test_what_was_said_is_settled_and_the_streams_are_let_go_of_before_it_is_over() -> None:
    line = Line()
    line.hear(1.0, VOICE)
    line.says("caller", "תחזרו", final=False)
    step = line.end(ending_of(ev.RunnerFailed(), line.now, SETTINGS.last_words))
    assert [item.utterance.text for item in step if isinstance(item, UtteranceSettled)] == ["תחזרו"]
    assert {item.stream for item in step if isinstance(item, CancelStream)} == {"caller-1", "callee-1"}
    assert isinstance(step[-1], LegOver)


def test_no_audio_counts_after_the_end() -> None:
    line = Line()
    line.hear(1.0, VOICE)
    line.end()
    assert line.hear(1.0, VOICE) == []


def test_an_end_of_our_own_gives_the_last_words_the_short_wait() -> None:
    line = Line()
    line.hear(1.0, VOICE)
    line.leg.end_because("silence", line.now)
    (*_, over) = line.leg.on_timer(line.now + 2.0)
    assert over == LegOver(Ending("silence", 1.0, 3.0))


def passed(leg: Leg, until: float) -> list[object]:
    step: list[object] = []
    while (due := leg.deadline()) <= until:
        step += leg.on_timer(due)
    return step


def test_a_peer_that_sends_nothing_is_let_go() -> None:
    """By any speaker: where one track has frames, somebody is there."""
    line = Line()
    line.hear(1.0, QUIET, "outbound")
    assert LegEnding() not in passed(line.leg, 10.99)
    step = passed(line.leg, 11.0)
    assert LegEnding() in step
    assert step[-1] == LegOver(Ending("error", 11.0, 13.0))


def test_marks_and_keys_show_that_the_peer_is_there() -> None:
    line = Line()
    passed(line.leg, 9.0)
    line.leg.is_alive(9.0)
    assert LegEnding() not in passed(line.leg, 18.9)
    assert LegEnding() in passed(line.leg, 19.0)


def test_silence_stands_in_for_audio_that_does_not_come() -> None:
    line = Line()
    sent = sent_to(passed(line.leg, 5.0))
    assert sent == pytest.approx({"caller-1": 5 * BYTES_PER_S, "callee-1": 5 * BYTES_PER_S}, abs=0.3 * BYTES_PER_S)
