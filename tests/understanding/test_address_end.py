import pytest

from tests.understanding.hebrew import HEBREW
from understanding.address_end import address_begun, address_goes_on
from understanding.said import OTHER, Said
from understanding.turn_end import turn_end
from understanding.turn_reading import TurnEnd


@pytest.mark.parametrize("text", ["רחוב הרצל", "אני גר ברחוב ז'בוטינסקי", "שדרות בן גוריון", "הרצל חמש דירה"])
def test_a_number_is_to_come(text: str) -> None:
    begun = address_begun(text.split(), HEBREW)
    assert begun is not None
    assert begun.end is TurnEnd.DICTATING


def test_more_than_a_name_behind_a_street_is_perhaps_what_happened_there() -> None:
    begun = address_begun(["הפנס", "ברחוב", "הרצל", "שבור"], HEBREW)
    assert begun is not None
    assert begun.end is TurnEnd.UNCERTAIN


@pytest.mark.parametrize(
    "text", ["רחוב הרצל 5", "רחוב הרצל שבע חיפה", "דירה", "ברחוב שלנו", "ברחוב שלנו אין מים ואין גם חשמל", "חיפה"]
)
def test_what_may_be_all_of_an_address(text: str) -> None:
    assert not address_begun(text.split(), HEBREW)


@pytest.mark.parametrize(
    "text", ["ביאליק עשרים", "רחוב הרצל שבע", "הרצל שבע דירה ארבע", "קיבוץ יגור", "ביאליק", "הגפן חמש קומה שנייה"]
)
def test_a_town_or_a_flat_may_follow(text: str) -> None:
    assert address_goes_on(text.split(), HEBREW)


@pytest.mark.parametrize("text", ["ביאליק עשרים רמת גן", "הרצל שבע בחולון", "שלוש", "לא הוא כבר בן עשר", "האדומה"])
def test_a_town_ends_an_address_and_another_answer_is_none(text: str) -> None:
    assert not address_goes_on(text.split(), HEBREW)


@pytest.mark.parametrize(
    ("question", "text", "end"),
    [
        ("מה הכתובת המלאה?", "הנשיא", TurnEnd.DICTATING),
        ("מה הכתובת המלאה?", "רמת גן", TurnEnd.ORDINARY),
        ("מה הכתובת המלאה?", "לא", TurnEnd.ORDINARY),
        ("מה הבעיה?", "הנשיא", TurnEnd.ORDINARY),
    ],
)
def test_the_words_of_the_question_tell_that_an_address_has_begun(question: str, text: str, end: TurnEnd) -> None:
    said = Said(text, OTHER, question=question)
    found = turn_end(said, None, HEBREW).end
    assert (found is TurnEnd.DICTATING) == (end is TurnEnd.DICTATING)
