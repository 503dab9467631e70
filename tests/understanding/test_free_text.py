import pytest

from calls.lead_fields import Kind, LeadField
from tests.understanding.hebrew import HEBREW
from understanding.free_text import text_in
from understanding.said import Said

ADDRESS = LeadField("address", Kind.TEXT, question="מה הכתובת?")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("רחוב הרצל 5", "רחוב הרצל 5"),
        ("אה, רחוב הרצל 5, תודה רבה.", "רחוב הרצל 5"),
        ("זה בהרצל 5", "בהרצל 5"),
        ("לא יודעת בעל פה", ""),
        ("הכתובת היא רחוב הרצל 5", "רחוב הרצל 5"),
        ("לא יודעת", ""),
        ("אה לא יודעת בעל פה", ""),
        ("אני אבדוק ואחזור אליכם", ""),
        ("אני גרה בבני ברק", "בני ברק"),
        ("למה זה חשוב?", ""),
        ("כן", ""),
        ("רגע", ""),
    ],
)
def test_the_answer_is_kept_without_what_is_around_it(text: str, address: str) -> None:
    assert text_in(Said(text), ADDRESS, HEBREW) == address


def test_an_answer_in_two_breaths_is_one() -> None:
    said = Said("בחולון", earlier=("רגע", "רחוב הרצל 5"))
    assert text_in(said, ADDRESS, HEBREW) == "רחוב הרצל 5 בחולון"
    assert text_in(Said("תודה", earlier=("רחוב הרצל 5",)), ADDRESS, HEBREW) == ""
