import pytest

from tests.understanding.hebrew import HEBREW
from understanding.needs import text_in, wants_person, without_opening
from understanding.said import Said


@pytest.mark.parametrize(
    ("said", "need"),
    [
        ("שלום, אני צריכה הצעת מחיר להתקנת מזגן", "אני צריכה הצעת מחיר להתקנת מזגן"),
        ("תיקון דוד שמש.", "תיקון דוד שמש"),
        ("כן", None),
        ("שלום", None),
        ("תודה, להתראות", None),
        ("", None),
        ("...", None),
    ],
)
def test_the_need_is_what_was_said_without_its_greeting(said: str, need: str | None) -> None:
    found = text_in(Said(said), asked=True, language=HEBREW)
    assert (found.value if found else None) == need


def test_what_answers_another_question_is_no_need() -> None:
    assert text_in(Said("תיקון דוד שמש"), asked=False, language=HEBREW) is None


@pytest.mark.parametrize(
    ("need", "inside"),
    [
        ("היי, בוקר טוב, אני מחפשת טכנאי למקרר", "טכנאי למקרר"),
        ("אני צריכה הצעת מחיר", "הצעת מחיר"),
        ("תיקון", "תיקון"),
        ("אני רוצה", ""),
    ],
)
def test_inside_a_sentence_of_ours_a_need_has_no_opening(need: str, inside: str) -> None:
    assert without_opening(need, HEBREW) == inside


@pytest.mark.parametrize(("said", "wanted"), [("אני רוצה לדבר עם נציג", True), ("נציגה!", True), ("מזגן", False)])
def test_the_wish_for_a_person(said: str, wanted: bool) -> None:
    assert wants_person(said, HEBREW) is wanted
