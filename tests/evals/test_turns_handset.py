"""The caller's telephone: what is heard when, and which marks come back. Time is virtual."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest

from evals import virtual_clock
from evals.turns.assistant import clip_of
from evals.turns.handset import Handset

CLIP = clip_of("הטכנאי מגיע אליכם הביתה")
LENGTH_S = len(CLIP.audio) / 8000


class Played:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time()
        self.echoes: list[tuple[float, str]] = []
        self.handset = Handset([CLIP], np.random.default_rng(1), lambda name: self.echoes.append((self.now, name)))

    @property
    def now(self) -> float:
        return self.loop.time() - self.began


def play(*steps: tuple[float, Callable[[Handset], None]]) -> Played:
    async def scenario() -> Played:
        played = Played()
        for at, step in steps:
            await asyncio.sleep(played.began + at - played.loop.time())
            step(played.handset)
        await asyncio.sleep(10.0)
        return played

    return virtual_clock.run(scenario())


def send(handset: Handset) -> None:
    handset.play(CLIP.audio)
    handset.mark("1")


def test_audio_is_heard_some_time_after_it_was_sent_and_its_mark_comes_back_when_it_was() -> None:
    played = play((0.0, send))
    (piece,) = played.handset.heard
    ((echoed_at, name),) = played.echoes

    assert 0.03 < piece.start - played.began < 0.1
    assert piece.end - piece.start == pytest.approx(LENGTH_S)
    assert name == "1"
    assert 0.03 < echoed_at - (piece.end - played.began) < 0.1


def test_a_clear_drops_what_was_not_heard_and_returns_its_marks_at_once() -> None:
    played = play((0.0, send), (0.6, Handset.clear))
    (piece,) = played.handset.heard
    ((echoed_at, _),) = played.echoes

    assert 0.6 < piece.end - played.began < 0.75
    assert echoed_at < 0.85
    assert played.handset.is_silent(played.began + 1.0)


def test_it_tells_which_words_were_heard_of_what_was_cut_short_and_of_what_was_resumed() -> None:
    half = int(CLIP.ends_s[1] * 8000)
    played = play(
        (0.0, send),
        (CLIP.ends_s[1], Handset.clear),
        (2.0, lambda handset: handset.play(CLIP.audio[half:])),
    )
    first, second = played.handset.heard

    assert [word for _, word, _ in first.words] == ["הטכנאי", "מגיע"]
    assert [word for _, word, _ in second.words] == ["אליכם", "הביתה"]
    assert second.offset_s == pytest.approx(CLIP.ends_s[1], abs=0.001)


def test_two_pieces_are_heard_one_after_the_other() -> None:
    played = play((0.0, lambda handset: handset.play(CLIP.audio[:8000])), (0.0, lambda h: h.play(CLIP.audio[8000:])))
    first, second = played.handset.heard

    assert second.start == first.end
    assert second.offset_s == 1.0


def test_a_sound_that_was_not_synthesized_is_heard_and_not_known() -> None:
    (piece,) = play((0.0, lambda handset: handset.play(b"\xff" * 800))).handset.heard

    assert piece.clip is None
    assert piece.words == []
