import pytest

from tests.understanding.hebrew import HEBREW
from understanding.address_end import address_begun


@pytest.mark.parametrize("text", ["רחוב הרצל", "אני גר ברחוב ז'בוטינסקי", "שדרות בן גוריון", "הרצל חמש דירה"])
def test_a_number_is_to_come(text: str) -> None:
    assert address_begun(text.split(), HEBREW)


@pytest.mark.parametrize(
    "text", ["רחוב הרצל 5", "רחוב הרצל שבע חיפה", "דירה", "ברחוב שלנו", "ברחוב שלנו אין מים ואין גם חשמל", "חיפה"]
)
def test_what_may_be_all_of_an_address(text: str) -> None:
    assert not address_begun(text.split(), HEBREW)
