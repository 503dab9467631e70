import pytest

from tests.understanding.hebrew import HEBREW
from understanding.numbers import phone_in, phone_stands_in, spoken_number
from understanding.said import Answer, Said

CALLED_FROM = "+972501234567"


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("0501234567", "0501234567"),
        ("המספר שלי 050-1234567.", "0501234567"),
        ("050 123 45 67", "0501234567"),
        ("אפס חמש אפס אחת שתיים שלוש ארבע חמש שש שבע", "0501234567"),
        ("אפס חמש אפס, אחת שתיים שלוש, ארבע חמש ושש ושבע", "0501234567"),
        ("03-9876543", "039876543"),
        ("+972501234567", "+972501234567"),
        ("אפשר ב 0501234567 אחרי 5", "0501234567"),
        ("בשעה 5", ""),
        ("יש לי 3 ילדים ו 2 מזגנים", ""),
        ("", ""),
    ],
)
def test_ways_to_give_a_number(said: str, number: str) -> None:
    assert spoken_number(said, HEBREW.digits) == number


@pytest.mark.parametrize(
    ("said", "asked", "caller_number", "expected"),
    [
        ("כן", True, CALLED_FROM, Answer(CALLED_FROM, confirmed=True)),
        ("כן, למספר 052-7654321", True, CALLED_FROM, Answer("0527654321", confirmed=True)),
        ("052-7654321", False, CALLED_FROM, Answer("0527654321", confirmed=True)),
        ("לא", True, CALLED_FROM, None),
        ("כן", False, CALLED_FROM, None),
        ("כן", True, "", None),
    ],
)
def test_a_yes_means_the_number_that_called(
    said: str, asked: bool, caller_number: str, expected: Answer | None
) -> None:
    assert phone_in(Said(said, caller_number=caller_number), asked=asked, language=HEBREW) == expected


@pytest.mark.parametrize(
    ("quote", "value", "stands"),
    [
        ("המספר 050-1234567", "0501234567", True),
        ("המספר 050-1234567", "+972501234567", True),
        ("המספר 050-1234568", "0501234567", False),
        ("1", "1", False),
        ("", "", False),
    ],
)
def test_a_number_is_proved_by_a_quote_that_holds_its_digits(quote: str, value: str, stands: bool) -> None:
    assert phone_stands_in(quote, value) is stands
