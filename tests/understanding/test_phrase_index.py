from understanding.phrase_index import PhraseIndex

INDEX = PhraseIndex([("no",), ("no", "problem"), ("at", "all")])


def test_the_longest_phrase_that_fits_counts() -> None:
    assert INDEX.at_start(["no", "problem", "here"]) == 2
    assert INDEX.at_start(["no", "thanks"]) == 1
    assert INDEX.at_start(["well", "no"]) == 0
    assert INDEX.at_start(["well", "no"], 1) == 1
    assert INDEX.at_start([]) == 0


def test_at_the_end_and_in_between() -> None:
    assert INDEX.at_end(["it", "is", "no", "problem"]) == 2
    assert INDEX.at_end(["no", "way"]) == 0
    assert INDEX.is_in(["it", "is", "no", "way"])
    assert not INDEX.is_in(["at", "most"])
    assert ("at", "all") in INDEX


def test_phrases_at_the_beginning_are_taken_off() -> None:
    assert INDEX.after_leading(["no", "at", "all", "sir"]) == ["sir"]
    assert INDEX.after_leading(["no", "problem"]) == []
