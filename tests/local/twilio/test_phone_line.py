"""The playing buffer: what the caller hears, when marks come back, what `clear` drops."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.twilio.line import Line, Speech, Spell
from local.twilio.spell_watch import SpellWatch

LOUD = bytes([0x10]) * 160
QUIET = bytes([0xFF]) * 160


def _times(line: Line) -> list[float]:
    return [at for spell in line.spells for at in (spell.started_at, spell.ended_at)]


def test_audio_is_heard_in_order_at_playing_speed_however_fast_it_came() -> None:
    line = Line()
    line.play(LOUD * 50, now=10.0)
    line.play(QUIET * 25, now=10.1)

    assert [piece.at for piece in line.pieces] == [10.0, 11.0]
    assert line.ahead_s(10.5) == pytest.approx(1.0)
    assert line.ahead_s(11.5) == pytest.approx(0.0)


def test_audio_after_an_empty_buffer_is_heard_at_once() -> None:
    line = Line()
    line.play(LOUD, now=1.0)
    line.play(LOUD, now=5.0)

    assert line.pieces[-1].at == 5.0


def test_a_mark_comes_back_when_the_audio_before_it_was_heard_and_only_once() -> None:
    line = Line()
    line.play(LOUD * 50, now=0.0)
    line.mark("one", now=0.1)
    line.play(LOUD * 50, now=0.1)
    line.mark("two", now=0.1)

    assert line.reached(0.99) == []
    assert line.reached(1.0) == ["one"]
    assert line.reached(1.5) == []
    assert line.reached(2.0) == ["two"]


def test_a_mark_comes_back_at_once_when_nothing_is_buffered() -> None:
    line = Line()
    line.mark("early", now=3.0)
    assert line.reached(3.0) == ["early"]


def test_clear_returns_all_pending_marks_and_what_follows_is_heard_at_once() -> None:
    line = Line()
    line.play(LOUD * 100, now=0.0)
    line.mark("one", now=0.0)
    line.play(LOUD * 100, now=0.0)
    line.mark("two", now=0.0)

    assert line.clear(now=0.5) == ["one", "two"]
    assert line.reached(9.0) == []
    assert sum(len(piece.audio) for piece in line.pieces) == 4000
    line.play(LOUD, now=0.6)
    assert line.pieces[-1].at == 0.6


def test_a_sentence_pause_stays_one_spell_and_a_longer_silence_begins_another() -> None:
    line = Line()
    line.play(LOUD * 10 + QUIET * 10 + LOUD * 10 + QUIET * 20 + LOUD * 10, now=0.0)

    assert _times(line) == pytest.approx([0.0, 0.6, 1.0, 1.2])


def test_clear_ends_the_spell_and_the_next_sound_is_a_new_one_however_soon() -> None:
    line = Line()
    line.play(LOUD * 100, now=0.0)
    line.clear(now=0.5)
    line.play(LOUD * 10, now=0.55)

    assert _times(line) == pytest.approx([0.0, 0.5, 0.55, 0.75])


def test_speech_is_on_while_more_of_it_is_buffered() -> None:
    line = Line()
    assert line.speech(0.0) == Speech(None, None)
    line.play(QUIET * 50 + LOUD * 50, now=0.0)

    assert not line.speech(0.5).is_on, "its beginning has not been heard yet"
    assert line.speech(1.5).is_on
    after = line.speech(2.5)
    assert not after.is_on
    assert after.started_at == pytest.approx(1.0)
    assert after.quiet_since == pytest.approx(2.0)


def test_a_spell_is_reported_ended_once_its_gap_is_too_long_for_a_pause() -> None:
    watch = SpellWatch()
    spells = [Spell(1.0, 2.0)]

    assert watch.changes(spells, 0.9) == []
    assert [(c.at, c.is_on) for c in watch.changes(spells, 1.1)] == [(1.0, True)]
    assert watch.changes(spells, 2.2) == []
    spells.append(Spell(5.0, 6.0))
    assert [(c.at, c.is_on) for c in watch.changes(spells, 5.1)] == [(2.0, False), (5.0, True)]
    assert [(c.at, c.is_on) for c in watch.changes(spells, float("inf"))] == [(6.0, False)]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("play"), st.integers(0, 4000)),
            st.tuples(st.just("mark"), st.just(0)),
            st.tuples(st.just("clear"), st.just(0)),
            st.tuples(st.just("wait"), st.integers(0, 1000)),
        ),
        max_size=40,
    )
)
def test_every_mark_comes_back_exactly_once_in_order_and_pieces_never_overlap(steps: list[tuple[str, int]]) -> None:
    line, now, back, marks = Line(), 0.0, list[str](), 0
    for what, amount in steps:
        if what == "play":
            line.play(LOUD[:1] * amount, now)
        elif what == "mark":
            line.mark(str(marks), now)
            marks += 1
        elif what == "clear":
            back += line.clear(now)
        else:
            now += amount / 1000
            back += line.reached(now)
    back += line.reached(now + 1000.0)

    assert back == [str(n) for n in range(marks)]
    for before, after in zip(line.pieces, line.pieces[1:], strict=False):
        assert before.at + len(before.audio) / 8000 <= after.at + 1e-4
