from understanding.phrases import PhraseSet, consist_of, end_before, joined, start_after

DAY = PhraseSet([("good",), ("good", "day"), ("day", "to", "you")])
THANKS = PhraseSet([("thanks",)])


def test_the_longest_phrase_that_stands_at_a_place() -> None:
    assert DAY.length_at(["good", "day", "sir"], 0) == 2
    assert DAY.lengths_at(["good", "day"], 0) == [2, 1]
    assert DAY.length_at(["good"], 1) == 0
    assert DAY.length_before(["a", "good", "day"], 3) == 2


def test_a_word_is_in_a_set_only_where_it_is_a_whole_phrase() -> None:
    assert "good" in DAY
    assert "day" not in DAY


def test_a_sentence_may_consist_of_phrases_also_where_the_longest_first_would_not_fit() -> None:
    assert consist_of(["good", "day", "to", "you", "thanks"], DAY, THANKS)
    assert not consist_of(["good", "night"], DAY, THANKS)
    assert consist_of([], DAY)


def test_what_stands_around_a_sentence() -> None:
    words = ["good", "day", "sir", "thanks", "thanks"]
    assert start_after(words, DAY) == 2
    assert end_before(words, THANKS) == 3


def test_sets_that_are_joined_have_the_phrases_of_all_and_are_made_once() -> None:
    both = joined(DAY, THANKS)
    assert [both.length_at(["thanks", "good", "day"], place) for place in range(3)] == [1, 2, 0]
    assert joined(DAY, THANKS) is both
    assert joined(DAY) is DAY


def test_the_longest_phrase_that_ends_at_a_place() -> None:
    words = ["a", "good", "day", "to", "you"]
    assert [DAY.length_before(words, end) for end in range(6)] == [0, 0, 1, 2, 0, 3]
