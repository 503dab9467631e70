"""The simulated recognizer: how late, in which order, and what it does not know. Time is virtual."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from evals import virtual_clock
from evals.turns.items import Hearing, Phantom
from evals.turns.line import Line, SaidWord
from evals.turns.recognizer import Lags, SimulatedRecognizer
from media_service.core.events import RecognitionResult
from media_service.core.vad.audio import FRAME_S

Got = list[tuple[float, RecognitionResult]]
USUAL = Lags()
NOTHING_SPECIAL = Hearing()


def hear(
    words: Sequence[SaidWord],
    seconds: float,
    lags: Lags = USUAL,
    hearing: Hearing = NOTHING_SPECIAL,
    phantom: Phantom | None = None,
    left_out: range = range(0),
) -> Got:
    """All results of a stream that gets the line as it comes, with the time of each."""

    async def scenario() -> Got:
        loop = asyncio.get_running_loop()
        line = Line(np.random.default_rng(3))
        for word in words:
            line.say(word)
        recognizer = SimulatedRecognizer(line, lags, hearing, np.random.default_rng(5), lambda: None)
        stream = await recognizer.open_stream()
        began = loop.time()
        got: Got = []

        async def read() -> None:
            async for result in stream:
                got.append((loop.time() - began, result))

        reading = asyncio.create_task(read())
        for number in range(round(seconds / FRAME_S)):
            await asyncio.sleep(FRAME_S)
            if number not in left_out:
                stream.send(line.frame(number))
            if phantom is not None and number == round(phantom.at_s / FRAME_S):
                recognizer.invent(phantom)
        reading.cancel()
        await asyncio.wait([reading])
        return got

    return virtual_clock.run(scenario())


def said(text: str, start: float, word_s: float = 0.3) -> list[SaidWord]:
    return [
        SaidWord(word, start + place * word_s, start + (place + 1) * word_s, 0.9)
        for place, word in enumerate(text.split())
    ]


def finals(got: Got) -> list[tuple[float, str]]:
    return [(at, result.text) for at, result in got if result.is_final]


def interims(got: Got) -> list[tuple[float, str]]:
    return [(at, result.text) for at, result in got if not result.is_final]


@pytest.mark.parametrize("interim_s", [0.1, 0.3, 0.5])
def test_a_word_appears_as_far_behind_the_voice_as_asked_for(interim_s: float) -> None:
    got = interims(hear(said("אני צריך טכנאי היום", 1.0), 5.0, Lags(interim_s, 2.0)))
    first_of = {text.split()[-1]: at for at, text in reversed(got)}

    for place, word in enumerate(["אני", "צריך"]):
        end = 1.3 + place * 0.3
        assert end - 0.1 + 0.8 * interim_s <= first_of[word] <= end + 1.2 * interim_s + 0.35


@pytest.mark.parametrize("final_s", [0.35, 0.9, 2.0])
def test_a_final_follows_the_voice_at_the_time_asked_for(final_s: float) -> None:
    ((at, text),) = finals(hear(said("אני צריך טכנאי", 1.0), 6.0, Lags(0.1, final_s)))

    assert text == "אני צריך טכנאי"
    assert 0.79 * final_s <= at - 1.9 <= 1.21 * final_s + 0.05


def test_results_say_how_far_they_have_got_in_steps_of_a_tenth_of_a_second() -> None:
    got = hear(said("אני צריך טכנאי", 1.0), 4.0)
    ends = [result.end_s for _, result in got if not result.is_final]

    assert ends == sorted(ends, key=lambda end: end or 0.0)
    assert all(end is not None and round(end * 10) == pytest.approx(end * 10) for end in ends)
    assert all(end is not None and end <= at for (at, result), end in zip(got, ends, strict=False))


def test_a_pause_begins_another_segment() -> None:
    got = finals(hear([*said("קוראים לי", 1.0), *said("דנה לוי", 3.0)], 6.0))

    assert [text for _, text in got] == ["קוראים לי", "דנה לוי"]


def test_a_long_word_does_not_end_the_segment_before_it_has_ended() -> None:
    got = finals(hear([*said("הרב", 1.0), SaidWord("אנציקלופדיה", 1.3, 2.6, 0.9)], 5.0))

    assert [text for _, text in got] == ["הרב אנציקלופדיה"]


def test_interims_that_never_become_final() -> None:
    got = hear([*said("כן", 1.0), *said("לא", 4.0)], 7.0, hearing=Hearing(finals="never"))

    assert finals(got) == []
    assert {text for _, text in interims(got)} == {"כן", "לא"}


def test_finals_without_text() -> None:
    assert [text for _, text in finals(hear(said("כן", 1.0), 4.0, hearing=Hearing(finals="empty")))] == [""]


def test_words_that_only_the_final_has() -> None:
    got = hear(said("הרצל שבע חולון", 1.0), 4.0, hearing=Hearing(late_words=1))

    assert not any("חולון" in text for _, text in interims(got))
    assert [text for _, text in finals(got)] == ["הרצל שבע חולון"]


def test_words_that_the_final_changes() -> None:
    got = hear(said("דנה לוי", 1.0), 4.0, hearing=Hearing(changed={"לוי": "הלוי"}))

    assert any(text == "דנה לוי" for _, text in interims(got))
    assert [text for _, text in finals(got)] == ["דנה הלוי"]


@pytest.mark.parametrize(("interims_are", "most"), [("usual", 30), ("sparse", 3), ("none", 0)])
def test_interims_may_be_rare_or_missing(interims_are: str, most: int) -> None:
    got = hear(said("אני צריך טכנאי היום אחרי שעה ארבע", 1.0), 6.0, hearing=Hearing(interims=interims_are))

    assert len(interims(got)) <= most
    assert interims_are != "usual" or len(interims(got)) > 6
    assert len(finals(got)) == 1


def test_a_result_that_nobody_s_words_are_behind() -> None:
    got = hear([], 3.0, phantom=Phantom("כן", 1.0, 0.2))

    assert [(result.text, result.confidence) for _, result in got] == [("כן", 0.2)]


def test_a_word_of_which_it_was_not_sent_the_greater_part_it_does_not_know() -> None:
    words = said("אני צריך טכנאי", 1.0)
    got = finals(hear(words, 4.0, left_out=range(65, 76)))

    assert [text for _, text in got] == ["אני טכנאי"]
