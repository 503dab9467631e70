import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.id_numbers import identity_number


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("123456782", "123456782"),
        ("039337423", "039337423"),
        ("39337423", "039337423"),
        ("123456783", ""),
        ("1234567", ""),
        ("1234567823", ""),
        ("000000000", ""),
        ("", ""),
    ],
)
def test_the_check_digit_proves_the_number(digits: str, number: str) -> None:
    assert identity_number(digits) == number


@given(st.integers(min_value=10_000_000, max_value=99_999_999), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(first_eight: int, place: int, change: int) -> None:
    right = next(filter(None, (identity_number(f"{first_eight}{check}") for check in range(10))))
    wrong = f"{right[:place]}{(int(right[place]) + change) % 10}{right[place + 1 :]}"
    assert identity_number(wrong) == ""


def test_exactly_one_check_digit_fits() -> None:
    assert len([check for check in range(10) if identity_number(f"12345678{check}")]) == 1
