import pytest

from tests.understanding.hebrew import HEBREW
from understanding.choices import choice_in
from understanding.said import Said

HOMES = ("דירה", "בית פרטי", "בית", "משרד")


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("דירה", "דירה"),
        ("זה בדירה בקומה שלישית", "דירה"),
        ("בית פרטי", "בית פרטי"),
        ("בבית", "בית"),
        ("לא דירה, משרד", "משרד"),
        ("השני", "בית פרטי"),
        ("האפשרות הראשונה", "דירה"),
        ("דירה או משרד", ""),
        ("לא יודע", ""),
        ("דיר", ""),
        ("", ""),
    ],
)
def test_one_of_the_choices_is_taken_or_none(text: str, choice: str) -> None:
    assert choice_in(Said(text), HOMES, HEBREW) == choice
