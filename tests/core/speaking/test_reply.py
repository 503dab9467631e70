import itertools

from hypothesis import given
from hypothesis import strategies as st

from media_service.core.actions import Synthesize
from media_service.core.speaking.reply import Reply

TEXT = "ראשון. שני. שלישי. רביעי. חמישי."


def test_at_most_two_sentences_are_synthesised_at_once() -> None:
    reply = Reply(1, itertools.count(1))

    assert reply.text(TEXT) == [Synthesize(1, "ראשון."), Synthesize(2, "שני.")]
    assert reply.synthesized(1, b"a") == ([("ראשון.", b"a")], [Synthesize(3, "שלישי.")])


def test_clips_come_out_in_order_whatever_order_they_are_done_in() -> None:
    reply = Reply(1, itertools.count(1))
    reply.text(TEXT)

    ready, _ = reply.synthesized(2, b"b")
    assert ready == []
    ready, _ = reply.synthesized(1, b"a")
    assert ready == [("ראשון.", b"a"), ("שני.", b"b")]


def test_a_sentence_that_could_not_be_synthesised_is_skipped() -> None:
    reply = Reply(1, itertools.count(1))
    reply.text("ראשון. שני.")
    reply.text_ended(False)

    assert reply.synthesized(1, b"") == ([], [])
    assert not reply.was_audible
    assert reply.synthesized(2, b"b") == ([("שני.", b"b")], [])
    assert reply.is_complete
    assert reply.was_audible


def test_a_reply_without_text_is_complete_and_was_not_heard() -> None:
    reply = Reply(1, itertools.count(1))
    assert not reply.is_complete
    assert reply.text_ended(True) == []
    assert reply.is_complete
    assert reply.ends_call
    assert not reply.was_audible


@given(st.randoms(), st.integers(1, 12))
def test_every_sentence_is_played_once_in_order(dice: object, count: int) -> None:
    import random

    assert isinstance(dice, random.Random)
    sentences = [f"משפט {number}." for number in range(count)]
    reply, played = Reply(1, itertools.count(1)), []
    waiting = [*reply.text(" ".join(sentences)), *reply.text_ended(False)]
    while waiting:
        assert len(waiting) <= 2
        done = waiting.pop(dice.randrange(len(waiting)))
        ready, more = reply.synthesized(done.clip, done.text.encode())
        played += [text for text, _ in ready]
        waiting += more

    assert played == sentences
    assert reply.is_complete
