"""The demonstration reads from top to bottom, whoever told first."""

from __future__ import annotations

from local.narration import Row, Who
from local.row_order import RowOrder


def row(at: float, text: str = "") -> Row:
    return Row(at, Who.PHONE, text)


def test_a_row_is_shown_once_nothing_earlier_can_come() -> None:
    order = RowOrder()
    order.add([row(5.0)])
    assert order.due(5.2) == []
    order.add([row(4.9)])
    assert order.due(5.4) == [row(4.9), row(5.0)]
    assert order.due(9.0) == []


def test_rows_wait_for_the_words_that_the_assistant_began_with_before_them() -> None:
    """Seen: the assistant's line of 10.7 s stood below that of 12.2 s, at which it was interrupted."""
    order = RowOrder()
    order.assistant_began(10.8)
    order.add([row(10.6, "before"), row(11.7, "the caller talks over the assistant")])
    assert order.due(12.0) == [row(10.6, "before")]
    order.assistant_ended(12.2)
    order.add([row(12.2, "the assistant falls silent")])
    assert order.due(13.0) == []

    order.words_known(10.7, 12.1)
    order.add([row(10.7, "רשמתי")])

    assert [each.text for each in order.due(13.1)] == [
        "רשמתי",
        "the caller talks over the assistant",
        "the assistant falls silent",
    ]


def test_an_utterance_with_pauses_is_several_stretches_and_known_at_once() -> None:
    order = RowOrder()
    for began, ended in ((1.0, 2.0), (2.5, 4.0)):
        order.assistant_began(began)
        order.assistant_ended(ended)
    order.add([row(4.5)])
    order.words_known(0.9, 4.0)
    assert order.due(5.0) == [row(4.5)]


def test_words_that_are_never_stored_hold_nothing_for_ever() -> None:
    order = RowOrder()
    order.assistant_began(1.0)
    order.add([row(2.5)])
    assert order.due(60.0) == []  # it is still speaking
    order.assistant_ended(60.0)
    assert order.due(63.9) == []
    assert order.due(64.1) == [row(2.5)]


def test_what_comes_too_late_says_when_it_was() -> None:
    order = RowOrder()
    order.add([row(12.2)])
    order.due(13.0)
    order.add([row(10.7, "רשמתי")])
    assert order.due(20.0) == [row(12.2, "רשמתי (at 10.7 s)")]


def test_a_moment_between_two_clocks_is_no_delay() -> None:
    order = RowOrder()
    order.assistant_began(0.12)
    order.add([row(0.11, "media stream opened")])
    order.due(1.0)
    order.add([row(0.08, "שלום")])
    order.words_known(0.08, 5.0)
    assert order.due(7.0) == [row(0.11, "שלום")]


def test_at_the_end_everything_is_shown() -> None:
    order = RowOrder()
    order.assistant_began(1.0)
    order.add([row(3.0), row(2.0)])
    assert order.rest() == [row(2.0), row(3.0)]
    assert order.rest() == []
