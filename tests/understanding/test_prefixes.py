from understanding.phrases import PhraseSet
from understanding.prefixes import length_with_prefix, stems, without_prefix


def test_at_most_two_letters_are_taken_off() -> None:
    assert list(stems("ולנציג")) == ["ולנציג", "לנציג", "נציג"]
    assert list(stems("דנה")) == ["דנה"]
    assert list(stems("ל")) == ["ל"]
    assert without_prefix("המזגן") == "מזגן"


def test_a_phrase_is_found_whatever_stands_before_its_first_word() -> None:
    people = PhraseSet([("בן", "אדם"), ("נציג",)])
    assert length_with_prefix(people, ["עם", "לבן", "אדם"], 1) == 2
    assert length_with_prefix(people, ["שנציג"], 0) == 1
    assert length_with_prefix(people, ["נציג"], 1) == 0
