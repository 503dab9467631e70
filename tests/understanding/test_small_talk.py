import pytest

from tests.understanding.hebrew import HEBREW
from understanding.said import Said
from understanding.small_talk import is_farewell, is_no_answer, says_something


@pytest.mark.parametrize("heard", ["", "אה", "הלו? הלו?", "אממ... כן", "הלו?כן", "...", "שלום"])
def test_hums_and_greetings_are_nothing_to_summarize(heard: str) -> None:
    assert not says_something(heard, HEBREW)


@pytest.mark.parametrize("heard", ["מזגן", "שלום, דנה", "לא עכשיו"])
def test_anything_else_is(heard: str) -> None:
    assert says_something(heard, HEBREW)


@pytest.mark.parametrize("text", ["ביי", "תודה ושלום", "טוב, להתראות", "יום טוב!"])
def test_a_farewell(text: str) -> None:
    assert is_farewell(text, HEBREW)


def test_a_word_that_only_contains_a_farewell_is_none() -> None:
    assert not is_farewell("אני צריכה בייביסיטר", HEBREW)


@pytest.mark.parametrize(("text", "empty"), [("כן, תודה", True), ("להתראות", True), ("כן, מחר", False)])
def test_courtesies_answer_nothing(text: str, empty: bool) -> None:
    assert is_no_answer(Said(text), HEBREW) is empty
