"""What audio is kept for the next stream, and how much of it that one gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_service.core.recognition.replay_buffer import Replay, ReplayBuffer
from media_service.core.recognition.stream_health import Stream, StreamHealth
from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.recognition.words import RecognizedWords
from media_service.core.vad.audio import BYTES_PER_S
from media_service.core.vad.timeline import Timeline

SETTINGS = StreamSettings(kept_s=20.0, quiet_tail_s=2.0, unanswered_s=0.5, stall_s=2.5)
STEP = BYTES_PER_S // 10


class Kept:
    """A buffer, fed a tenth of a second at a time; every step has another byte."""

    def __init__(self, *, live: bool = True) -> None:
        self.timeline = Timeline()
        self.words = RecognizedWords()
        self.health = StreamHealth(SETTINGS, self.timeline, self.words)
        if live:
            self.health.live = Stream("caller-1", 1, asked_at=0.0, opened_at=0.0)
        self.buffer = ReplayBuffer(SETTINGS, self.timeline, self.words, self.health)
        self.audio = b""

    def feed(self, seconds: float, *, voiced: bool = False, sent: bool = True) -> None:
        for _ in range(round(seconds * 10)):
            audio = bytes([len(self.audio) // STEP % 251]) * STEP
            self.audio += audio
            self.timeline.advance(STEP, voiced=voiced)
            self.timeline.sent_to = self.timeline.fed if sent else self.timeline.sent_to
            self.buffer.append(audio)

    def replay(self) -> Replay:
        return self.buffer.replay

    def rewound_s(self) -> float:
        return self.buffer.rewind() / BYTES_PER_S


def test_without_speech_the_next_stream_gets_a_short_tail() -> None:
    """It may hold a word that is too quiet for speech activity."""
    kept = Kept()
    kept.feed(9.0)
    assert kept.replay() is Replay.NOTHING
    assert kept.rewound_s() == 7.0


def test_the_tail_holds_nothing_that_was_decided() -> None:
    kept = Kept()
    kept.feed(9.0)
    kept.timeline.final_end = int(8.5 * BYTES_PER_S)
    assert kept.rewound_s() == 8.5


def test_speech_that_nobody_decided_on_is_given_to_the_next_stream_from_its_beginning() -> None:
    kept = Kept()
    kept.feed(5.0, voiced=True)
    kept.timeline.final_end = 2 * BYTES_PER_S
    assert kept.replay() is Replay.ALL
    assert kept.rewound_s() == 2.0


def test_of_a_segment_whose_words_are_published_only_the_rest_is_given() -> None:
    kept = Kept()
    kept.feed(5.0, voiced=True)
    kept.timeline.final_end, kept.timeline.published_to = BYTES_PER_S, 3 * BYTES_PER_S
    assert kept.replay() is Replay.UNPUBLISHED
    assert kept.rewound_s() == 3.0


@pytest.mark.parametrize(("live", "replay"), [(True, Replay.NOTHING), (False, Replay.ALL)])
def test_the_shortest_word_is_given_again_only_where_no_stream_had_it(live: bool, replay: Replay) -> None:
    kept = Kept(live=live)
    kept.feed(0.2, voiced=True)
    kept.feed(3.0)
    assert kept.replay() is replay


def test_a_segment_without_its_final_result_is_given_again_however_short() -> None:
    kept = Kept()
    kept.feed(0.2, voiced=True)
    kept.words.interim("כן")
    assert kept.replay() is Replay.ALL
    kept.timeline.published_to = kept.timeline.fed
    assert kept.replay() is Replay.NOTHING, "unless its words are published"


def test_speech_for_which_a_working_stream_has_no_words_was_none() -> None:
    kept = Kept()
    kept.feed(1.0, voiced=True)
    kept.feed(4.9)
    assert kept.replay() is Replay.ALL
    kept.feed(0.1)
    assert kept.replay() is Replay.NOTHING


def test_a_recognizer_that_takes_over_gets_what_no_final_covers() -> None:
    kept = Kept()
    kept.feed(5.0, voiced=True)
    kept.timeline.final_end = 3 * BYTES_PER_S
    assert kept.buffer.unsettled() == kept.audio[3 * BYTES_PER_S :]


def test_audio_is_kept_until_the_live_stream_has_got_it() -> None:
    kept = Kept()
    kept.feed(9.0, sent=False)
    assert kept.timeline.kept_from == 0
    assert kept.buffer.read(0, kept.timeline.fed) == kept.audio


def test_audio_that_nobody_needs_is_let_go_of_a_second_at_a_time() -> None:
    kept = Kept()
    kept.feed(2.9)
    assert kept.timeline.kept_from == 0
    kept.feed(0.1)
    assert kept.timeline.kept_from == BYTES_PER_S


@pytest.mark.parametrize("live", [True, False])
def test_no_more_is_kept_than_a_recognizer_could_catch_up_with(live: bool) -> None:
    kept = Kept(live=live)
    kept.feed(30.0, voiced=True)
    assert kept.timeline.kept_from == 10 * BYTES_PER_S


@given(
    st.lists(
        st.tuples(st.sampled_from([0.3, 1.0, 4.0]), st.booleans(), st.sampled_from(["", "final", "rewind"])), max_size=8
    )
)
def test_what_is_read_is_what_was_fed(happenings: list[tuple[float, bool, str]]) -> None:
    """However much was let go of, a position means the same audio."""
    kept = Kept()
    for seconds, voiced, then in happenings:
        kept.feed(seconds, voiced=voiced)
        if then == "final":
            kept.timeline.final_end = kept.timeline.fed
        if then == "rewind":
            kept.buffer.rewind()
        start = kept.timeline.kept_from
        assert kept.buffer.read(start, kept.timeline.fed) == kept.audio[start:]
