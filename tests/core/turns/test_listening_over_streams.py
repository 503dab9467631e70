"""Whatever the recognition streams do, what the caller said comes out once, whole and in order."""

from dataclasses import replace

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from media_service.core.recognition.stream_settings import StreamSettings
from media_service.core.turns.endpointing import EndpointingSettings
from media_service.core.turns.listening import ListeningSettings
from media_service.core.vad.audio import BYTES_PER_S
from tests.core.recognizer_model import VOCABULARY, Fate, Line, silence, spoken

# Five minutes in seven seconds, so that a short call sees several rotations.
QUICK = ListeningSettings(
    endpointing=EndpointingSettings(),
    streams=StreamSettings(
        look_for_pause_after_s=4.0, rotate_after_s=7.0, stall_s=1.5, open_timeout_s=0.8, retry_streaming_after_s=4.0
    ),
)

# A whole call is too much to shrink; a failing one is printed as it is.
whole_calls = settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))

utterances = st.lists(
    st.tuples(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6), st.floats(0.3, 3.0)),
    min_size=1,
    max_size=5,
)
NEVER_ROTATES = replace(QUICK, streams=replace(QUICK.streams, look_for_pause_after_s=200.0, rotate_after_s=250.0))

# Enough speech not to be taken for a cough.
sentences = st.lists(
    st.tuples(st.lists(st.sampled_from(VOCABULARY), min_size=3, max_size=6), st.floats(2.5, 4.0)),
    min_size=1,
    max_size=4,
)
opening = st.floats(0.02, 0.6)
twice = st.builds(Fate, opens_after_s=opening, says_finals=st.just(2), breaks_after_s=st.none() | st.floats(0.0, 8.0))
refused = st.builds(Fate, opens_after_s=opening, refused=st.just(True))
silent_server = st.just(Fate(opens_after_s=None))
breaking = st.builds(
    Fate,
    opens_after_s=opening,
    breaks_after_results=st.none() | st.integers(0, 6),
    breaks_after_s=st.none() | st.floats(0.0, 8.0),
)
fate = refused | silent_server | breaking | twice
fates = st.lists(fate, max_size=8)
chunkings = st.lists(st.integers(1, 1_000), min_size=1, max_size=4)


def call_of(script: list[tuple[list[str], float]]) -> bytes:
    audio = silence(0.5, seed=1)
    for number, (words, pause_s) in enumerate(script):
        audio += spoken(words, seed=number) + silence(pause_s, seed=1_000 + number)
    return audio


def said(script: list[tuple[list[str], float]]) -> list[str]:
    return [word for words, _ in script for word in words]


@whole_calls
@given(utterances, fates, chunkings, st.sampled_from([1, 2, 1_000]))
def test_every_word_comes_out_once_and_in_order_whatever_streams_do(
    script: list[tuple[list[str], float]], plan: list[Fate], chunks: list[int], words_per_final: int
) -> None:
    line = Line(QUICK, plan, chunks, words_per_final=words_per_final)
    line.run(call_of(script) + silence(15.0, seed=5))
    line.hang_up()

    assert line.words == said(script)


@whole_calls
@given(sentences, st.integers(0, 3), chunkings)
def test_a_stream_that_goes_mute_in_a_pause_costs_no_words(
    script: list[tuple[list[str], float]], sentences_before: int, chunks: list[int]
) -> None:
    heard_s = len(call_of(script[:sentences_before])) / BYTES_PER_S
    line = Line(NEVER_ROTATES, [Fate(mute_after_s=heard_s - 0.5)], chunks)
    line.run(call_of(script) + silence(15.0, seed=5))
    line.hang_up()

    assert line.words == said(script)


@whole_calls
@given(utterances, st.lists(fate, max_size=2), chunkings)
def test_each_stream_gets_one_unbroken_stretch_of_the_call_in_small_pieces(
    script: list[tuple[list[str], float]], plan: list[Fate], chunks: list[int]
) -> None:
    line = Line(QUICK, plan, chunks)
    line.run(call_of(script) + silence(15.0, seed=5))

    for stream in line.streams.values():
        assert bytes(stream.ears.heard) in bytes(line.fed)
        assert all(size <= 6_400 for size in stream.sizes)
    newest = bytes(line.fed)[-4_000:-2_000]
    assert newest in bytes(line.live.ears.heard), "the live stream gets every frame"
    line.hang_up()


@whole_calls
@given(utterances, fates, chunkings)
def test_words_said_right_before_the_caller_hangs_up_are_not_lost(
    script: list[tuple[list[str], float]], plan: list[Fate], chunks: list[int]
) -> None:
    line = Line(QUICK, plan, [160])
    line.run(call_of(script))
    line.hang_up()

    assert line.words == said(script)


def test_hanging_up_on_a_stream_that_fell_silent_loses_nothing() -> None:
    """It will never say the last words, nor that it cannot; nobody waits for long once the caller is gone."""
    line = Line(NEVER_ROTATES, [Fate(mute_after_s=1.5)])
    words = list(VOCABULARY[:8])

    line.run(silence(0.5) + spoken(words) + silence(0.6, seed=2))
    line.hang_up()

    assert line.words == words
    assert len(line.requests) == 1


def test_hanging_up_on_a_stream_that_gives_its_last_words_asks_nobody_else() -> None:
    line = Line(NEVER_ROTATES)

    line.run(silence(0.5) + spoken(VOCABULARY[:8]))
    line.hang_up()

    assert line.words == list(VOCABULARY[:8])
    assert line.requests == []


def test_finals_that_are_sent_twice_count_once() -> None:
    """Which words they repeat is told by where they end in the audio: somebody may well say "yes" twice."""
    line = Line(NEVER_ROTATES, [Fate(says_finals=2)])
    words = [*VOCABULARY[:3], VOCABULARY[2], VOCABULARY[2]]

    line.run(silence(0.5))
    for number, word in enumerate(words):
        line.run(spoken([word], word_s=0.5) + silence(1.2, seed=number))
    line.hang_up()

    assert line.words == words


# Somebody who hardly pauses: an utterance ends before the recognizer has said anything final of the one before it.
fluent = st.lists(
    st.tuples(st.lists(st.sampled_from(VOCABULARY), min_size=2, max_size=8), st.floats(0.25, 0.5)),
    min_size=6,
    max_size=14,
)


@settings(whole_calls, max_examples=15)
@given(fluent, st.floats(0.1, 0.6), st.sampled_from([2, 5, 1_000]))
def test_a_renewal_amid_fluent_speech_costs_and_doubles_no_word(
    script: list[tuple[list[str], float]], lag_s: float, words_per_final: int
) -> None:
    line = Line(QUICK, result_lag_s=lag_s, words_per_final=words_per_final)
    line.run(call_of(script) + silence(5.0, seed=5))
    line.hang_up()

    assert line.words == said(script)


@settings(whole_calls, max_examples=20)
@given(sentences, st.floats(0.6, 12.0), st.floats(0.1, 0.4))
def test_a_stream_that_goes_mute_in_mid_sentence_costs_no_words(
    script: list[tuple[list[str], float]], mute_after_s: float, lag_s: float
) -> None:
    """The sentence was answered without its end; that end is not given up for words already written down."""
    line = Line(NEVER_ROTATES, [Fate(mute_after_s=mute_after_s)], result_lag_s=lag_s)
    line.run(call_of(script) + silence(15.0, seed=5))
    line.hang_up()

    assert line.words == said(script)
