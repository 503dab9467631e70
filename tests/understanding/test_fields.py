import pytest

from calls.lead_fields import LEAD_FIELDS, Kind
from understanding.fields import RULES, can_mean


def test_every_kind_of_field_can_be_read_and_proved() -> None:
    assert set(RULES) == set(Kind)
    assert {field.kind for field in LEAD_FIELDS} <= set(RULES)


@pytest.mark.parametrize(
    ("field", "value", "quote", "proved"),
    [
        ("name", "דנה", "קוראים לי דנה", True),
        ("name", "רון", "קוראים לי דנה", False),
        ("phone", "0501234567", "050-1234567", True),
        ("phone", "0501234568", "050-1234567", False),
        ("need", "תיקון מזגן", "המזגן לא עובד", True),
        ("callback_time", "מחר", "מתי שתרצו", True),
    ],
)
def test_names_and_numbers_stand_in_their_quote_and_the_rest_may_be_put_in_other_words(
    field: str, value: str, quote: str, proved: bool
) -> None:
    assert can_mean(field, value, quote) is proved
