import pytest

from media_service.core.record.spoken_number import DigitTexts, spoken_number

TEXTS = DigitTexts(tuple("0123456789"), plus="plus", star="star")


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        ("+972521234567", "0 5 2, 1 2 3, 4 5 6 7"),
        ("+97236123456", "0 3, 6 1 2, 3 4 5 6"),
        ("1700123456", "1, 7 0 0, 1 2 3, 4 5 6"),
        ("*2700", "star 2 7 0 0"),
        ("+14155550100", "plus 1 4 1, 5 5 5, 5 0 1, 0 0"),
        ("05212", "0 5 2, 1 2"),
        ("", ""),
    ],
)
def test_a_number_is_read_in_the_groups_it_is_dialled_in(number: str, spoken: str) -> None:
    assert spoken_number(number, TEXTS) == spoken
