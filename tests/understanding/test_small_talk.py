import pytest

from calls.lead_fields import NEED
from tests.understanding.hebrew import HEBREW
from understanding.said import Said
from understanding.small_talk import is_farewell, is_no_answer, says_something


@pytest.mark.parametrize("heard", ["", "אה", "הלו? הלו?", "אממ... כן", "הלו?כן", "...", "שלום"])
def test_hums_and_greetings_are_nothing_to_summarize(heard: str) -> None:
    assert not says_something(heard, HEBREW)


@pytest.mark.parametrize("heard", ["מזגן", "שלום, דנה", "לא עכשיו"])
def test_anything_else_is(heard: str) -> None:
    assert says_something(heard, HEBREW)


@pytest.mark.parametrize(
    "text",
    [
        *("ביי", "תודה ושלום", "טוב, להתראות", "יום טוב!", "תודה רבה להתראות", "זהו תודה", "זה הכל", "יאללה ביי"),
        *("שבת שלום", "לילה טוב", "תודה, ערב טוב", "לא תודה, ביי", "שבוע טוב ובשורות טובות", "להתראות בשבוע הבא"),
        *("אוקיי מחר בעשר, תודה, ביי", "דנה לוי, יום טוב", "אני אתקשר אחר כך, ביי", "052-1234567, זה הכל, תודה"),
    ],
)
def test_a_farewell(text: str) -> None:
    assert is_farewell(text, HEBREW)


@pytest.mark.parametrize(
    "text",
    [
        *("", "תודה", "תודה רבה", "שלום", "ערב טוב", "לא תודה", "לך", "אני צריכה בייביסיטר", "ביי הבית שלי מוצף"),
        *("ביי בינתיים אבל תחזרו אליי", "תחזרו אליי מחר, ביי", "יום טוב, אני צריך מזגן", "היי יום טוב"),
        *("רגע לפני שאת אומרת ביי, כמה זה עולה", "זה הכל כלול במחיר?", "להתראות?", "תיקון מזגן, ביי"),
    ],
)
def test_no_farewell(text: str) -> None:
    """A greeting, a courtesy in the middle of a call, or a farewell with something wanted beside it."""
    assert not is_farewell(text, HEBREW)


def test_good_wishes_at_the_beginning_of_a_call_are_a_greeting() -> None:
    assert not is_farewell(Said("יום טוב", NEED), HEBREW)
    assert is_farewell(Said("יום טוב", NEED, earlier=("אני צריך מזגן",)), HEBREW)
    assert is_farewell(Said("יום טוב", NEED, known={NEED: "מזגן"}), HEBREW)
    assert is_farewell(Said("ביי", NEED), HEBREW)


@pytest.mark.parametrize(("text", "empty"), [("כן, תודה", True), ("להתראות", True), ("כן, מחר", False)])
def test_courtesies_answer_nothing(text: str, empty: bool) -> None:
    assert is_no_answer(Said(text), HEBREW) is empty
