"""The soak runs count lost, doubled and foreign words, however the words were cut into utterances."""

from __future__ import annotations

from local.soak.word_count import Total, difference

SAID = ["קוראים לי דנה לוי", "כן", "מחר בבוקר"]


def test_only_words_and_their_order_count() -> None:
    assert difference(SAID, ["קוראים לי דנה לוי. כן,", "מחר", "בבוקר?"]).is_none


def test_a_missing_word_is_lost() -> None:
    assert difference(SAID, ["קוראים לי לוי", "כן", "מחר בבוקר"]).lost == ("דנה",)


def test_a_repeated_word_is_doubled() -> None:
    assert difference(SAID, ["קוראים לי דנה לוי", "כן", "כן", "מחר בבוקר"]).doubled == ("כן",)


def test_a_word_of_somebody_else_is_foreign() -> None:
    assert difference(SAID, [*SAID, "מזגן"]).foreign == ("מזגן",)


def test_words_in_the_wrong_order_are_not_the_same() -> None:
    assert not difference(SAID, ["כן", "קוראים לי דנה לוי", "מחר בבוקר"]).is_none


def test_nothing_said_proves_nothing() -> None:
    total = Total()
    assert not total.is_clean
    total.add(difference(SAID, SAID))
    assert total.is_clean
    total.add(difference(SAID, SAID[:2]))
    assert (total.lost, total.is_clean) == (2, False)
