"""What a model claims is believed where the caller's words say so."""

import pytest

from functions.summarize.evidence import proves
from tests.understanding.hebrew import HEBREW


@pytest.mark.parametrize(
    ("name", "value", "quote"),
    [
        ("need", "הצעת מחיר להתקנת מזגן", "אני צריכה הצעת מחיר להתקנת מזגן"),
        ("need", "מזגן", "זה בקשר למזגן"),
        ("need", "המזגן", "יש לי מזגן מקולקל"),
        ("callback_time", "מחר בבוקר", "אולי מחר בבוקר"),
        ("callback_time", "ב-5", "בשעה חמש"),
        ("callback_time", "חמש", "ב 5"),
        ("name", "דנה לוי", "קוראים לי דנה לוי"),
        ("phone", "0527654321", "תחזרו ל 052-765-4321"),
        ("floor", "3", "קומה שלוש"),
        ("pet", "כלב", "יש לי כלב"),
    ],
)
def test_a_value_that_stands_in_its_quote_is_believed(name: str, value: str, quote: str) -> None:
    assert proves(quote, name, value, HEBREW)


@pytest.mark.parametrize(
    ("name", "value", "quote"),
    [
        ("need", "להעביר כסף לחשבון", "אני צריכה הצעת מחיר"),
        ("need", "הצעת מחיר דחופה", "אני צריכה הצעת מחיר"),
        ("need", "", "אני צריכה הצעת מחיר"),
        ("callback_time", "מחר בשש", "מחר בחמש"),
        ("callback_time", "עכשיו", "מתי שנוח לכם"),
        ("name", "משה", "קוראים לי דנה לוי"),
        ("name", "05", "קוראים לי 05"),
        ("phone", "0521111111", "תחזרו ל 052-765-4321"),
        ("floor", "4", "קומה שלוש"),
    ],
)
def test_a_value_that_does_not_is_left_out_whatever_it_is_for(name: str, value: str, quote: str) -> None:
    assert not proves(quote, name, value, HEBREW)
