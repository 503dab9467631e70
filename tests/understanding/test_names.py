import pytest

from tests.understanding.hebrew import HEBREW
from understanding.names import name_in, name_stands_in
from understanding.said import Said


def name(text: str, *, asked: bool) -> str:
    found = name_in(Said(text), asked=asked, language=HEBREW)
    return found.value if found else ""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("קוראים לי דנה לוי", "דנה לוי"),
        ("שמי יוסי", "יוסי"),
        ("השם שלי הוא רון כהן", "רון כהן"),
        ("השם שלי זה רון.", "רון"),
        ("דנה", "דנה"),
        ("דנה לוי.", "דנה לוי"),
        ("אה, דנה לוי", "דנה לוי"),
        ("רונית לוי", "רונית לוי"),
        ("מדברת דנה מחברת שמש", "דנה"),
        ("אני משה", "משה"),
        ("זה יוסי", "יוסי"),
        ("קוראים לי דנה ואני צריכה מזגן", "דנה"),
        ("קוראים לי דנה, בבקשה", "דנה"),
        ("אני לא רוצה להגיד", ""),
        ("לא רוצה להגיד", ""),
        ("לא משנה", ""),
        ("אין צורך", ""),
        ("נכון מאוד", ""),
        ("כן", ""),
        ("להתראות", ""),
        ("0501234567", ""),
        ("למה אתם צריכים לדעת את זה עכשיו", ""),
        ("למה זה בכלל חשוב לכם לדעת", ""),
    ],
)
def test_answers_to_the_question_for_the_name(said: str, expected: str) -> None:
    assert name(said, asked=True) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("קוראים לי דנה", "דנה"),
        ("שלום, שמי יוסי כהן.", "יוסי כהן"),
        ("מדבר אבי, התקשרתי אתמול", "אבי"),
        ("השם שלי משה ואני צריך שרברב", "משה"),
        ("קוראים לי", ""),
        ("אני מדבר על המזגן", ""),
        ("דנה לוי", ""),
        ("זה יוסי", ""),
    ],
)
def test_a_name_that_nobody_asked_for_is_taken_where_it_is_announced(said: str, expected: str) -> None:
    assert name(said, asked=False) == expected


@pytest.mark.parametrize(
    ("quote", "value", "stands"),
    [
        ("קוראים לי דנה לוי", "דנה לוי", True),
        ("מדנה", "דנה", True),
        ("זה צה״ל", "צהל", True),
        ("קוראים לי דנה", "דנה לוי", False),
        ("", "דנה", False),
    ],
)
def test_a_name_is_proved_by_a_quote_that_holds_its_words(quote: str, value: str, stands: bool) -> None:
    assert name_stands_in(quote, value) is stands
