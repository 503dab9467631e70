"""The streams of one speaker: opened, replaced, given up and tried again, with no audio lost between them."""

import math
from collections.abc import Iterable

import pytest

from media_service.core import actions as act
from media_service.core.events import RecognitionResult
from media_service.core.recognition.stream_rotation import StreamRotation
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.recognition.words import RecognizedWords
from media_service.core.vad.audio import BYTES_PER_S, FRAME_BYTES, FRAME_S
from media_service.core.vad.timeline import Timeline

SETTINGS = StreamSettings()


class Speaker:
    """Feeds a session numbered frames, so that every frame can be found again."""

    def __init__(self, settings: StreamSettings = SETTINGS) -> None:
        self.timeline = Timeline()
        self.words = RecognizedWords()
        self.session = StreamRotation("caller", settings, self.timeline, self.words, 0.0)
        self.now = 0.0
        self.frames = 0
        self.done: list[act.Action] = []
        self.got: dict[str, bytes] = {}
        self.take(self.session.start(0.0))

    def take(self, actions: Iterable[act.Action]) -> None:
        for action in actions:
            self.done.append(action)
            if isinstance(action, act.SendAudio):
                assert len(action.audio) <= SETTINGS.largest_send_bytes
                self.got[action.stream] = self.got.get(action.stream, b"") + action.audio

    def speak(self, seconds: float, voiced: bool = True) -> None:
        for _ in range(round(seconds / FRAME_S)):
            self.now += FRAME_S
            self.tick()
            audio = self.frames.to_bytes(4, "big") * (FRAME_BYTES // 4)
            self.frames += 1
            self.timeline.advance(len(audio), voiced=voiced)
            self.take(self.session.feed(audio, self.now))

    def tick(self) -> None:
        if self.now >= self.session.deadline():
            self.take(self.session.on_timer(self.now))

    def wait(self, seconds: float) -> None:
        self.speak(seconds, voiced=False)

    def open(self) -> str:
        """The stream asked for last opens."""
        self.take(self.session.opened(self.asked[-1], self.now))
        return self.asked[-1]

    def final(self, stream: str, end_s: float | None = None) -> None:
        self.words.segment_lost()
        assert self.session.result(stream, RecognitionResult("שלום", True, end_s))

    def breaks(self, stream: str) -> None:
        self.take(self.session.ended(stream, "broke", self.now))

    @property
    def asked(self) -> list[str]:
        return [action.stream for action in self.done if isinstance(action, act.OpenStream)]

    @property
    def given_up(self) -> bool:
        return any(isinstance(action, act.ReportStreamingGivenUp) for action in self.done)

    def first_frame(self, stream: str) -> int:
        return int.from_bytes(self.got[stream][:4], "big")

    def last_frame(self, stream: str) -> int:
        return int.from_bytes(self.got[stream][-4:], "big")


def test_what_was_said_before_the_stream_opened_is_not_lost() -> None:
    speaker = Speaker()
    speaker.speak(1.0)
    stream = speaker.open()
    speaker.wait(1.0)

    assert speaker.first_frame(stream) == 0
    assert speaker.last_frame(stream) >= 96


def test_audio_goes_out_in_batches() -> None:
    speaker = Speaker()
    stream = speaker.open()
    speaker.wait(4.0)
    sends = [action for action in speaker.done if isinstance(action, act.SendAudio)]

    assert len(sends) == 50
    assert len(speaker.got[stream]) == 4 * BYTES_PER_S


def test_a_broken_stream_is_replaced_at_once_and_the_next_hears_what_was_not_final() -> None:
    speaker = Speaker()
    first = speaker.open()
    speaker.speak(2.0)
    speaker.final(first, end_s=1.0)
    speaker.speak(1.0)
    speaker.words.interim("אז")
    speaker.breaks(first)
    speaker.tick()
    second = speaker.open()
    speaker.wait(4.0)

    assert second != first
    assert speaker.first_frame(second) == 50
    assert speaker.done.count(act.CancelStream(first)) == 0


def test_results_of_a_replaced_stream_do_not_count() -> None:
    speaker = Speaker()
    first = speaker.open()
    speaker.speak(1.0)
    speaker.breaks(first)
    speaker.tick()
    speaker.open()

    assert not speaker.session.result(first, RecognitionResult("שלום", True))


@pytest.mark.parametrize("how", ["refused", "silent"])
def test_streaming_is_given_up_after_three_failures_and_tried_again_later(how: str) -> None:
    speaker = Speaker()
    for _ in range(3):
        assert not speaker.given_up
        if how == "refused":
            speaker.breaks(speaker.asked[-1])
            speaker.wait(0.24)
        else:
            speaker.wait(2.8)
    assert speaker.given_up
    assert not speaker.session.streaming
    assert len(speaker.asked) == 3

    speaker.wait(20.0)
    assert len(speaker.asked) == 4
    speaker.open()
    assert speaker.session.streaming


def test_a_stream_is_replaced_in_a_pause_before_its_time_is_up() -> None:
    """The old one goes on until the new one is there, and is dropped in the same step."""
    speaker = Speaker()
    first = speaker.open()
    for _ in range(239):
        speaker.speak(0.5)
        speaker.final(first)
        speaker.wait(0.5)
    assert len(speaker.asked) == 1
    speaker.speak(2.0)
    speaker.final(first)
    assert len(speaker.asked) == 1, "not while somebody speaks"
    speaker.wait(0.8)
    assert len(speaker.asked) == 2
    speaker.wait(0.2)
    assert speaker.last_frame(first) == speaker.frames - 1
    second = speaker.open()

    index = speaker.done.index(act.CancelStream(first))
    assert isinstance(speaker.done[index + 1], act.ReportStreamStarted)
    assert speaker.frames - speaker.first_frame(second) <= 2.1 / FRAME_S, "no speech is heard twice"


def test_without_any_pause_the_change_is_made_in_mid_sentence_with_the_sentence_replayed() -> None:
    speaker = Speaker()
    first = speaker.open()
    for _ in range(141):
        speaker.speak(2.0)
        speaker.final(first)
    speaker.words.interim("אז")
    speaker.speak(2.0)
    speaker.session.result(first, RecognitionResult("אז מה שאני", False))
    speaker.speak(1.5)
    assert len(speaker.asked) == 2
    second = speaker.open()
    speaker.speak(2.5)

    assert speaker.first_frame(second) == 141 * 100, "from the end of the last final on"


def test_catching_up_is_no_faster_than_the_recognizer_allows() -> None:
    speaker = Speaker(StreamSettings(open_timeout_s=30.0))
    speaker.speak(20.0)
    stream = speaker.open()
    opened_at = speaker.now
    while len(speaker.got[stream]) < speaker.frames * FRAME_BYTES - 640:
        sent_s = len(speaker.got[stream]) / BYTES_PER_S
        assert sent_s <= SETTINGS.replay_burst_s + SETTINGS.replay_rate * (speaker.now - opened_at) + 1e-6
        speaker.wait(0.08)
    assert speaker.now - opened_at < 60.0, "and it does catch up"


@pytest.mark.parametrize("how", ["long speech", "a word and silence"])
def test_a_stream_that_gives_no_results_for_speech_is_replaced(how: str) -> None:
    speaker = Speaker()
    mute = speaker.open()
    if how == "long speech":
        speaker.speak(8.2)
    else:
        speaker.speak(0.6)
        speaker.wait(3.2)
    assert len(speaker.asked) == 2
    second = speaker.open()

    assert act.CancelStream(mute) in speaker.done
    assert speaker.first_frame(second) == 0


@pytest.mark.parametrize(("sound_s", "streams"), [(0.0, 1), (0.16, 1), (0.3, 2)])
def test_a_sound_as_short_as_a_cough_is_heard_by_one_stream_more_and_no_further(sound_s: float, streams: int) -> None:
    """It may have been a word, and the stream dead. Silence, and what is shorter than any word, is no reason."""
    speaker = Speaker()
    speaker.open()
    speaker.speak(sound_s)
    for _ in range(20):
        speaker.wait(3.0)
        if len(speaker.asked) > len(speaker.got):
            speaker.open()
    assert len(speaker.asked) == streams


def test_coughs_are_no_failures_of_streaming_however_many() -> None:
    speaker = Speaker()
    speaker.open()
    for _ in range(6):
        speaker.speak(0.3)
        speaker.wait(3.0)
        speaker.open()
        speaker.wait(27.0)
    assert len(speaker.asked) == 7
    assert not speaker.given_up


def test_music_on_hold_does_not_make_streams_spin() -> None:
    speaker = Speaker()
    speaker.open()
    for _ in range(400):
        speaker.speak(0.1)
        if len(speaker.asked) > len(speaker.got):
            speaker.open()
    assert len(speaker.asked) <= 5


def test_what_is_kept_is_bounded() -> None:
    speaker = Speaker()
    stream = speaker.open()
    for _ in range(100):
        speaker.speak(2.0)
        speaker.final(stream)
    assert len(speaker.session.buffer.unsettled()) <= 2 * BYTES_PER_S

    silent = Speaker(StreamSettings(stall_s=1_000.0))
    silent.open()
    silent.speak(200.0)
    assert len(silent.session.buffer.unsettled()) <= (SETTINGS.kept_s + 1.0) * BYTES_PER_S


def test_the_end_lets_the_live_stream_say_its_last_and_drops_one_on_its_way() -> None:
    speaker = Speaker()
    stream = speaker.open()
    speaker.speak(1.02)
    speaker.take(speaker.session.finish(speaker.now))

    assert speaker.done[-1] == act.FinishStream(stream)
    assert len(speaker.got[stream]) == 51 * FRAME_BYTES, "less than a batch goes out as well"
    assert speaker.session.result(stream, RecognitionResult("שלום", True))
    assert speaker.session.deadline() == math.inf
    assert speaker.session.close() == [act.CancelStream(stream)]
    assert speaker.session.close() == []

    opening = Speaker()
    opening.take(opening.session.finish(0.5))
    assert opening.done[-1] == act.CancelStream("caller-1")


def test_a_permanent_refusal_spends_no_further_attempts_until_much_later() -> None:
    settings, timeline = StreamSettings(), Timeline()
    session = StreamRotation("caller", settings, timeline, RecognizedWords(), 0.0)
    session.start(0.0)
    given_up = session.ended("caller-1", "suspended", 0.02, permanent=True)
    assert given_up == [
        act.ReportStreamFailed(1, False, "suspended", "caller-1"),
        act.ReportStreamingGivenUp("caller-1"),
    ]
    assert not session.streaming
    assert session.deadline() == 0.02 + settings.retry_streaming_after_s
    (again,) = session.on_timer(session.deadline())
    assert isinstance(again, act.OpenStream)


def test_a_stream_that_works_goes_on_when_its_replacement_is_finally_refused() -> None:
    """Its time is not over yet: the replacement was asked for early."""
    settings, timeline = StreamSettings(), Timeline()
    session = StreamRotation("caller", settings, timeline, RecognizedWords(), 0.0)
    session.start(0.0)
    session.opened("caller-1", 0.1)
    timeline.advance(BYTES_PER_S, voiced=False)
    session.feed(bytes(BYTES_PER_S), 1.0)
    now = session.deadline()
    assert isinstance(session.on_timer(now)[0], act.OpenStream)
    session.ended("caller-2", "suspended", now + 0.02, permanent=True)
    assert session.streaming
    assert session.is_listening
    assert session.deadline() == now + 0.02 + settings.retry_streaming_after_s
