"""Grammar by inversion: what a library spells in Hebrew must come back as the number."""

import pytest
from hebrew_num2words import cardinal

from tests.understanding.hebrew import HEBREW
from understanding.digit_runs import read_runs, variants
from understanding.number_words import number_word
from understanding.numbers import read_number
from understanding.said import Said


def _first_reading(text: str) -> list[list[str]]:
    return [next(variants(run)) for run in read_runs([text], HEBREW)]


@pytest.mark.parametrize("gender", ["m", "f"])
def test_every_number_that_is_spelled_is_read(gender: str) -> None:
    """0 to 9999, without an exception, alone and with what may be written together with it."""
    for number in range(10_000):
        spelled = cardinal(number, gender)
        assert _first_reading(spelled) == [[str(number)]], spelled
        assert read_number(Said(f"אז יש שם {spelled}, תודה"), HEBREW).number == str(number), spelled


@pytest.mark.parametrize("gender", ["m", "f"])
def test_forms_before_a_noun_are_counted(gender: str) -> None:
    for number in range(1, 11):
        spelled = cardinal(number, gender, construct=True)
        assert read_number(Said(f"{spelled} חדרים"), HEBREW).number == str(number), spelled


def test_thousands_above_ten_are_read() -> None:
    for number in (11_000, 12_345, 76_054, 100_000, 123_456):
        assert read_number(Said(cardinal(number, "m")), HEBREW).number == str(number)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("אפס חמישים וארבע", ["0", "54"]),
        ("מאה עשרים ושלוש", ["123"]),
        ("שבעים ושש", ["76"]),
        ("חמשים ושמנה", ["58"]),
        ("ששים ואחת", ["61"]),
        ("שלוש מאות חמש", ["305"]),
        ("שבע מאות חמש מאות", ["700", "500"]),
        ("שמונים ושש עשר", ["86", "10"]),
        ("מאה ושש עשרה", ["116"]),
        ("אחת שתיים ושלוש", ["1", "2", "3"]),
        ("חמישים, ארבע", ["50", "4"]),
        ("חמישים, וארבע", ["54"]),
        ("70 ושש", ["76"]),
        ("70 שש", ["70", "6"]),
        ("שלוש מאות אפס", ["300", "0"]),
    ],
)
def test_words_add_up_as_they_are_said(text: str, groups: list[str]) -> None:
    assert _first_reading(text) == [groups]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("שבע", ("", "שבע")),
        ("ושבע", ("ו", "שבע")),
        ("לאפס", ("ל", "אפס")),
        ("מאה", ("", "מאה")),
        ("בעשרים", ("ב", "עשרים")),
        ("שבוע", None),
        ("טכנאי", None),
    ],
)
def test_prefixes_are_told_from_the_word(word: str, found: tuple[str, str] | None) -> None:
    assert number_word(word, HEBREW.numbers) == found
