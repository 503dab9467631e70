"""Utterances come out in the order in which they were spoken, unless that takes too long."""

import math

from hypothesis import given
from hypothesis import strategies as st

from media_service.core.recognition.recognition import RequestAnswered
from media_service.core.turns.utterance import Utterance
from media_service.core.turns.utterance_order import UtteranceOrder

ANSWERS = [RequestAnswered(f"caller-request-{number}", f"{number}") for number in range(5)]
SAID = [Utterance("caller", float(number), number + 0.5) for number in range(5)]


def waiting(*numbers: int) -> UtteranceOrder:
    """Requests under way for these utterances."""
    order = UtteranceOrder(1.5)
    for number in numbers:
        order.add(ANSWERS[number].request, SAID[number])
    return order


@given(st.permutations(range(5)))
def test_whatever_order_requests_are_answered_in_each_comes_out_in_its_turn(answered: list[int]) -> None:
    order = waiting(*range(5))
    out = [pair for number in answered for pair in order.answer(ANSWERS[number])]
    assert out == list(zip(SAID, ANSWERS, strict=True))
    assert not order


def test_the_first_answer_does_not_wait_for_those_after_it() -> None:
    order = waiting(0, 1)
    assert list(order.answer(ANSWERS[0])) == [(SAID[0], ANSWERS[0])]
    assert order


def test_an_answer_that_nobody_waits_for_lets_nothing_out() -> None:
    order = waiting(0, 1)
    assert list(order.answer(ANSWERS[4])) == []
    assert order.ended_at() == [0.5, 1.5]


def test_words_of_a_stream_wait_for_the_requests_before_them_and_for_none_after() -> None:
    order = waiting(0)
    order.hold(SAID[1], now=2.0)
    order.add(ANSWERS[2].request, SAID[2])
    assert order.holds(SAID[1])
    assert not order.holds(SAID[0]), "nobody has its words"
    assert list(order.answer(ANSWERS[0])) == [(SAID[0], ANSWERS[0]), (SAID[1], None)]
    assert not order.holds(SAID[1])
    assert order


def test_they_are_let_out_of_turn_when_it_takes_too_long() -> None:
    """Somebody waits for an answer. Requests still under way keep their place among themselves."""
    order = waiting(0, 1)
    assert order.overdue_at == math.inf
    order.hold(SAID[2], now=3.0)
    order.hold(SAID[3], now=4.0)
    assert order.overdue_at == 4.5, "by the one that has waited longest"
    assert order.release() == [SAID[2], SAID[3]]
    assert order.overdue_at == math.inf
    assert order.release() == []
    assert list(order.answer(ANSWERS[1])) == []
    assert list(order.answer(ANSWERS[0])) == [(SAID[0], ANSWERS[0]), (SAID[1], ANSWERS[1])]


def test_nothing_is_overdue_once_nothing_waits() -> None:
    order = waiting(0)
    order.hold(SAID[1], now=2.0)
    assert len(list(order.answer(ANSWERS[0]))) == 2
    assert order.overdue_at == math.inf
