"""The soak runs find the audio of each stream in the call's, and so any gap between two streams."""

from __future__ import annotations

import random

from local.soak.audio_cover import Stretch, as_sent_on, cover, located

DICE = random.Random(1)
MULAW = bytes(DICE.choices(range(256), k=8_000))
TRACKS = {"outbound": as_sent_on(bytes(DICE.choices(range(256), k=8_000))), "inbound": as_sent_on(MULAW)}


def test_a_stretch_is_found_in_its_track_to_the_sample() -> None:
    assert located(TRACKS["inbound"][2_002:4_000], TRACKS) == Stretch("inbound", 1_001, 2_000)


def test_audio_that_was_never_sent_is_not_found() -> None:
    assert located(TRACKS["inbound"][:5_000] + TRACKS["inbound"][5_200:7_000], TRACKS) is None
    assert located(TRACKS["inbound"][1:5_001], TRACKS) is None, "half a sample off is other audio"


def test_silence_put_in_for_late_frames_is_no_other_audio() -> None:
    """It is told of as what the phone sent before and after it."""
    inbound = TRACKS["inbound"]

    assert located(inbound[:6_000] + bytes(2_000) + inbound[6_000:9_000], TRACKS) == Stretch("inbound", 0, 4_500)
    assert located(inbound[:6_000] + bytes(2_000) + inbound[7_000:9_000], TRACKS) is None, "some audio is missing"


def test_the_noise_of_the_line_may_be_silent_for_a_moment_itself() -> None:
    noise = as_sent_on(bytes(DICE.choices((0xFF, 0x7F, 0xFE, 0x7E), k=8_000)))
    for cut in range(8_000, 8_200, 2):
        tape = noise[:cut] + bytes(2_000) + noise[cut:]
        assert located(tape, {"inbound": noise}) == Stretch("inbound", 0, 8_000)


def test_a_stream_may_end_where_the_line_is_silent_for_a_moment() -> None:
    noise = as_sent_on(bytes(DICE.choices((0xFF, 0x7F, 0xFE, 0x7E), k=8_000)))
    for end in range(8_000, 8_200, 2):
        assert located(noise[:end], {"inbound": noise}) == Stretch("inbound", 0, end // 2)


def test_streams_that_join_or_overlap_leave_no_gap() -> None:
    whole = cover(
        [Stretch("inbound", 0, 3_000), Stretch("inbound", 2_000, 5_000), Stretch("inbound", 5_000, 8_000)], 8_000
    )

    assert whole.gaps_ms == (0.0, 0.0)
    assert whole.is_whole


def test_a_gap_between_streams_is_measured() -> None:
    broken = cover([Stretch("inbound", 0, 3_000), Stretch("inbound", 3_080, 8_000)], 8_000)

    assert broken.gaps_ms == (10.0,)
    assert not broken.is_whole


def test_audio_before_the_first_stream_and_after_the_last_is_missing_too() -> None:
    found = cover([Stretch("inbound", 8, 7_200)], 8_000)

    assert (found.before_first_ms, found.after_last_ms) == (1.0, 100.0)
    assert not found.is_whole
    assert not cover([Stretch("inbound", 0, 7_200)], 8_000).is_whole
    assert cover([Stretch("inbound", 0, 7_920)], 8_000).is_whole, "less than a batch, when the call was over"
    assert not cover([], 8_000).is_whole
